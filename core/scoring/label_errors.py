"""Annotations of a split that its runs contradict: a list to look at and to annotate anew."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import label_errors, label_map_errors
from core.metrics.label_errors import Suspicion
from core.metrics.overlap import Geometry
from core.scoring.agreement import honest_runs, require_objects, require_pixels, surest
from core.scoring.annotated import annotated_objects
from core.scoring.class_names import class_names
from core.scoring.transfer import oracle_of
from core.store import rows
from core.store.queries import catalogue, counts, image_view
from core.structures import ObjectTable

Cursor = duckdb.DuckDBPyConnection

COLUMNS: Final = (
    *("image", "image_id", "kind", "annotated", "suggested", "x", "y", "width", "height"),
    *("runs", "of", "confidence", "object_index"),
)
_NOTHING: Final = ""


def witnesses(cursor: Cursor, dataset: str, split: str) -> list[str]:
    """Return the names of the evaluated runs of a split that can bear witness, oldest first.

    Those that were told a part of the truth cannot; those fused from others would speak twice.

    Args:
        cursor: of `Store.read()`.
        dataset: its name.
        split: of the data set.
    """
    known = catalogue.runs(cursor, dataset, split).iloc[::-1]
    ready = known[known["evaluated"].notna()]
    return [
        str(run)
        for run, settings in zip(ready["run"], ready["settings"].astype(str), strict=True)
        if oracle_of(settings) is None and not fused(settings)
    ]


def fused(settings: str) -> bool:
    """Return whether a run was made of other runs, by its settings as JSON."""
    return "members" in json.loads(settings)


def suspect_objects(
    cursor: Cursor,
    runs: Sequence[str],
    geometry: str,
    least_runs: int,
    least: float,
    *,
    images: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Return the objects that runs contradict, see `core.metrics.label_errors`.

    Columns: `COLUMNS` and key (image_id of the store). image is the path below the images folder,
    image_id the id of the data set's files; annotated and suggested are names of classes, empty
    where there is none; the box is in pixels, of the annotation, or where it is missing of the
    surest prediction; runs is how many agree, of how many; confidence the mean of their scores,
    NaN of spurious ones; object_index that of the annotation, -1 where it is missing. Those with
    a confidence come first, the highest first; then the largest.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split, with the geometry.
        geometry: "box" or "mask".
        least_runs: how many must agree.
        least: predictions with a lower score bear no witness for an object, but may find one.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: fewer runs than must agree, or see `honest_runs`.
    """
    _require_runs(runs, least_runs)
    named, common = honest_runs(cursor, runs, images)
    require_objects(named, geometry)
    place = named.iloc[0]
    keys = common.tolist()
    truth = annotated_objects(cursor, int(place["dataset_id"]), place["split"], keys)
    found = [*rows.prediction_tables(cursor, named["run_id"].tolist(), keys).values()]
    shape = cast(Geometry, geometry)
    pooled, owners = _pooled([surest(table, least) for table in found])
    lines = [
        _line(each, truth, pooled)
        for each in label_errors.contradicted(truth, pooled, owners, shape, least_runs)
    ]
    lines += [_spurious(row, truth, len(runs)) for row in label_errors.unseen(truth, found, shape)]
    return _named(cursor, place, lines, len(runs))


