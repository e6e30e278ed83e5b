"""What viewer and gallery draw over a photograph, and its bytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.structures import LabelMap, Objects, void_of
from pages.ui.palette import OUTCOME_COLOURS

Classes = Sequence[tuple[int, str, str | None]]
DEFLATE_LEVEL = 2  # label maps take a third of the time of level 6, and half as much room again


@dataclass(frozen=True, eq=False)
class Layer:
    """The annotation or one run's prediction of one image.

    Attributes:
        name: what the panel is called.
        colour: "#rrggbb" of the run, or of the annotation.
        label_map: (H, W) class index of each pixel; the largest value of its dtype is void.
        objects: boxes, and masks of the image's size where there are any.
        outcomes: one of `OUTCOME_COLOURS` for each object, or None where nothing is to be said;
            empty if nothing was matched.
        ious: IoU with the matched object, in [0, 1] or None, for each object, or empty.
        notes: a few words for each object, such as the kind of error, or empty.
        missed: positions in the annotation's objects that this run did not find.
        matched: for each object the position of the annotation that it found, or -1; empty if
            nothing was matched. By it the viewer knows what is missed from a higher score on.
        error_kinds: (H, W) uint8 of `pixel_errors.joined_kinds`: 0, or 1 and the place of the kind
            of a wrong pixel; None of the annotation and where there is nothing to compare.
    """

    name: str
    colour: str
    label_map: LabelMap | None = None
    objects: Objects | None = None
    outcomes: Sequence[str | None] = ()
    ious: Sequence[float | None] = ()
    notes: Sequence[str] = ()
    missed: Sequence[int] = ()
    matched: Sequence[int] = ()
    error_kinds: LabelMap | None = None

    def __post_init__(self) -> None:
        """Check that the parts speak of the same objects, in words that are known."""
        count = 0 if self.objects is None else len(self.objects)
        for part in ("outcomes", "ious", "notes", "matched"):
            given = len(getattr(self, part))
            if given not in (0, count):
                raise ValueError(f"{self.name}: {given} {part} for {count} objects")
        unknown = sorted(
            {each for each in self.outcomes if each is not None} - set(OUTCOME_COLOURS)
        )
        if unknown:
            known = ", ".join(OUTCOME_COLOURS)
            raise ValueError(f"{self.name}: outcomes {unknown} are unknown; known are {known}")


class Parts:
    """Bytes one after the other, each known by its place."""

    def __init__(self) -> None:
        """Start with no bytes."""
        self._blobs: list[bytes] = []
        self._size = 0

    def add(self, blob: bytes | None) -> list[int] | None:
        """Append bytes and return their [offset, length]; None stays None."""
        if blob is None:
            return None
        place = [self._size, len(blob)]
        self._blobs.append(blob)
        self._size += len(blob)
        return place

    def joined(self) -> bytes:
        """Return all bytes."""
        return b"".join(self._blobs)


def class_headers(classes: Classes) -> list[dict[str, object]]:
    """Return the classes as viewer and gallery read them."""
    return [{"index": int(i), "name": name, "colour": colour} for i, name, colour in classes]


def layer_header(layer: Layer, parts: Parts) -> dict[str, object]:
    """Append the layer's label map and objects to `parts` and return where they lie."""
    return {
        "map": None if layer.label_map is None else _map_header(layer.label_map, parts),
        "kinds": None if layer.error_kinds is None else _map_header(layer.error_kinds, parts),
        "objects": None if layer.objects is None else parts.add(_packed_objects(layer)),
        "missed": [int(i) for i in layer.missed],
    }


def _map_header(label_map: LabelMap, parts: Parts) -> dict[str, object]:
    if label_map.ndim != 2 or label_map.dtype.newbyteorder("=") not in (np.uint8, np.uint16):
        raise ValueError(
            f"label map is {label_map.dtype} of shape {label_map.shape}; "
            "expected uint8 or uint16 of shape (H, W)"
        )
    little_endian = label_map.astype(label_map.dtype.newbyteorder("<"), copy=False)
    return {
        "part": parts.add(zlib.compress(little_endian.tobytes(), DEFLATE_LEVEL)),
        "bytes": label_map.dtype.itemsize,
        "height": label_map.shape[0],
        "width": label_map.shape[1],
        "void": void_of(label_map),
    }


def _packed_objects(layer: Layer) -> bytes:
    objects = layer.objects
    assert objects is not None  # noqa: S101  (the caller looked)
    masks = None if objects.masks is None else [m.counts.decode("ascii") for m in objects.masks]
    columns = {
        "classes": objects.categories.tolist(),
        "boxes": objects.boxes.tolist(),
        "areas": objects.areas.tolist(),
        "crowd": objects.crowd.tolist(),
        "scores": None if objects.scores is None else objects.scores.tolist(),
        "masks": masks,
        "outcomes": list(layer.outcomes) or None,
        "ious": [None if iou is None else float(iou) for iou in layer.ious] or None,
        "notes": list(layer.notes) or None,
        "matched": [int(i) for i in layer.matched] or None,
    }
    return zlib.compress(json.dumps(columns, allow_nan=False).encode(), DEFLATE_LEVEL)
