"""One run to counts and matches, in blocks of images, stored in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa

from core import __version__, fusion
from core.errors import UsageError
from core.evaluate.painting import PaintChoice, Painting, choose_painting
from core.evaluate.subject import Subject, painted_subjects, require_unchanged, subject_of
from core.metrics import counting, matching
from core.metrics.overlap import Geometry
from core.store import rows
from core.store.connection import Store
from core.structures import ObjectTable, void_of


class Progress(Protocol):
    """What reports progress: a tqdm bar, or anything with its `total` and `update`."""

    total: float | None

    def update(self, n: float) -> object:
        """Say that `n` more images are done."""


@dataclass
class Gathered:
    """Rows of the blocks of images done so far."""

    matches: list[pa.Table] = field(default_factory=list)
    counts: list[pa.Table] = field(default_factory=list)


def evaluate_run(
    store: Store,
    name: str,
    *,
    paint: PaintChoice = PaintChoice(),  # noqa: B008 - frozen, without state
    progress: Progress | None = None,
) -> str:
    """Count and match one run's predictions, and store that in place of what was there.

    Returns:
        What was done, in one sentence.

    Raises:
        UsageError: the run is unknown or still being written, the threshold cannot be chosen, or
            the run changed meanwhile.
    """
    started = time.perf_counter()
    subject = subject_of(store, name)
    painting = choose_painting(store, subject, paint) if subject.paints else None
    if progress is not None:
        progress.total = len(subject.images)
    gathered = Gathered()
    for block in subject.blocks():
        with store.read() as cursor:
            _add_block(cursor, subject, block, painting, gathered)
        if progress is not None:
            progress.update(len(block))
    _store(store, subject, painting, gathered, time.perf_counter() - started)
    return _sentence(subject, painting, gathered)


def _add_block(
    cursor: duckdb.DuckDBPyConnection,
    subject: Subject,
    block: list[int],
    painting: Painting | None,
    gathered: Gathered,
) -> None:
    """Match and count the images of one block."""
    if subject.compares_boxes or subject.compares_masks:
        truth = rows.truth_table(cursor, subject.dataset, subject.split, block)
        predicted = rows.prediction_table(cursor, subject.run_id, block)
        if subject.compares_boxes:
            gathered.matches.append(match_table(truth, predicted, "box"))
        if subject.compares_masks:
            gathered.matches.append(match_table(truth, predicted, "mask"))
    if subject.compares_maps:
        gathered.counts.append(count_table(_count_maps(cursor, subject, block)))
    elif painting is not None:
        gathered.counts.append(count_table(_count_painted(cursor, subject, block, painting)))


def match_table(truth: ObjectTable, predicted: ObjectTable, geometry: Geometry) -> pa.Table:
    """Return the rows of the table `match` for some images, without the run."""
    matches = matching.match_objects(truth, predicted, geometry)
    return pa.table(
        {
            "image_id": predicted.images,
            "geometry": pa.array([geometry] * len(predicted), pa.string()),
            "object_index": predicted.indices,
            "class": predicted.categories,
            "score": predicted.scores,
            "area": predicted.areas,
            "rank": matches.rank,
            "hits": matches.hits,
            "ignored": matches.ignored,
            "matched": matches.matched,
            "iou": matches.iou,
            "nearest": matches.nearest,
            "nearest_iou": matches.nearest_iou,
            "kind": matches.kind,
        }
    )


def _count_maps(
    cursor: duckdb.DuckDBPyConnection, subject: Subject, block: list[int]
) -> dict[int, counting.PixelCounts]:
    """Count label maps as they were predicted, by their runs, without painting them."""
    first, last = block[0], block[-1]
    truth = dict(rows.annotation_map_blobs(cursor, subject.dataset, subject.split, first, last))
    counts = {}
    for image, blob in rows.prediction_map_blobs(cursor, subject.run_id, first, last):
        with _image_named(subject, image):
            counts[image] = counting.count_runs(truth[image], blob, subject.label_count)
    return counts


def _count_painted(
    cursor: duckdb.DuckDBPyConnection, subject: Subject, block: list[int], painting: Painting
) -> dict[int, counting.PixelCounts]:
    """Count the maps that are painted from the predicted masks."""
    counts = {}
    for image, truth, objects in painted_subjects(cursor, subject, block):
        height, width = truth.shape
        predicted = fusion.paint(
            objects,
            height,
            width,
            subject.class_count,
            threshold=painting.threshold,
            background=subject.background,
        )
        if subject.leaves_blank:
            predicted[predicted == subject.class_count] = void_of(predicted)
        counts[image] = counting.count_pixels(truth, predicted, subject.label_count)
    return counts


def count_table(counts: Mapping[int, counting.PixelCounts]) -> pa.Table:
    """Return the rows of the table `pixel_count` for some images, without the run."""
    parts = list(counts.values())
    lengths = [len(part.pixels) for part in parts]
    none = np.empty(0, np.int64)
    return pa.table(
        {
            "image_id": np.repeat(np.array(list(counts), np.int64), lengths),
            "truth": np.concatenate([none, *(part.truth for part in parts)]),
            "predicted": np.concatenate([none, *(part.predicted for part in parts)]),
            "pixels": np.concatenate([none, *(part.pixels for part in parts)]),
        }
    )


@contextmanager
def _image_named(subject: Subject, image: int) -> Iterator[None]:
    """Say in which run and image a label map cannot be counted."""
    try:
        yield
    except ValueError as error:
        raise UsageError(
            f"Run {subject.run!r}, image with key {image}: {error}. Import the run again with "
            "label maps of the data set's classes."
        ) from error


def _store(
    store: Store, subject: Subject, painting: Painting | None, gathered: Gathered, seconds: float
) -> None:
    source = "label_map" if subject.compares_maps else "painted" if painting else None
    with store.write() as cursor:
        require_unchanged(cursor, subject)
        rows.replace_evaluation(
            cursor,
            subject.run_id,
            pixel_source=source,
            paint_threshold=None if painting is None else painting.threshold,
            threshold_origin=None if painting is None else painting.origin,
            code_version=__version__,
            seconds=seconds,
            pixel_counts=gathered.counts,
            matches=gathered.matches,
        )


def _sentence(subject: Subject, painting: Painting | None, gathered: Gathered) -> str:
    geometries = [
        word
        for word, there in (("boxes", subject.compares_boxes), ("masks", subject.compares_masks))
        if there
    ]
    parts = []
    if geometries:
        predictions = sum(len(frame) for frame in gathered.matches) // len(geometries)
        parts.append(f"{predictions} predictions matched by {' and '.join(geometries)}")
    if subject.compares_maps:
        parts.append("label maps counted")
    elif painting is not None:
        parts.append(f"masks painted at score ≥ {painting.threshold:.2f} ({painting.origin})")
    done = "; ".join(parts) or "no boxes, masks or label maps to compare"
    return f"{done}, on {len(subject.images)} images"