def suspect_classes(
    cursor: Cursor,
    runs: Sequence[str],
    least_runs: int,
    *,
    images: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Return the classes of images that label maps contradict, from stored pairs of pixels.

    Columns as of `suspect_objects`, the box and object_index empty; see
    `core.metrics.label_map_errors`.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split that have pixel counts.
        least_runs: how many must agree.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: fewer runs than must agree, or see `honest_runs`.
    """
    _require_runs(runs, least_runs)
    named, common = honest_runs(cursor, runs, images)
    require_pixels(named)
    names, background = class_names(cursor, named.iloc[0])
    parts = [
        counts.pixel_rows(cursor, int(run), common.tolist()).assign(place=place)
        for place, run in enumerate(named["run_id"])
    ]
    lines: list[dict[str, Any]] = []
    for key, own in pd.concat(parts).groupby("image_id"):
        table = np.zeros((len(runs), len(names), len(names) + 1), np.int64)
        # without an answer is -1: the last column
        table[own["place"], own["truth"], own["predicted"]] = own["pixels"]
        found = label_map_errors.contradicted_classes(table, least_runs, background)
        lines += [{"key": key, **vars(each)} for each in found]
    return _named(cursor, named.iloc[0], lines, len(runs))


def usual_agreement(runs: int) -> int:
    """Return how many of some runs must agree where nobody says: two thirds, at least two."""
    return max(2, math.ceil(2 * runs / 3))


def as_csv(found: pd.DataFrame) -> str:
    """Return the list as CSV with one header row; boxes in pixels, empty where there is none."""
    return found[list(COLUMNS)].to_csv(index=False)


def as_json(found: pd.DataFrame) -> str:
    """Return the list as JSON, an object a line of the list; null where there is nothing."""
    there = found[list(COLUMNS)].astype(object)
    lines = there.where(there.notna(), None).to_dict("records")
    return json.dumps(lines, indent=1) + "\n"


def _require_runs(runs: Sequence[str], least_runs: int) -> None:
    if not 2 <= least_runs <= len(runs):
        raise UsageError(
            f"{least_runs} of {len(runs)} runs cannot agree; expected from 2 to as many as there "
            f"are: {', '.join(runs) or 'none'}. Predict the split with more systems, or let "
            "fewer suffice."
        )


def _pooled(tables: Sequence[ObjectTable]) -> tuple[ObjectTable, NDArray[np.int64]]:
    """Return the predictions of all runs in order of image, and the place of each one's run."""
    owners = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    order = np.argsort(np.concatenate([table.images for table in tables]), kind="stable")
    together: dict[str, Any] = {
        name: np.concatenate([getattr(table, name) for table in tables])[order]
        for name in ("images", "indices", "categories", "boxes", "areas", "crowd", "scores")
    }
    masks = [mask for table in tables for mask in table.masks or ()]
    masked = all(table.masks is not None for table in tables)
    pooled = ObjectTable(
        **together,
        masks=[masks[row] for row in order] if masked else None,
        heights=np.concatenate([table.heights for table in tables])[order],
    )
    return pooled, owners[order]


def _line(suspect: label_errors.Suspect, truth: ObjectTable, pooled: ObjectTable) -> dict[str, Any]:
    surest_member = suspect.members[0]
    missing = suspect.annotation < 0
    table, row = (pooled, surest_member) if missing else (truth, suspect.annotation)
    return {
        "key": int(table.images[row]),
        "kind": suspect.kind,
        "annotated": label_map_errors.NO_CLASS if missing else int(truth.categories[row]),
        "suggested": int(pooled.categories[surest_member]),
        "box": table.boxes[row],
        "runs": len(suspect.members),
        "confidence": suspect.confidence,
        "object_index": -1 if missing else int(truth.indices[row]),
        "area": float(table.areas[row]),
    }


def _spurious(row: int, truth: ObjectTable, runs: int) -> dict[str, Any]:
    return {
        "key": int(truth.images[row]),
        "kind": Suspicion.SPURIOUS,
        "annotated": int(truth.categories[row]),
        "suggested": label_map_errors.NO_CLASS,
        "box": truth.boxes[row],
        "runs": runs,
        "confidence": float("nan"),
        "object_index": int(truth.indices[row]),
        "area": float(truth.areas[row]),
    }


def _named(
    cursor: Cursor, place: pd.Series, lines: Sequence[dict[str, Any]], runs: int
) -> pd.DataFrame:
    """Return the lines with names for keys, the surest first."""
    columns = ["key", "kind", "annotated", "suggested", "box", "runs", "confidence"]
    frame = pd.DataFrame(lines, columns=[*columns, "object_index", "area"])
    names = dict(enumerate(class_names(cursor, place)[0]))
    images = image_view.image_records(cursor, frame["key"].unique().tolist()).set_index("image_id")
    boxes = [[np.nan] * 4 if not isinstance(box, np.ndarray) else box for box in frame["box"]]
    sides = pd.DataFrame(boxes, columns=["x", "y", "width", "height"], index=frame.index)
    whole = pd.concat([frame.drop(columns="box"), sides.astype(np.float64)], axis=1).assign(
        image=frame["key"].map(images["path"]),
        image_id=frame["key"].map(images["source_id"]),
        kind=frame["kind"].map(str),
        annotated=frame["annotated"].map(names).fillna(_NOTHING),
        suggested=frame["suggested"].map(names).fillna(_NOTHING),
        of=runs,
    )
    ordered = whole.sort_values(
        ["confidence", "area", "key"], ascending=[False, False, True], kind="stable"
    )
    return ordered[["key", *COLUMNS]].reset_index(drop=True)
