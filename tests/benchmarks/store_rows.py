"""Rows of the table: scores of a subset from stored counts, and storing what was matched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.metrics import matching, pixel
from core.metrics.counting import PixelCounts
from core.readers.coco import read_coco
from core.readers.tables import results_table, truth_table
from core.scoring.pixel_sums import pixel_totals
from core.store.columns import append
from core.store.connection import Store
from core.store.dataset_rows import insert_dataset
from core.store.memory import remembering
from core.store.queries.ask import together
from core.store.run_rows import insert_run, replace_evaluation
from core.structures import Annotation, Category, Dataset, ImageRecord, Run, Source
from tests.benchmarks.coco_scene import write_scene
from tests.benchmarks.map_scene import CLASSES
from tests.benchmarks.race import Timing, race

RUNS = 10
CLASSES_AN_IMAGE = 6
STORED = 20_000
NOTHING_EVALUATED = {
    "pixel_source": "label_map",
    "paint_threshold": None,
    "threshold_origin": None,
    "code_version": "bench",
    "seconds": 0.0,
}


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the rows as they are measured."""
    yield from _subset(folder, images)
    yield from _storing(folder, min(images, 400))


def _subset(folder: Path, images: int) -> Iterator[Timing]:
    store = Store.at(folder / "bench.duckdb")
    counts = [made_up_counts(run, images) for run in range(RUNS)]
    runs = store_counts(store, counts, images)
    frame = pd.concat(
        [part.to_pandas().assign(run_id=run) for run, part in zip(runs, counts, strict=True)]
    )
    lite = sqlite3.connect(":memory:")
    frame.to_sql("pixel_count", lite, index=False)
    all_images = range(1, images + 1)
    tenth, half = all_images[::10], list(all_images[::2])
    for what, chosen in (("nine tenths", sorted({*all_images} - {*tenth})), ("half", half)):
        work = f"IoU of {CLASSES} classes, {RUNS} runs, {what} of {images} images, from the store"
        yield race(
            work,
            lambda chosen=chosen: subset_ious(store, runs, chosen),
            f"pandas {pd.__version__}, rows in memory",
            lambda chosen=chosen: ious(_by_pandas(frame, chosen)),
            agree=np.array_equal,
            target=3.0,
            turns=5,
        )
        yield race(
            work,
            lambda chosen=chosen: subset_ious(store, runs, chosen),
            f"SQLite {sqlite3.sqlite_version}",
            lambda chosen=chosen: ious(_by_sqlite(lite, chosen)),
            agree=np.array_equal,
            target=3.0,
            turns=3,
        )


def made_up_counts(run: int, images: int) -> pa.Table:
    """Return the pixel counts of a run: some classes an image, partly taken for a neighbour."""
    generator = np.random.default_rng([11, run])
    truth = generator.integers(0, CLASSES, (images, CLASSES_AN_IMAGE)).repeat(2, axis=1).ravel()
    wrong = np.arange(truth.size) % 2 == 1
    predicted = np.where(wrong, (truth + generator.integers(1, 6, truth.size)) % CLASSES, truth)
    table = pd.DataFrame(
        {
            "image_id": np.repeat(np.arange(1, images + 1), 2 * CLASSES_AN_IMAGE),
            "truth": truth,
            "predicted": predicted,
            "pixels": generator.integers(1, 50_000, truth.size),
        }
    )
    merged = table.groupby(["image_id", "truth", "predicted"], as_index=False).sum()
    return pa.Table.from_pandas(merged, preserve_index=False)


