"""Rows of the table: what one machine answers from counts in Parquet, sharded by run and images.

`python -m core bench scale --images 1000000` makes up the counts of ten runs on a million images.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.metrics import pixel
from core.metrics.counting import PixelCounts
from tests.benchmarks.race import Timing, race

RUNS, CLASSES = 10, 20
# as real runs have them: about ten pairs of classes an image, half of them mistaken
CLASSES_AN_IMAGE = 5
SHARD_IMAGES = 100_000
CHOSEN = 100  # every so manieth image is asked for
TURNS = 3

# hash gives the same numbers wherever it runs
MADE_UP = """
COPY (
    SELECT CAST(image AS INTEGER) AS image_id,
           CAST((hash(image) + 3 * place) % $classes AS UTINYINT) AS truth,
           CAST((hash(image) + 3 * place + wrong * (1 + hash(image, place) % 4)) % $classes
                AS UTINYINT) AS predicted,
           CAST(1 + hash(image, place, wrong) % 50000 AS INTEGER) AS pixels
    FROM range($first, $last) AS images(image), range($shown) AS places(place),
         range(2) AS kinds(wrong)
    ORDER BY image_id, truth, predicted
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""
ALL = """
SELECT run, truth, predicted, CAST(sum(pixels) AS BIGINT) AS pixels
FROM read_parquet($files, hive_partitioning = true) GROUP BY ALL ORDER BY ALL
"""
SOME = ALL.replace("GROUP BY", "WHERE image_id % $chosen = 0 GROUP BY")


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield how long questions take, of all runs and images, of some, and of totals of shards."""
    home, cursor = folder / "counts", duckdb.connect()
    size = _make_up(cursor, home, images)
    counts = 2 * CLASSES_AN_IMAGE * RUNS * images
    everything = str(home / "run=*" / "*.parquet")
    note = f"{counts / 1e6:.0f} million counts, {size / counts:.1f} bytes each"
    work = f"IoU of {CLASSES} classes, {RUNS} runs, {images} images in Parquet"
    yield _asked(work, cursor, ALL, {"files": everything}, note)
    chosen = {"files": everything, "chosen": CHOSEN}
    yield _asked(f"{work}, every {CHOSEN}th image", cursor, SOME, chosen, note)
    totals = str(folder / "totals.parquet")
    cursor.execute(
        f"COPY (SELECT run, image_id // {SHARD_IMAGES} AS shard, truth, predicted, "
        "CAST(sum(pixels) AS BIGINT) AS pixels FROM read_parquet($files, hive_partitioning = true) "
        f"GROUP BY ALL) TO '{totals}' (FORMAT parquet)",
        {"files": everything},
    )
    yield _asked(f"{work}, from the totals of shards", cursor, ALL, {"files": totals}, "")
    one = str(home / "run=0" / "*.parquet")
    yield race(
        f"IoU of {CLASSES} classes, one run, {images} images in Parquet",
        lambda: _ious(cursor, ALL, {"files": one}),
        "PyArrow and bincount",
        lambda: _by_numpy(home / "run=0"),
        agree=np.array_equal,
    )


def _make_up(cursor: duckdb.DuckDBPyConnection, home: Path, images: int) -> int:
    """Write counts, a file a run and range of images; return the bytes of all.

    Runs are copies of the first, which costs a reader as much and the writer less.
    """
    first = home / "run=0"
    first.mkdir(parents=True)
    values = {"classes": CLASSES, "shown": CLASSES_AN_IMAGE}
    for start in range(0, images, SHARD_IMAGES):
        places = {"first": start, "last": min(start + SHARD_IMAGES, images)}
        cursor.execute(MADE_UP.format(file=first / f"{start:010d}.parquet"), values | places)
    for run in range(1, RUNS):
        shutil.copytree(first, home / f"run={run}")
    return sum(file.stat().st_size for file in home.rglob("*.parquet"))


def _asked(
    work: str,
    cursor: duckdb.DuckDBPyConnection,
    question: str,
    values: dict[str, object],
    note: str,
) -> Timing:
    """Ask some times; the CPU seconds of all threads count, and the note has those of the clock."""
    _ious(cursor, question, values)
    cpu, wall = [], []
    for _ in range(TURNS):
        began, started = time.process_time(), time.perf_counter()
        _ious(cursor, question, values)
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - started)
    clock = f"{median(wall):.3g} s by the clock"
    return Timing(work, "", median(cpu), note=f"{clock}; {note}" if note else clock)


def _ious(
    cursor: duckdb.DuckDBPyConnection, question: str, values: dict[str, object]
) -> NDArray[np.float64]:
    """Return the IoU of each run and class, (R, C)."""
    totals = cursor.execute(question, values).df()
    return np.array(
        [
            _iou(*(own[name].to_numpy(np.int64) for name in ("truth", "predicted", "pixels")))
            for _, own in totals.groupby("run")
        ]
    )


def _by_numpy(folder: Path) -> NDArray[np.float64]:
    """Return the IoU of each class of the one run in a folder, (1, C), without a database."""
    table = pq.read_table(folder, columns=["truth", "predicted", "pixels"], partitioning=None)
    cells = table["truth"].to_numpy().astype(np.int64) * CLASSES + table["predicted"].to_numpy()
    matrix = np.bincount(cells, table["pixels"].to_numpy(), CLASSES**2).reshape(CLASSES, CLASSES)
    hit = np.diag(matrix)
    return (hit / (matrix.sum(axis=0) + matrix.sum(axis=1) - hit))[np.newaxis]


def _iou(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], pixels: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.asarray(pixel.iou(pixel.tally(PixelCounts(truth, predicted, pixels), CLASSES)))
