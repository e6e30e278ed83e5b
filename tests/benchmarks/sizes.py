"""python -m tests.benchmarks.sizes STORE: how many bytes an image takes, table by table.

Tables are written as Parquet with zstd, as parts are: a small DuckDB file is mostly the rounding
of its blocks.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

OF_IMAGES = ("image", "annotation_object", "annotation_map", "annotation_pixel")
OF_RUNS = (
    "prediction_object",
    "prediction_map",
    "prediction_label",
    "prediction_image",
    "pixel_count",
    "boundary_count",
    "segment_count",
    "match",
)


def sizes(store: Path) -> Iterator[tuple[str, str, str, int, float, float]]:
    """Yield table, data set, run, images with rows, rows an image and bytes an image."""
    cursor = duckdb.connect(str(store), read_only=True)
    names = dict(cursor.execute("SELECT dataset_id, name FROM dataset").fetchall())
    runs = cursor.execute("SELECT run_id, dataset_id, name FROM run ORDER BY run_id").fetchall()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        for key, name in names.items():
            own = f"image_id IN (SELECT image_id FROM image WHERE dataset_id = {key})"
            for table in OF_IMAGES:
                yield from _measured(cursor, file, table, name, "", own)
        for run, key, name in runs:
            for table in OF_RUNS:
                yield from _measured(cursor, file, table, names[key], name, f"run_id = {run}")


def _measured(
    cursor: duckdb.DuckDBPyConnection, file: Path, table: str, dataset: str, run: str, own: str
) -> Iterator[tuple[str, str, str, int, float, float]]:
    chosen = f"FROM {table} WHERE {own}"
    ((rows, images),) = cursor.execute(
        f"SELECT count(*), count(DISTINCT image_id) {chosen}"
    ).fetchall()
    if images:
        cursor.execute(f"COPY (SELECT * {chosen}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
        yield table, dataset, run, images, rows / images, file.stat().st_size / images


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sizes", description=__doc__)
    parser.add_argument("store", type=Path, help="its file, of the newest schema")
    store = parser.parse_args().store
    if not store.is_file():
        parser.error(f"{store} is no file")
    print("| table | data set | run | images | rows an image | bytes an image |")
    print("|---|---|---|---|---|---|")
    for table, dataset, run, images, rows, size in sizes(store):
        print(f"| {table} | {dataset} | {run} | {images} | {rows:.1f} | {size:.0f} |")


if __name__ == "__main__":
    main()
