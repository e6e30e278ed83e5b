"""The values that flow: frozen, typed, checked once when they are made.

Conventions, here and nowhere else:

- letters: N objects, C classes, H rows, W columns, P predictions;
- boxes are (x, y, width, height) in pixels of the original image, float64, origin at the
  top left corner. Width and height are kept as the file gave them, because COCO's IoU is
  computed from them and (x + width) - x is not always width in floating point;
- a class is its index in `Dataset.categories`; readers translate the ids of their format;
- a label map holds class indices; the largest value of its dtype (255 or 65535) is void:
  pixels that nobody labelled. Painted maps of a data set without a background class use
  the index after the last category as "background";
- scores are fractions from 0 to 1, and become per cent only on screen; times are seconds;
- matrices are [truth, prediction];
- no score is NaN in Python and NULL in the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
LabelMap = NDArray[np.uint8] | NDArray[np.uint16]

BACKGROUND_NAME = "background"


@dataclass(frozen=True)
class Rle:
    """One mask in COCO's compressed run lengths (column-major), already checked.

    Attributes:
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
        counts: COCO's compressed string as ASCII bytes.
    """

    height: int
    width: int
    counts: bytes


@dataclass(frozen=True)
class Category:
    """What a class is called.

    Attributes:
        name: as the data set names it; unique in the data set.
        supercategory: the group it belongs to, or "".
        source_id: the id that files of this data set use for it.
    """

    name: str
    supercategory: str = ""
    source_id: int = 0


@dataclass(frozen=True)
class ImageRecord:
    """One image of a data set, without its pixels.

    Attributes:
        id: the integer id that files of this data set use; unique in the split.
        name: what people call it: the file name without folder and ending.
        path: relative to the images folder, with forward slashes; of an image inside an array
            file as `core.readers.array_images` writes it.
        height: rows, in pixels.
        width: columns, in pixels.
        tags: words by which images can be filtered.
    """

    id: int
    name: str
    path: str
    height: int
    width: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one image: annotations (no scores) or predictions (scores).

    Attributes:
        boxes: (N, 4) float64, x, y, width, height in pixels.
        categories: (N,) int32 class indices.
        areas: (N,) float64 square pixels as COCO uses them: the file's `area` for
            annotations; box or mask area for predictions, as pycocotools reads them.
        crowd: (N,) bool; always False for predictions.
        scores: (N,) float64 in [0, 1], or None for annotations.
        masks: N masks of the image's size, or None.
    """

    boxes: Boxes
    categories: NDArray[np.int32]
    areas: NDArray[np.float64]
    crowd: NDArray[np.bool_]
    scores: NDArray[np.float64] | None = None
    masks: tuple[Rle, ...] | None = None

    def __post_init__(self) -> None:
        """Check that all parts speak of the same number of objects."""
        count = len(self.categories)
        if self.boxes.shape != (count, 4):
            raise ValueError(f"boxes have shape {self.boxes.shape}, expected ({count}, 4)")
        for name in ("areas", "crowd", "scores", "masks"):
            part = getattr(self, name)
            if part is not None and len(part) != count:
                raise ValueError(f"{name} hold {len(part)} entries for {count} objects")

    def __len__(self) -> int:
        """Return N, the number of objects."""
        return len(self.categories)


@dataclass(frozen=True, eq=False)
class Annotation:
    """The truth about one image: the parts its data set has.

    Which classes the image shows follows from both parts (`core.store.queries.image_labels`) and
    is kept nowhere else.
    """

    image: ImageRecord
    objects: Objects | None = None
    label_map: LabelMap | None = None


@dataclass(frozen=True, eq=False)
class Prediction:
    """What one system says about one image: the parts its task has.

    Attributes:
        image: the image it speaks of.
        seconds: time the system took for this image, or None if unknown.
        objects: detected objects with scores, masks where the system has them.
        label_map: (H, W) class index of each pixel, at the image's own size.
        confidence: (ceil(H / 4), ceil(W / 4)) uint8, probability of the predicted class in 255ths,
            as `core.geometry.confidence` makes it; only with a label map.
        probabilities: (C,) float64, how probable it is that the image shows each class; of a
            system that chooses one class an image they sum to 1.
        stage_seconds: stage to the part of `seconds` that it took, in the order the stages act,
            or None of a system that does not tell.
    """

    image: ImageRecord
    seconds: float | None = None
    objects: Objects | None = None
    label_map: LabelMap | None = None
    confidence: NDArray[np.uint8] | None = None
    probabilities: NDArray[np.float64] | None = None
    stage_seconds: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False)
