"""Rows of the table: confusion counts of label maps, in memory and as they are stored."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from core.geometry import label_runs
from core.metrics.counting import PixelCounts, count_pixels, count_runs
from tests.benchmarks.map_scene import CLASSES, Maps, rough_pair, smooth_pair
from tests.benchmarks.peers import installed
from tests.benchmarks.race import Timing, race

PAIRS = 40
Pairs = Sequence[tuple[Maps, Maps]]


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the rows as they are measured; `PAIRS` maps stand for any number."""
    for kind, make in (("smooth", smooth_pair), ("rough", rough_pair)):
        pairs = [make(index) for index in range(min(PAIRS, images))]
        yield from _in_memory(kind, pairs)
        yield from _stored(kind, pairs)


def _in_memory(kind: str, pairs: Pairs) -> Iterator[Timing]:
    peers: dict[str, tuple[Callable[[Pairs], np.ndarray], float | None]] = {
        f"numpy {np.__version__} bincount": (_bincount, 4.0),
        f"OpenCV {cv2.__version__} histogram": (_histogram, None),
    }
    if installed("torchmetrics"):
        peers[str(installed("torchmetrics"))] = (_torchmetrics, None)
    for peer, (count, target) in peers.items():
        yield race(
            f"count {len(pairs)} pairs of {kind} label maps in memory",
            lambda: PixelCounts.sum(count_pixels(*pair, CLASSES) for pair in pairs),
            peer,
            lambda count=count: count(pairs),
            agree=_same_counts,
            target=target,
            turns=5,
        )
    yield race(
        f"count {len(pairs)} pairs of {kind} label maps in memory",
        lambda: [count_pixels(*pair, CLASSES) for pair in pairs],
        "reading both maps once",
        lambda: [int(each.sum(dtype=np.int64)) for pair in pairs for each in pair],
        agree=lambda _ours, _theirs: True,
        target=0.5,
        turns=5,
    )


def _stored(kind: str, pairs: Pairs) -> Iterator[Timing]:
    blobs = [tuple(map(label_runs.encode, pair)) for pair in pairs]
    files = [tuple(_png(each) for each in pair) for pair in pairs]
    ours = sum(len(each) for pair in blobs for each in pair)
    theirs = sum(len(_png(each, best=True)) for pair in pairs for each in pair)
    yield race(
        f"count {len(pairs)} pairs of stored {kind} label maps, decoding included",
        lambda: PixelCounts.sum(count_runs(*pair, CLASSES) for pair in blobs),
        f"PNG ({installed('opencv-python') or 'OpenCV'}) and bincount",
        lambda: _bincount([tuple(map(_from_png, pair)) for pair in files]),
        agree=_same_counts,
        target=4.0,
        turns=5,
        note=f"{ours / len(pairs) / 2000:.1f} kB a map, as optimised PNG "
        f"{theirs / len(pairs) / 2000:.1f} kB",
    )


def _bincount(pairs: Pairs) -> np.ndarray:
    total = np.zeros(CLASSES**2, np.int64)
    for truth, predicted in pairs:
        known = truth != 255
        index = truth[known].astype(np.int64) * CLASSES + predicted[known]
        total += np.bincount(index, minlength=CLASSES**2)
    return total.reshape(CLASSES, CLASSES)


def _histogram(pairs: Pairs) -> np.ndarray:
    total = np.zeros((CLASSES, CLASSES))
    for pair in pairs:
        total += cv2.calcHist(list(pair), [0, 1], None, [CLASSES] * 2, [0, CLASSES] * 2)
    return total.astype(np.int64)


def _torchmetrics(pairs: Pairs) -> np.ndarray:
    import torch
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    total = torch.zeros((CLASSES, CLASSES), dtype=torch.int64)
    for truth, predicted in pairs:
        total += multiclass_confusion_matrix(
            torch.from_numpy(predicted.astype(np.int64)),
            torch.from_numpy(truth.astype(np.int64)),
            CLASSES,
            ignore_index=255,
        )
    return total.numpy()


def _same_counts(ours: PixelCounts, theirs: np.ndarray) -> bool:
    table = np.zeros((CLASSES, CLASSES), np.int64)
    table[ours.truth, ours.predicted] = ours.pixels
    return np.array_equal(table, theirs)


def _png(label_map: Maps, *, best: bool = False) -> bytes:
    file = io.BytesIO()
    Image.fromarray(label_map).save(file, "PNG", optimize=best)
    return file.getvalue()


def _from_png(content: bytes) -> Maps:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
