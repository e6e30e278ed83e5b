"""What the annotation and each run say of a few images, out of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from core import fusion
from core.geometry import label_runs
from core.report.cases import LEAST_SCORE, PIXELS, Telling
from core.store.columns import objects_of
from core.store.predictions import load_predictions
from core.store.queries import image_view
from core.store.rows import truth_table
from core.structures import ImageRecord, LabelMap, Objects, Prediction


@dataclass(frozen=True, eq=False)
class Answer:
    """What one side says of an image, to be painted.

    Attributes:
        name: of the run, or "annotation".
        objects: to draw, or None.
        label_map: (H, W) to tint with, or None.
    """

    name: str
    objects: Objects | None
    label_map: LabelMap | None


@dataclass(frozen=True, eq=False)
class Case:
    """One image with what was annotated and predicted.

    Attributes:
        telling: why it was chosen.
        image: without its pixels.
        file: where the photograph should be.
        answers: the annotation first, then each run.
    """

    telling: Telling
    image: ImageRecord
    file: Path
    answers: tuple[Answer, ...]


def cases_of(
    cursor: duckdb.DuckDBPyConnection,
    runs: pd.DataFrame,
    split: pd.Series,
    way: str,
    chosen: Sequence[Telling],
) -> list[Case]:
    """Return the chosen images with all that is painted on them.

    Args:
        cursor: of `Store.read()`.
        runs: rows of `catalogue.runs`.
        split: row of `catalogue.datasets`.
        way: of `cases.way_of`: label maps are shown where pixels are judged, else objects.
        chosen: the images.
    """
    records = image_view.image_records(cursor, [each.image for each in chosen])
    found: list[Any] = list(records.itertuples(index=False))
    rows = {int(row.image_id): row for row in found}
    images = {key: _record(row) for key, row in rows.items()}
    truth = _annotations(cursor, split, way, images)
    predicted = {
        str(run.run): _predictions(cursor, run, split, way, images)
        for run in runs.itertuples(index=False)
    }
    return [
        Case(
            each,
            images[each.image],
            Path(rows[each.image].images_folder, rows[each.image].path),
            (truth[each.image], *(answers[each.image] for answers in predicted.values())),
        )
        for each in chosen
    ]


def _record(row: Any) -> ImageRecord:  # noqa: ANN401 - a row of `image_view.image_records`
    return ImageRecord(row.source_id, row.name, row.path, row.height, row.width)


def _annotations(
    cursor: duckdb.DuckDBPyConnection,
    split: pd.Series,
    way: str,
    images: dict[int, ImageRecord],
) -> dict[int, Answer]:
    keys = sorted(images)
    if way == PIXELS:
        maps = image_view.annotation_maps(cursor, keys)
        blobs = dict(zip(maps["image_id"].tolist(), maps["label_map"], strict=True))
        return {
            key: Answer(
                "annotation",
                None,
                label_runs.decode(bytes(blobs[key]), image.height, image.width),
            )
            for key, image in images.items()
        }
    table = truth_table(cursor, int(split["dataset_id"]), str(split["split"]), keys)
    answers = {}
    for key, image in images.items():
        start, stop = np.searchsorted(table.images, [key, key + 1]).tolist()
        objects = objects_of(table, slice(start, stop), image.height, image.width)
        answers[key] = Answer("annotation", objects, None)
    return answers


def _predictions(
    cursor: duckdb.DuckDBPyConnection,
    run: Any,  # noqa: ANN401 - a row of `catalogue.runs`
    split: pd.Series,
    way: str,
    images: dict[int, ImageRecord],
) -> dict[int, Answer]:
    found = load_predictions(cursor, int(run.run_id), images)
    return {key: _answer(each, run, split, way) for key, each in found.items()}


def _answer(each: Prediction, run: Any, split: pd.Series, way: str) -> Answer:  # noqa: ANN401
    if way != PIXELS:
        return Answer(str(run.run), None if each.objects is None else _sure(each.objects), None)
    label_map = each.label_map
    if label_map is None and each.objects is not None:
        label_map = fusion.paint(
            each.objects,
            each.image.height,
            each.image.width,
            int(split["classes"]),
            threshold=float(run.paint_threshold),
            background=None if pd.isna(split["background"]) else int(split["background"]),
        )
    return Answer(str(run.run), None, label_map)


def _sure(objects: Objects) -> Objects:
    """Return the predictions that count as made, the surest last, so that it is painted on top."""
    scores = np.zeros(len(objects)) if objects.scores is None else objects.scores
    order = np.argsort(scores, kind="stable")
    kept = order[scores[order] >= LEAST_SCORE]
    return Objects(
        boxes=objects.boxes[kept],
        categories=objects.categories[kept],
        areas=objects.areas[kept],
        crowd=objects.crowd[kept],
        scores=scores[kept],
        masks=None if objects.masks is None else tuple(objects.masks[i] for i in kept),
    )