class ObjectTable:
    """Objects of many images as columns: what matching and accumulation work on.

    Rows are in ascending order of `images`; inside an image in the order of the file, because
    COCO breaks ties of score, and of overlap, by that order.

    Attributes:
        images: (N,) int64, any key that ascends in the order of the images' ids.
        indices: (N,) int32, position of the object in its image.
        categories: (N,) int32 class indices.
        boxes: (N, 4) float64 x, y, width, height in pixels.
        areas: (N,) float64 square pixels, see `Objects.areas`.
        crowd: (N,) bool.
        scores: (N,) float64, or None for annotations.
        masks: N compressed COCO run lengths, already checked, or None.
        heights: (N,) int32 rows of each object's image; needed to read its mask.
    """

    images: NDArray[np.int64]
    indices: NDArray[np.int32]
    categories: NDArray[np.int32]
    boxes: Boxes
    areas: NDArray[np.float64]
    crowd: NDArray[np.bool_]
    scores: NDArray[np.float64] | None
    masks: Sequence[bytes] | None
    heights: NDArray[np.int32]

    def __len__(self) -> int:
        """Return N, the number of objects."""
        return len(self.images)

    def where(self, chosen: NDArray[np.bool_]) -> ObjectTable:
        """Return the chosen rows, in their order.

        Args:
            chosen: (N,).
        """
        rows = np.flatnonzero(chosen).tolist()
        return ObjectTable(
            self.images[rows],
            self.indices[rows],
            self.categories[rows],
            self.boxes[rows],
            self.areas[rows],
            self.crowd[rows],
            None if self.scores is None else self.scores[rows],
            None if self.masks is None else [self.masks[row] for row in rows],
            self.heights[rows],
        )


@dataclass(frozen=True)
class Source:
    """Where a data set or run was read from.

    Attributes:
        format: the name given to `--format`.
        path: the file or folder, as the user wrote it.
        sha256: of the file, or of the sorted (name, sha256) list of a folder.
    """

    format: str
    path: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """One split of a data set.

    Attributes:
        name: the data set's name in the store.
        split: "train", "val", "test" or any other word.
        categories: a class is its index here.
        images: in ascending order of id, which is the order pycocotools breaks ties by.
        annotations: image id to its annotation; every image has an entry.
        images_folder: where the paths of `images` start.
        source: what was read.
        background: class index that means "nothing", or None if no category does.
        located: whether boxes say where objects are. Where they do not only the class of each
            object is known, and its box is the whole image.
    """

    name: str
    split: str
    categories: tuple[Category, ...]
    images: tuple[ImageRecord, ...]
    annotations: Mapping[int, Annotation]
    images_folder: Path
    source: Source
    background: int | None = None
    located: bool = True


@dataclass(frozen=True)
class Run:
    """One system's predictions on one split: the key of everything stored.

    Attributes:
        name: unique in the store.
        system: registry name, or what the user called the program that made them.
        dataset: name of the data set.
        split: name of the split.
        settings: all that changes the predictions, kept as JSON.
        weights: file name of the weights, or "".
        weights_sha256: of that file, or "".
        versions: package name to version, and "overlook" to the code's own.
        device: such as "cpu" or "cuda:0 NVIDIA H100", or "" if unknown.
    """

    name: str
    system: str
    dataset: str
    split: str
    settings: Mapping[str, object] = field(default_factory=dict)
    weights: str = ""
    weights_sha256: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    device: str = ""


def void_of(label_map: LabelMap) -> int:
    """Return the value that means "not labelled" in a map of this dtype: 255 or 65535."""
    return int(np.iinfo(label_map.dtype).max)


def label_dtype(class_count: int) -> type[np.uint8] | type[np.uint16]:
    """Return the smallest dtype that holds `class_count` classes, background and void."""
    if class_count > np.iinfo(np.uint16).max - 1:
        raise ValueError(f"{class_count} classes; label maps hold at most 65534")
    return np.uint8 if class_count < np.iinfo(np.uint8).max else np.uint16
