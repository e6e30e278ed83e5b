"""One run to counts and matches, in blocks of images, stored in one transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import pyarrow as pa

from core import __version__
from core.evaluate.maps import MapCounts, count_maps, count_painted
from core.evaluate.painting import FIXED_THRESHOLD, PaintChoice, Painting, choose_painting
from core.evaluate.segments import count_segments
from core.evaluate.subject import (
    Subject,
    painted_subjects,
    require_unchanged,
    subject_of,
    true_maps,
)
from core.metrics import matching
from core.metrics.overlap import Geometry
from core.store import rows
from core.store.connection import Store
from core.structures import ObjectTable
from core.words import counted


class Progress(Protocol):
    """What reports progress: a tqdm bar, or anything with its `total` and `update`."""

    total: float | None

    def update(self, n: float) -> object:
        """Say that `n` more images are done."""


@dataclass
class Gathered:
    """Rows of the blocks of images done so far."""

    matches: list[pa.Table] = field(default_factory=list)
    pixels: list[pa.Table] = field(default_factory=list)
    boundaries: list[pa.Table] = field(default_factory=list)
    errors: list[pa.Table] = field(default_factory=list)
    segments: list[pa.Table] = field(default_factory=list)

    def add_maps(self, counts: MapCounts) -> None:
        """Add what was counted of the maps of one block."""
        self.pixels.append(counts.pixel_table)
        self.boundaries.append(counts.boundary_table)
        self.errors.append(counts.error_table)


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
        # read and let go: counting, and compiling what counts, keeps no job waiting for the store
        with store.read() as cursor:
            stored = _read_block(cursor, subject, block, painting)
        _add_block(stored, subject, block, painting, gathered)
        if progress is not None:
            progress.update(len(block))
    _store(store, subject, painting, gathered, time.perf_counter() - started)
    return _sentence(subject, painting, gathered)


@dataclass(frozen=True)
class StoredBlock:
    """What the store holds of one block of images, as far as it is compared."""

    truth: ObjectTable | None
    predicted: ObjectTable | None
    true_maps: dict[int, bytes]
    predicted_maps: dict[int, bytes]


def _read_block(
    cursor: duckdb.DuckDBPyConnection,
    subject: Subject,
    block: list[int],
    painting: Painting | None,
) -> StoredBlock:
    matched = subject.compares_boxes or subject.compares_masks
    truth = rows.truth_table(cursor, subject.dataset, subject.split, block) if matched else None
    needs_objects = matched or painting is not None
    predicted = rows.prediction_table(cursor, subject.run_id, block) if needs_objects else None
    needs_maps = subject.compares_maps or painting is not None
    maps = true_maps(cursor, subject, block) if needs_maps else {}
    answers: dict[int, bytes] = {}
    if subject.compares_maps:
        answers = dict(rows.prediction_map_blobs(cursor, subject.run_id, block[0], block[-1]))
    return StoredBlock(truth, predicted, maps, answers)


def _add_block(
    stored: StoredBlock,
    subject: Subject,
    block: list[int],
    painting: Painting | None,
    gathered: Gathered,
) -> None:
    """Match and count the images of one block."""
    if stored.truth is not None and stored.predicted is not None:
        if subject.compares_boxes:
            gathered.matches.append(match_table(stored.truth, stored.predicted, "box"))
        if subject.compares_masks:
            gathered.matches.append(match_table(stored.truth, stored.predicted, "mask"))
    if subject.compares_maps:
        gathered.add_maps(count_maps(subject, stored.true_maps, stored.predicted_maps))
    elif painting is not None and stored.predicted is not None:
        painted = painted_subjects(subject, block, stored.true_maps, stored.predicted)
        gathered.add_maps(count_painted(subject, painted, painting))
    if subject.compares_segments and stored.truth is not None and stored.predicted is not None:
        least = FIXED_THRESHOLD if painting is None else painting.threshold
        objects = stored.truth, stored.predicted
        maps = stored.true_maps, stored.predicted_maps
        gathered.segments.append(count_segments(subject, block, objects, maps, least))


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
            pixel_counts=gathered.pixels,
            boundary_counts=gathered.boundaries,
            pixel_errors=gathered.errors,
            segment_counts=gathered.segments if subject.compares_segments else None,
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
        parts.append(f"{counted(predictions, 'prediction')} matched by {' and '.join(geometries)}")
    if subject.compares_maps:
        parts.append("label maps counted")
    elif painting is not None:
        parts.append(f"masks painted at score ≥ {painting.threshold:.2f} ({painting.origin})")
    done = "; ".join(parts) or "no boxes, masks or label maps to compare"
    return f"{done}, on {counted(len(subject.images), 'image')}"
