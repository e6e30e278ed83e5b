"""Rows of the table: how time and memory grow with the images, and with the runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from core.store.connection import Store
from core.store.rows import image_ids, insert_dataset, insert_predictions, insert_run
from core.structures import Annotation, Category, Dataset, ImageRecord, Prediction, Run, Source
from tests.benchmarks.map_scene import CLASSES, HEIGHT, WIDTH, smooth_pair
from tests.benchmarks.race import Timing
from tests.benchmarks.store_rows import made_up_counts, store_counts, subset_ious

ROOT = Path(__file__).resolve().parents[2]
GROWTH = (1, 4, 16)
RUNS = (2, 10)
KINDS = 25
TURNS = 5
ASKED_PART, EVALUATED_PART = 4, 20  # of the images that other parts measure, at the start

# Prints CPU seconds and peak resident memory, in MB, of an evaluation in a process of its own. Of
# that process alone: ru_maxrss begins with what its parent had when it was started.
EVALUATED = """
import json, re, sys, time
from pathlib import Path
from core.evaluate import evaluate_run
from core.store.connection import Store
before = time.process_time()
evaluate_run(Store.at(Path(sys.argv[1])), "run")
seconds = time.process_time() - before
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1000
print(json.dumps([seconds, peak]))
"""


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield for each size how long it took beside what growing linearly would have taken."""
    yield from _asked(folder, max(1, images // ASKED_PART))
    yield from _evaluated(folder, max(1, images // EVALUATED_PART))


def _asked(folder: Path, least: int) -> Iterator[Timing]:
    for runs in RUNS:
        first = None
        for times in GROWTH:
            store, images = Store.at(folder / f"{runs}-{times}.duckdb"), least * times
            counts = [made_up_counts(run, images) for run in range(runs)]
            keys = store_counts(store, counts, images)
            half = list(range(1, images + 1, 2))
            subset_ious(store, keys, half)
            seconds = median(_timed(store, keys, half) for _ in range(TURNS))
            work = f"IoU of {CLASSES} classes, {runs} runs, half of {images} images"
            yield _beside(work, seconds, first, times, f"{1000 * seconds:.0f} ms")
            first = first or seconds


def _timed(store: Store, runs: list[int], chosen: list[int]) -> float:
    before = time.process_time()
    subset_ious(store, runs, chosen)
    return time.process_time() - before


def _evaluated(folder: Path, least: int) -> Iterator[Timing]:
    first = None
    for times in GROWTH:
        store = _made_up(folder / f"evaluated-{times}.duckdb", least * times)
        command = [sys.executable, "-c", EVALUATED, str(store.path)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        seconds, peak = json.loads(ended.stdout)
        work = f"evaluating {least * times} stored label maps of {WIDTH}x{HEIGHT} pixels"
        yield _beside(work, seconds, first, times, f"peak memory {peak:.0f} MB")
        first = first or seconds


def _beside(work: str, seconds: float, first: float | None, times: int, note: str) -> Timing:
    if first is None:
        return Timing(work, "the start", seconds, note=note)
    return Timing(work, f"{times} times the start", seconds, first * times, None, 1.0, note)


def _made_up(path: Path, count: int) -> Store:
    """Store label maps and predictions of them; the same few again and again."""
    pairs = [smooth_pair(index) for index in range(KINDS)]
    records = tuple(ImageRecord(i, f"i{i}", f"i{i}.jpg", HEIGHT, WIDTH) for i in range(count))
    dataset = Dataset(
        "bench-growth",
        "val",
        tuple(Category(f"class {index}", source_id=index) for index in range(CLASSES)),
        records,
        {each.id: Annotation(each, label_map=pairs[each.id % KINDS][0]) for each in records},
        Path(),
        Source("png", "", ""),
    )
    store = Store.at(path)
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
        run = insert_run(
            cursor,
            Run("run", "bench", dataset.name, dataset.split),
            has_boxes=False,
            has_masks=False,
            has_label_maps=True,
            expected_images=count,
            status="done",
        )
        keys = image_ids(cursor, dataset.name, dataset.split)
        answers = (Prediction(each, label_map=pairs[each.id % KINDS][1]) for each in records)
        insert_predictions(cursor, run, keys, answers)
    return store
