"""Images on which label heads differ from what was found, as cells of the gallery."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.store.queries.image_labels import SAID_ALONE
from core.structures import Objects
from pages.ui import store
from pages.ui.failure_rows import label_differences
from pages.ui.failure_search import Search
from pages.ui.image_cells import image_cell
from pages.ui.image_layers import (
    ANNOTATION,
    StoredImage,
    annotated_maps,
    annotated_objects,
    kept,
    predicted_maps,
    predicted_objects,
)
from pages.ui.language import say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.payload import GalleryItem
from pages.ui.words import percent


def label_cells(search: Search, images: Sequence[StoredImage]) -> list[GalleryItem]:
    """Return a cell for each image, with what was found and how the label head differs from it.

    Args:
        search: by labels.
        images: in the order shown.
    """
    differences = label_differences(search, [image.key for image in images])
    layers = _layers(search, images)
    wanted = search.wanted.as_text()
    return [
        image_cell(
            image,
            label_badges(differences[differences["image_id"] == image.key], search),
            layers[image.key],
            list=wanted,
        )
        for image in images
    ]


def label_badges(differences: pd.DataFrame, search: Search) -> list[str]:
    """Return how the heads differ, such as "cat 93.1 %, not found"; of several runs with the run.

    Args:
        differences: of `label_differences`, of one image.
        search: by labels.
    """
    names = store.classes(search.choice.dataset).set_index("class")["name"]
    several = len(search.runs) > 1
    badges = []
    for row in differences.to_dict("records"):
        run = f"{search.run_names[row['run_id']]}: " * several
        found = say("not found") if row["side"] == SAID_ALONE else say("found")
        badges.append(f"{run}{names[row['class']]} {percent(row['probability'])}, {found}")
    return badges


def _layers(search: Search, images: Sequence[StoredImage]) -> dict[int, list[Layer]]:
    """Return the annotation and a layer for each run, by the key of the image."""
    split = search.split
    truth, maps = annotated_objects(split, images), annotated_maps(images)
    layers = {
        image.key: [Layer(ANNOTATION, ANNOTATION_COLOUR, maps.get(image.key), truth.get(image.key))]
        for image in images
    }
    colours = run_colours(search.choice.all_runs)
    for _, run in search.runs.iterrows():
        found, painted = predicted_objects(run, images), predicted_maps(run, split, images)
        for key, own in layers.items():
            objects = _scored(found.get(key), search.wanted.score)
            own.append(Layer(run["run"], colours[run["run"]], painted.get(key), objects))
    return layers


def _scored(objects: Objects | None, least: float) -> Objects | None:
    if objects is None or objects.scores is None:
        return None
    return kept(objects, np.flatnonzero(objects.scores >= least))
