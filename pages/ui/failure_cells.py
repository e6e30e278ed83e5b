"""Failing images as cells of the gallery: photograph, annotation, runs, what went wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.metrics.errors import Kind
from core.structures import Objects
from pages.ui.failure_choice import KINDS, MASKS, FailureChoice
from pages.ui.failure_rows import error_objects, pair_pixels, uncounted_runs, wrong_pixels
from pages.ui.failure_search import Search
from pages.ui.image_cells import image_cell
from pages.ui.image_layers import (
    ANNOTATION,
    OUTCOMES,
    StoredImage,
    annotated_maps,
    annotated_objects,
    kept,
    predicted_maps,
    predicted_of_runs,
    without_masks,
)
from pages.ui.language import say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.payload import GalleryItem

Error = tuple[str, int]  # kind, and position of the prediction or missed object in its image


def object_cells(search: Search, images: Sequence[StoredImage]) -> list[GalleryItem]:
    """Return a cell for each image, with the boxes or masks that fail marked as errors.

    Args:
        search: by boxes or masks.
        images: in the order shown.
    """
    wanted, runs = search.wanted, search.runs
    keys = tuple(image.key for image in images)
    errors = error_objects(search, keys)
    truth = annotated_objects(search.split, images)
    predicted = predicted_of_runs(runs, images)
    by_answer = _by_answer(errors)
    colours = run_colours(search.choice.all_runs)
    cells = []
    for image in images:
        own = [by_answer.get((image.key, key), []) for key in search.run_ids]
        annotation = _drawn(truth.get(image.key), wanted)
        layers = [Layer(ANNOTATION, ANNOTATION_COLOUR, objects=annotation)]
        for name, of_run in zip(runs["run"], own, strict=True):
            found = _drawn(predicted[name].get(image.key), wanted)
            layers.append(_judged_layer(name, colours[name], found, of_run, wanted.score))
        cells.append(image_cell(image, error_badges(own), layers, list=wanted.as_text()))
    return cells


def pixel_cells(
    search: Search, images: Sequence[StoredImage], ious: pd.DataFrame
) -> list[GalleryItem]:
    """Return a cell for each image, with the label maps of annotation and runs.

    Args:
        search: by pixels.
        images: in the order shown.
        ious: run_id, image_id and iou.
    """
    split, runs = search.split, search.runs
    truth = annotated_maps(images)
    predicted = {run["run"]: predicted_maps(run, split, images) for _, run in runs.iterrows()}
    scores = ious.pivot_table(index="image_id", columns="run_id", values="iou")
    amounts = _amounts(search)
    colours = run_colours(search.choice.all_runs)
    cells = []
    for image in images:
        layers = [Layer(ANNOTATION, ANNOTATION_COLOUR, truth.get(image.key))]
        layers += [
            Layer(name, colours[name], predicted[name].get(image.key)) for name in runs["run"]
        ]
        own = scores.reindex(index=[image.key], columns=list(runs["run_id"])).iloc[0]
        figures = " · ".join("–" if pd.isna(iou) else f"{100 * iou:.1f}" for iou in own)
        badges = [f"IoU {figures} %", *_pixel_badge(amounts, image)]
        cells.append(image_cell(image, badges, layers, list=search.wanted.as_text()))
    return cells


def error_badges(errors: Sequence[Sequence[Error]]) -> list[str]:
    """Return how many errors of each kind there are, such as "3 missed".

    Of several runs one figure a run, in their order: "3 · 0 missed".

    Args:
        errors: of one image, of each run.
    """
    counts = [Counter(kind for kind, _ in of_run) for of_run in errors]
    badges = []
    # of a pair of classes right ones are meant too
    for kind in (*KINDS, Kind.HIT, Kind.IGNORED):
        figures = [of_run[kind.value] for of_run in counts]
        if any(figures):
            amounts = " · ".join(map(str, figures))
            badges.append(say("{amounts} {kind}", amounts=amounts, kind=say(kind)))
    return badges


def _by_answer(errors: pd.DataFrame) -> dict[tuple[int, int], list[Error]]:
    """Errors by image_id and run_id; a page asks for a few hundred, pandas takes 1 ms for each."""
    by_answer: dict[tuple[int, int], list[Error]] = defaultdict(list)
    columns = (errors[name].tolist() for name in ("image_id", "run_id", "kind", "object_index"))
    for image, run, kind, position in zip(*columns, strict=True):
        by_answer[image, run].append((kind, position))
    return by_answer


def _amounts(search: Search) -> pd.DataFrame | None:
    """Pixels of the chosen kinds or pair of classes, a row an image, a column a run.

    Runs whose kinds were never counted have none: NA, not 0.
    """
    if search.pair is None and not search.wanted.wrong:
        return None
    meant = wrong_pixels(search) if search.wanted.wrong else pair_pixels(search)
    wide = meant.pivot_table(index="image_id", columns="run_id", values="pixels")
    amounts = wide.reindex(columns=list(search.run_ids)).fillna(0).astype("Int64")
    amounts[list(uncounted_runs(search)["run_id"])] = pd.NA
    return amounts


def _pixel_badge(amounts: pd.DataFrame | None, image: StoredImage) -> list[str]:
    if amounts is None:
        return []
    own = amounts.loc[image.key]
    return [f"{' · '.join('–' if pd.isna(pixels) else f'{pixels:,}' for pixels in own)} px"]


def _drawn(objects: Objects | None, wanted: FailureChoice) -> Objects | None:
    return objects if wanted.by == MASKS else without_masks(objects)


def _judged_layer(
    name: str, colour: str, found: Objects | None, errors: Sequence[Error], least: float
) -> Layer:
    """The predictions of at least the score; those among the errors are marked as such."""
    missed = [position for kind, position in errors if kind == Kind.MISSED.value]
    if found is None or found.scores is None:
        return Layer(name, colour, missed=missed)
    shown = np.flatnonzero(found.scores >= least)
    kinds = {position: kind for kind, position in errors if kind != Kind.MISSED.value}
    marked = [kinds.get(position) for position in shown.tolist()]
    return Layer(
        name,
        colour,
        objects=kept(found, shown),
        outcomes=[None if kind is None else OUTCOMES[Kind(kind)] for kind in marked],
        notes=[kind or "" for kind in marked],
        missed=missed,
    )
