"""Images with doubtful annotations as cells of the gallery, the doubt drawn as an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from core.metrics.label_errors import Suspicion
from core.structures import Objects
from pages.ui import store
from pages.ui.failure_choice import MASKS, PIXELS
from pages.ui.image_cells import image_cell
from pages.ui.image_layers import (
    ANNOTATION,
    StoredImage,
    annotated_maps,
    annotated_objects,
    kept,
    predicted_maps,
    predicted_of_runs,
    without_masks,
)
from pages.ui.language import mark, say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.payload import GalleryItem
from pages.ui.suspect_view import SuspectView

IN_DOUBT: Final = mark("annotations in doubt")
MOST_BADGES: Final = 3
# as if those that agree were one more run: what they see without an annotation, and what is
# annotated and nobody sees, is drawn as it is of any run
OUTCOMES: Final = {
    Suspicion.MISSING.value: "false positive",
    Suspicion.WRONG_CLASS.value: "wrong class",
}


def cells(view: SuspectView, images: Sequence[StoredImage]) -> list[GalleryItem]:
    """Return a cell for each image: photograph, annotation, what is in doubt, and the runs.

    Args:
        view: of the page.
        images: in the order shown.
    """
    of_image = dict(iter(view.suspects.groupby("key")))
    layers = _map_layers(view, images) if view.by == PIXELS else _object_layers(view, images)
    return [image_cell(image, badges(of_image[image.key]), layers[image.key]) for image in images]


def badges(suspects: pd.DataFrame) -> list[str]:
    """Return what is in doubt on an image in a few words each, such as "missing: vase 0.90".

    Args:
        suspects: rows of one image.
    """
    told = [
        _words(*row)
        for row in suspects[["kind", "annotated", "suggested", "confidence"]]
        .head(MOST_BADGES)
        .itertuples(index=False)
    ]
    more = len(suspects) - MOST_BADGES
    return [*told, say("{more} more", more=more)] if more > 0 else told


def _words(kind: str, annotated: str, suggested: str, confidence: float) -> str:
    change = f"{annotated} → {suggested}" if annotated and suggested else annotated or suggested
    sure = "" if np.isnan(confidence) else f" {confidence:.2f}"
    return f"{say(kind)}: {change}{sure}"


def _object_layers(view: SuspectView, images: Sequence[StoredImage]) -> dict[int, list[Layer]]:
    truth = annotated_objects(view.split, images)
    found = list(predicted_of_runs(view.runs, images).values())
    colours = run_colours(view.choice.all_runs)
    of_image = dict(iter(view.suspects.groupby("key")))
    classes = store.classes(view.choice.dataset)
    indices = dict(zip(classes["name"], classes["class"], strict=True))

    def drawn(objects: Objects | None) -> Objects | None:
        return objects if view.by == MASKS else without_masks(objects)

    layers = {}
    for image in images:
        own = [Layer(ANNOTATION, ANNOTATION_COLOUR, objects=drawn(truth.get(image.key)))]
        own.append(_doubt(of_image[image.key], indices))
        for name, predicted in zip(view.names, found, strict=True):
            objects = drawn(predicted[image.key])
            shown = np.flatnonzero(objects.scores >= view.least)
            own.append(Layer(name, colours[name], objects=kept(objects, shown)))
        layers[image.key] = own
    return layers


def _doubt(suspects: pd.DataFrame, indices: Mapping[str, int]) -> Layer:
    """Return what is in doubt as the errors of one run; boxes have the class suggested."""
    seen = suspects[suspects["suggested"] != ""]
    unseen = suspects.loc[suspects["suggested"] == "", "object_index"]
    boxes = seen[["x", "y", "width", "height"]].to_numpy(np.float64)
    columns = seen[["kind", "annotated", "suggested", "confidence"]]
    return Layer(
        say(IN_DOUBT),
        ANNOTATION_COLOUR,
        objects=Objects(
            boxes=boxes,
            categories=seen["suggested"].map(indices).to_numpy(np.int32),
            areas=boxes[:, 2] * boxes[:, 3],
            crowd=np.zeros(len(boxes), np.bool_),
        ),
        outcomes=[OUTCOMES[kind] for kind in seen["kind"]],
        notes=[_words(*row) for row in columns.itertuples(index=False)],
        missed=unseen.astype(int).tolist(),
    )


def _map_layers(view: SuspectView, images: Sequence[StoredImage]) -> dict[int, list[Layer]]:
    truth = annotated_maps(images)
    found = [predicted_maps(run, view.split, images) for _, run in view.runs.iterrows()]
    colours = run_colours(view.choice.all_runs)
    return {
        image.key: [
            Layer(ANNOTATION, ANNOTATION_COLOUR, truth.get(image.key)),
            *(
                Layer(name, colours[name], maps.get(image.key))
                for name, maps in zip(view.names, found, strict=True)
            ),
        ]
        for image in images
    }
