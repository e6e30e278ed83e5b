"""The keys by which the store knows data sets and images."""

from __future__ import annotations

import duckdb

from core.errors import UsageError

LONGEST_NAME = 200


def check_name(what: str, name: str) -> None:
    """Refuse a name that people could not see or type.

    Args:
        what: what it names, such as "run".
        name: as the user gave it.

    Raises:
        UsageError: it is empty, too long, begins or ends with a space, or holds control characters.
    """
    if name.strip() == name and name.isprintable() and 0 < len(name) <= LONGEST_NAME:
        return
    raise UsageError(
        f"The name {name!r} cannot be given to a {what}: expected 1 to {LONGEST_NAME} visible "
        "characters, without spaces at its ends. Choose another name."
    )


def dataset_key(cursor: duckdb.DuckDBPyConnection, dataset: int | str) -> int:
    """Return the dataset_id of a data set that is given by its key or its name.

    Raises:
        UsageError: the store does not have a data set of that name.
    """
    if isinstance(dataset, int):
        return dataset
    known = dict(cursor.execute("SELECT name, dataset_id FROM dataset ORDER BY name").fetchall())
    if dataset not in known:
        there = ", ".join(known) or "none"
        raise UsageError(
            f"There is no data set named {dataset!r} in the store. Data sets there: {there}. "
            "Choose one of them, or import it with `python -m core import`."
        )
    return int(known[dataset])


def split_key(cursor: duckdb.DuckDBPyConnection, dataset: int | str, split: str) -> tuple[int, str]:
    """Return the key of a split: dataset_id and its name.

    Raises:
        UsageError: the store does not have the data set or the split.
    """
    key = dataset_key(cursor, dataset)
    rows = cursor.execute(
        "SELECT split FROM split WHERE dataset_id = ? ORDER BY split", [key]
    ).fetchall()
    known = [name for (name,) in rows]
    if split not in known:
        raise UsageError(
            f"The data set {dataset!r} has no split {split!r} in the store. Splits there: "
            f"{', '.join(known) or 'none'}. Choose one of them, or import it with "
            "`python -m core import`."
        )
    return key, split


def refuse_known_run(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Refuse a name that a run of the store has already.

    Raises:
        UsageError: saying what to do.
    """
    if cursor.execute("SELECT 1 FROM run WHERE name = ?", [name]).fetchall():
        raise UsageError(
            f"The store already has a run named {name!r}. Choose another name, or remove that one "
            f"first: python -m core remove {name}"
        )


def image_ids(cursor: duckdb.DuckDBPyConnection, dataset: int | str, split: str) -> dict[int, int]:
    """Return the keys of a split's images: id in files to image_id, both ascending.

    Args:
        cursor: a cursor of the store.
        dataset: dataset_id or name.
        split: name of the split.

    Raises:
        UsageError: the store does not have the split.
    """
    rows = cursor.execute(
        "SELECT source_id, image_id FROM image WHERE dataset_id = ? AND split = ? "
        "ORDER BY source_id",
        split_key(cursor, dataset, split),
    ).fetchall()
    return dict(rows)
