"""One image for the viewer: the annotation and every chosen run, judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.evaluate.maps import leave_blank
from core.metrics import joint_runs, pixel_errors
from core.metrics.errors import Kind
from core.store.queries import image_view
from core.structures import LabelMap, Objects
from pages.ui import store
from pages.ui.failure_search import GEOMETRIES, ways_of
from pages.ui.image_layers import (
    ANNOTATION,
    OUTCOMES,
    StoredImage,
    annotated_maps,
    annotated_objects,
    answers,
    background_of,
    painted_map,
    predicted_maps,
    predicted_objects,
)
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.selection import Selection


@dataclass(frozen=True, eq=False)
class Judged:
    """One run's answer to one image.

    Attributes:
        run: its row of `catalogue.runs`.
        objects: all it predicted, or None if it predicts no objects.
        matches: rows of `image_view.image_matches`, one an object; none where its objects were
            not matched by this geometry.
    """

    run: pd.Series
    objects: Objects | None
    matches: pd.DataFrame

    @property
    def is_matched(self) -> bool:
        """Return whether each object was held against the annotation."""
        return self.objects is not None and len(self.matches) == len(self.objects)


def judged(
    runs: pd.DataFrame, split: pd.Series, image: StoredImage, by: str
) -> tuple[list[Judged], list[str]]:
    """Return the answers of the runs, and the names of those that did not answer.

    Args:
        runs: rows of `catalogue.runs`.
        split: row of `catalogue.datasets`.
        image: one of its images.
        by: "boxes" or "masks".
    """
    rows = [run for _, run in runs.iterrows()]
    answered = answers(rows, [image])
    there = [run for run in rows if image.key in answered[int(run["run_id"])]]
    matches = store.ask(
        image_view.image_matches,
        runs=tuple(int(run["run_id"]) for run in there),
        images=(image.key,),
        geometry=GEOMETRIES[by],
    )
    found = []
    for run in there:
        own = matches[matches["run_id"] == run["run_id"]] if by in ways_of(split, run) else None
        rest = matches.iloc[:0] if own is None else own.reset_index(drop=True)
        found.append(Judged(run, predicted_objects(run, [image]).get(image.key), rest))
    return found, [run["run"] for run in rows if image.key not in answered[int(run["run_id"])]]


def layers(
    choice: Selection, split: pd.Series, image: StoredImage, found: list[Judged]
) -> list[Layer]:
    """Return the annotation and one layer a run, for `pack_view`."""
    truth = annotated_objects(split, [image]).get(image.key)
    maps = annotated_maps([image])
    colours = run_colours(choice.all_runs)
    annotation = Layer(ANNOTATION, ANNOTATION_COLOUR, maps.get(image.key), truth)
    return [annotation, *(_run_layer(each, colours, split, image, annotation) for each in found)]


def _run_layer(
    each: Judged,
    colours: dict[str, str],
    split: pd.Series,
    image: StoredImage,
    annotation: Layer,
) -> Layer:
    label_map = _label_map(each, split, image)
    layer = judged_layer(each, colours[str(each.run["run"])], label_map, annotation.objects)
    # a map that evaluation could not count may hold anything
    if annotation.label_map is None or label_map is None or pd.isna(each.run["pixel_source"]):
        return layer
    classes = int(split["classes"])
    if background_of(split, classes) is None:
        label_map = label_map.copy()
        leave_blank(label_map, classes)
    return replace(layer, error_kinds=wrong_pixel_kinds(annotation.label_map, label_map, classes))


def _label_map(each: Judged, split: pd.Series, image: StoredImage) -> LabelMap | None:
    """Return `predicted_maps` of an answer that is there, of the objects that are known of it."""
    given = each.run["has_label_maps"]
    if not given and each.objects is not None and each.run["pixel_source"] == "painted":
        return painted_map(each.run, split, image, each.objects)
    return predicted_maps(each.run, split, [image]).get(image.key)


def wrong_pixel_kinds(truth: LabelMap, predicted: LabelMap, classes: int) -> LabelMap:
    """Return the kind of each wrong pixel, as `Layer.error_kinds` has it.

    Args:
        truth: (H, W) annotated class indices.
        predicted: (H, W) class indices of a run.
        classes: C, the number of categories; index C is a painted background.
    """
    runs = joint_runs.of_maps(truth, predicted, classes + 1)
    return pixel_errors.joined_kinds(*pixel_errors.error_kinds(runs))


def judged_layer(
    each: Judged, colour: str, label_map: LabelMap | None, truth: Objects | None
) -> Layer:
    """Return an answer as a layer, each object with what became of it.

    Args:
        each: the answer.
        colour: "#rrggbb".
        label_map: (H, W) class indices, or None.
        truth: the annotated objects.
    """
    name = str(each.run["run"])
    if not each.is_matched or truth is None:
        return Layer(name, colour, label_map, each.objects)
    matches = each.matches
    kinds = [Kind(kind) for kind in matches["kind"]]
    hit = (matches["kind"] == Kind.HIT.value).to_numpy()
    matched = np.where(hit, matches["matched"], -1)
    iou = np.where(hit, matches["iou"], matches["nearest_iou"])
    touched = hit | (matches["nearest"] >= 0).to_numpy()
    return Layer(
        name,
        colour,
        label_map,
        each.objects,
        outcomes=[OUTCOMES[kind] for kind in kinds],
        ious=[float(value) if there else None for value, there in zip(iou, touched, strict=True)],
        notes=["" if kind is Kind.HIT else kind.value for kind in kinds],
        missed=np.setdiff1d(np.flatnonzero(~truth.crowd), matched).tolist(),
        matched=matched.tolist(),
    )
