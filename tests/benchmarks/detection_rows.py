"""Rows of the table: average precision from files, from memory, and again after a filter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.metrics import detection, matching
from core.metrics.detection import FIGURES
from core.metrics.overlap import Geometry
from core.readers.coco import read_coco
from core.readers.tables import results_table, truth_table
from core.scoring.files import score_files, score_tables
from core.structures import ObjectTable
from tests.benchmarks.array_peers import by_torchmetrics, by_ultralytics
from tests.benchmarks.coco_scene import CLASSES, write_scene
from tests.benchmarks.peers import Indexed, Stats, coco_peers, installed
from tests.benchmarks.race import Timing, race

# (from files, from memory, after a filter) by the first word of the peer
TARGETS = {
    "pycocotools": (15.0, 150.0, 100.0),
    "faster-coco-eval": (4.0, 25.0, None),
    "hotcoco": (1.0, None, None),
}
CHOSEN = list(range(0, CLASSES, 2))
OTHER_WAY = 0.02  # an AP by another definition may be that far away


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the rows as they are measured."""
    files = write_scene(folder, images)
    dataset, _ = read_coco(files[0], folder, "bench", "val", require_images=False)
    truth, predicted = truth_table(dataset), results_table(files[1], dataset)
    print(f"{images} images, {len(truth)} objects, {len(predicted)} detections", file=sys.stderr)
    for geometry in ("box", "mask"):
        for peer, read in coco_peers().items():
            yield from _against(peer, read, geometry, files, (truth, predicted))
    yield from _against_arrays(truth, predicted)


def _against(
    peer: str,
    read: Callable[[Path, Path], Indexed],
    geometry: Geometry,
    files: tuple[Path, Path],
    tables: tuple[ObjectTable, ObjectTable],
) -> Iterator[Timing]:
    from_files, from_memory, filtered = TARGETS[peer.split()[0]]
    turns = 1 if peer.startswith("pycocotools") else 3
    yield race(
        f"{geometry} AP from files",
        lambda: score_files(*files, geometry),
        peer,
        lambda: read(*files).stats(geometry),
        agree=same_figures,
        target=from_files,
        turns=turns,
    )
    indexed = read(*files)
    yield race(
        f"{geometry} AP from memory",
        lambda: score_tables(*tables, geometry, CLASSES),
        peer,
        lambda: indexed.stats(geometry),
        agree=same_figures,
        target=from_memory,
        turns=turns,
        repeats=3,
    )
    truth, predicted = tables
    stored = detection.match_rows(predicted, matching.match_objects(truth, predicted, geometry))
    counted = detection.positives(truth, CLASSES)
    yield race(
        f"{geometry} AP after a filter by class, from stored matches",
        lambda: _of_classes(stored, counted),
        f"{peer}, anew",
        lambda: indexed.stats(geometry, categories=[each + 1 for each in CHOSEN]),
        agree=same_figures,
        target=filtered,
        turns=turns,
        repeats=3,
    )


def _against_arrays(truth: ObjectTable, predicted: ObjectTable) -> Iterator[Timing]:
    """Yield the rows of peers that read no files: boxes only, once each."""
    work = "box AP from memory"
    for backend in ("pycocotools", "faster_coco_eval"):
        if installed("torchmetrics") and installed(backend.replace("_", "-")):
            yield race(
                work,
                lambda: score_tables(truth, predicted, "box", CLASSES),
                f"{installed('torchmetrics')}, backend {backend}",
                lambda backend=backend: by_torchmetrics(truth, predicted, backend),
                agree=lambda ours, theirs: np.allclose(_listed(ours), theirs, rtol=0, atol=1e-6),
                turns=1,
                repeats=3,
                note="its figures are in single precision",
            )
    other = by_ultralytics(truth, predicted)
    yield race(
        work,
        lambda: score_tables(truth, predicted, "box", CLASSES),
        f"{installed('ultralytics')}, its own way",
        lambda: by_ultralytics(truth, predicted),
        agree=lambda ours, theirs: abs(ours["ap"] - theirs) < OTHER_WAY,
        turns=1,
        repeats=3,
        note=f"AP by its definition {100 * other:.2f}",
    )


def _of_classes(stored: detection.MatchRows, counted: NDArray[np.int64]) -> dict[str, float]:
    """Return the figures of the chosen classes."""
    kept = np.zeros_like(counted)
    kept[CHOSEN] = counted[CHOSEN]
    chosen = np.isin(stored.categories, CHOSEN)
    return detection.summarize(detection.accumulate(stored.where(chosen), kept))


def same_figures(ours: dict[str, float], theirs: Stats) -> bool:
    """Tell whether all twelve figures are the same to the last bit."""
    return _listed(ours) == theirs


def _listed(ours: dict[str, float]) -> Stats:
    return [-1.0 if np.isnan(ours[name]) else ours[name] for name in FIGURES]