def store_counts(store: Store, counts: list[pa.Table], images: int) -> list[int]:
    """Store the counts of runs on as many images; return the keys of the runs."""
    records = tuple(ImageRecord(i, f"i{i}", f"i{i}.jpg", 480, 640) for i in range(1, images + 1))
    dataset = Dataset(
        "bench",
        "val",
        tuple(Category(f"class {index}", source_id=index) for index in range(CLASSES)),
        records,
        {record.id: Annotation(record) for record in records},
        Path(),
        Source("coco", "", ""),
    )
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
        runs = []
        for index, table in enumerate(counts):
            run = insert_run(
                cursor,
                Run(f"run {index}", "bench", "bench", "val"),
                has_boxes=False,
                has_masks=False,
                has_label_maps=True,
                expected_images=images,
                status="done",
            )
            replace_evaluation(cursor, run, **NOTHING_EVALUATED, pixel_counts=[table], matches=[])
            runs.append(run)
    return runs


def subset_ious(store: Store, runs: list[int], chosen: list[int]) -> NDArray[np.float64]:
    """Return the IoU of each run and class over the chosen images, asked as a page asks."""
    moment = f"{store.path} {store.version()}"
    with store.read() as cursor, remembering(moment), together(runs, len(chosen)):
        return np.array([_iou(pixel_totals(cursor, run, chosen)) for run in runs])


def _by_pandas(frame: pd.DataFrame, chosen: list[int]) -> pd.DataFrame:
    keys = ["run_id", "truth", "predicted"]
    return frame[frame["image_id"].isin(chosen)].groupby(keys, as_index=False)["pixels"].sum()


def _by_sqlite(lite: sqlite3.Connection, chosen: list[int]) -> pd.DataFrame:
    lite.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (image_id INTEGER PRIMARY KEY)")
    lite.execute("DELETE FROM chosen")
    lite.executemany("INSERT INTO chosen VALUES (?)", [(each,) for each in chosen])
    return pd.read_sql(
        "SELECT run_id, truth, predicted, sum(pixels) AS pixels FROM pixel_count "
        "WHERE image_id IN (SELECT image_id FROM chosen) GROUP BY run_id, truth, predicted",
        lite,
    )


def ious(totals: pd.DataFrame) -> NDArray[np.float64]:
    """Return the IoU of each run and class from totals."""
    return np.array([_iou(own) for _, own in totals.groupby("run_id")])


def _iou(totals: pd.DataFrame) -> NDArray[np.float64]:
    counts = PixelCounts(*(totals[name].to_numpy() for name in ("truth", "predicted", "pixels")))
    return pixel.iou(pixel.tally(counts, CLASSES))


def _storing(folder: Path, images: int) -> Iterator[Timing]:
    annotations, results = write_scene(folder, images)
    dataset, _ = read_coco(annotations, folder, "objects", "val", require_images=False)
    truth, predicted = truth_table(dataset), results_table(results, dataset)
    matches = matching.match_objects(truth, predicted, "box")
    table = pa.table(
        {
            "run_id": np.full(len(predicted), 1, np.int32),
            "image_id": predicted.images.astype(np.int32),
            "object_index": predicted.indices,
            "class": predicted.categories,
            "score": predicted.scores,
            "area": predicted.areas,
            "rank": matches.rank,
            "hits": matches.hits,
            "ignored": matches.ignored,
            "iou": matches.iou,
        }
    ).slice(0, STORED)
    values = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    names = ", ".join(f'"{name}"' for name in table.column_names)
    marks = ", ".join("?" * table.num_columns)
    cursor = duckdb.connect()
    cursor.execute(
        "CREATE TABLE bench (run_id INTEGER, image_id INTEGER, object_index INTEGER, "
        "class INTEGER, score DOUBLE, area DOUBLE, rank INTEGER, hits UBIGINT, ignored UBIGINT, "
        "iou DOUBLE)"
    )
    yield race(
        f"storing {len(values)} matches",
        lambda: append(cursor, "bench", table),
        "executemany",
        lambda: cursor.executemany(f"INSERT INTO bench ({names}) VALUES ({marks})", values),
        agree=lambda _ours, _theirs: (
            cursor.execute("SELECT count(*) % 2 FROM (SELECT DISTINCT * FROM bench)").fetchone()
            == (len(values) % 2,)
        ),
        target=10.0,
        turns=1,
    )
