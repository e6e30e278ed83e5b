"""The schema of the store: numbered changes, applied in order, each recorded.

A change is a file `NNNN_name.sql` in `migrations`; the largest number is the version of the
schema. All changes that a store lacks are applied in one transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.store.errors import FaultyStoreError

FOLDER = Path(__file__).parent / "migrations"
FILE_NAME = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True)
class Migration:
    """One change of the schema."""

    number: int
    path: Path


def migrations() -> tuple[Migration, ...]:
    """Return all changes in order.

    Raises:
        ValueError: the numbers do not run 1, 2, 3, …
    """
    named = ((FILE_NAME.fullmatch(path.name), path) for path in sorted(FOLDER.glob("*.sql")))
    found = tuple(Migration(int(name[1]), path) for name, path in named if name)
    numbers = [migration.number for migration in found]
    if numbers != list(range(1, len(found) + 1)):
        raise ValueError(f"{FOLDER}: migrations are numbered {numbers}, expected 1, 2, 3, …")
    return found


def newest() -> int:
    """Return the version of the schema that this program works with."""
    return migrations()[-1].number


def version(cursor: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the version of a store's schema.

    Raises:
        FaultyStoreError: the file is a DuckDB database, but not a store of Overlook, or it was
            written by a newer Overlook.
    """
    try:
        ((found,),) = cursor.execute("SELECT max(number) FROM migration, store_state").fetchall()
    except duckdb.CatalogException:
        found = None
    if found is None:
        raise FaultyStoreError(
            f"{path} is a DuckDB database, but not a store of Overlook: it does not hold the "
            "tables that every store has. Name another file with --store or EVALUATION_STORE."
        )
    if found > newest():
        raise FaultyStoreError(
            f"{path} has schema version {found}, and this Overlook knows versions up to "
            f"{newest()}: a newer Overlook wrote it. Update this one, or name another store with "
            "--store or EVALUATION_STORE."
        )
    return int(found)


def require_newest(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse to read a store whose schema is not this program's.

    Raises:
        FaultyStoreError: the schema is older or newer, or the file is not a store.
    """
    found = version(cursor, path)
    if found < newest():
        raise FaultyStoreError(
            f"{path} has schema version {found}, and this Overlook reads version {newest()}. Run "
            "`python -m core check` once: it brings the store up to date and keeps a copy of the "
            "old one beside it."
        )


def apply(cursor: duckdb.DuckDBPyConnection, applied: int) -> None:
    """Apply the changes after number `applied`, in the transaction that is open."""
    for migration in migrations()[applied:]:
        cursor.execute(migration.path.read_text(encoding="utf-8"))
        cursor.execute(
            "INSERT INTO migration (number, name) VALUES (?, ?)",
            [migration.number, migration.path.name],
        )
