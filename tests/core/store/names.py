"""The least that can be written and read: names of data sets."""

from __future__ import annotations

from core.store.connection import Store


def add(store: Store, *names: str) -> None:
    with store.write() as cursor:
        for name in names:
            cursor.execute("INSERT INTO dataset (name) VALUES (?)", [name])


def names(store: Store) -> list[str]:
    with store.read() as cursor:
        rows = cursor.execute("SELECT name FROM dataset ORDER BY name").fetchall()
    return [name for (name,) in rows]
