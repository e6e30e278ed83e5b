"""Failing images as cells of the gallery: photograph, annotation, runs, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.metrics.errors import Kind
from core.structures import Objects
from pages.ui.failure_choice import KINDS, MASKS, FailureChoice
from pages.ui.failure_rows import error_objects, pair_pixels, wrong_pixels
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
    predicted_objects,
    without_masks,
)
from pages.ui.language import say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.payload import GalleryItem


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
    predicted = {run["run"]: predicted_objects(run, images) for _, run in runs.iterrows()}
    by_image = dict(iter(errors.groupby("image_id")))
    colours = run_colours(search.choice.all_runs)
    cells = []
    for image in images:
        own = by_image.get(image.key, errors.iloc[:0])
        annotation = _drawn(truth.get(image.key), wanted)
        layers = [Layer(ANNOTATION, ANNOTATION_COLOUR, objects=annotation)]
        for name, key in zip(runs["run"], runs["run_id"], strict=True):
            found = _drawn(predicted[name].get(image.key), wanted)
            of_run = own[own["run_id"] == key]
            layers.append(_judged_layer(name, colours[name], found, of_run, wanted.score))
        badges = error_badges(own, list(runs["run_id"]))
        cells.append(image_cell(image, badges, layers, list=wanted.as_text()))
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


def error_badges(errors: pd.DataFrame, runs: Sequence[int]) -> list[str]:
    """Return how many errors of each kind there are, such as "3 missed".

    Of several runs one figure a run, in their order: "3 · 0 missed".

    Args:
        errors: run_id and kind of the errors of one image.
        runs: keys of the runs.
    """
    counts = errors.groupby(["kind", "run_id"]).size()
    badges = []
    # of a pair of classes right ones are meant too
    for kind in (*KINDS, Kind.HIT, Kind.IGNORED):
        figures = [int(counts.get((kind.value, run), 0)) for run in runs]
        if any(figures):
            amounts = " · ".join(map(str, figures))
            badges.append(say("{amounts} {kind}", amounts=amounts, kind=say(kind)))
    return badges


def _amounts(search: Search) -> pd.DataFrame | None:
    """Pixels of the chosen kinds or pair of classes, a row an image, a column a run."""
    if search.pair is None and not search.wanted.wrong:
        return None
    meant = wrong_pixels(search) if search.wanted.wrong else pair_pixels(search)
    wide = meant.pivot_table(index="image_id", columns="run_id", values="pixels")
    return wide.reindex(columns=list(search.run_ids)).fillna(0).astype(int)


def _pixel_badge(amounts: pd.DataFrame | None, image: StoredImage) -> list[str]:
    if amounts is None:
        return []
    return [f"{' · '.join(f'{pixels:,}' for pixels in amounts.loc[image.key])} px"]


def _drawn(objects: Objects | None, wanted: FailureChoice) -> Objects | None:
    return objects if wanted.by == MASKS else without_masks(objects)


def _judged_layer(
    name: str, colour: str, found: Objects | None, errors: pd.DataFrame, least: float
) -> Layer:
    """The predictions of at least the score; those among the errors are marked as such."""
    missed = errors.loc[errors["kind"] == Kind.MISSED.value, "object_index"].tolist()
    if found is None or found.scores is None:
        return Layer(name, colour, missed=missed)
    shown = np.flatnonzero(found.scores >= least)
    wrong = errors[errors["kind"] != Kind.MISSED.value]
    kinds: Mapping[int, str] = dict(zip(wrong["object_index"], wrong["kind"], strict=True))
    marked = [kinds.get(int(position)) for position in shown]
    return Layer(
        name,
        colour,
        objects=kept(found, shown),
        outcomes=[None if kind is None else OUTCOMES[Kind(kind)] for kind in marked],
        notes=[kind or "" for kind in marked],
        missed=missed,
    )
