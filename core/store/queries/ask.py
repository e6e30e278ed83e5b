"""Runs the text of one question; every text also runs as it is in the DuckDB shell.

A question of one run costs as much as of twelve: opening the columns and planning take longer than
the rows of a run. So who asks the same of several runs does it `together`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.store.columns import runs_at_once
from core.store.memory import known_of, known_of_each, remembered, remembered_each, spelt

SQL_FOLDER = Path(__file__).resolve().parents[1] / "sql"
# questions of which the answer of some images is that of all images without the others' rows
BY_IMAGE = frozenset(
    (
        "annotation_areas",
        "boundary_rows",
        "image_labels",
        "match_bits",
        "match_rows",
        "pixel_error_rows",
        "pixel_rows",
        "segment_rows",
    )
)


@dataclass(frozen=True)
class _Together:
    """Runs of which the same is asked, and what is known of those asked last, by question."""

    runs: tuple[int, ...]
    at_once: int
    known: dict[str, dict[int, pd.DataFrame]] = field(default_factory=dict)

    def asked_with(self, run: int) -> tuple[int, ...]:
        """Return the runs to ask of when this one is asked of: it, and some that come after."""
        place = self.runs.index(run)
        return self.runs[place : place + self.at_once]


_together: ContextVar[_Together | None] = ContextVar("runs asked together", default=None)


@contextmanager
def together(runs: Sequence[int], images: int) -> Iterator[None]:
    """Let `ask_of_run` ask the store once for all of these runs, as many as memory allows.

    Who enters asks the same questions, of the same images, of one run after the other by one
    cursor, and leaves before that cursor closes.

    Args:
        runs: their keys, in the order in which they are asked of.
        images: number of images that are asked about.
    """
    token = _together.set(_Together(tuple(runs), runs_at_once(images)))
    try:
        yield
    finally:
        _together.reset(token)


def asked_together(run: int) -> tuple[int, ...]:
    """Return the runs that the store should be asked of when this one is asked of, it first."""
    block = _together.get()
    return (run,) if block is None or run not in block.runs else block.asked_with(run)


@cache
def sql_text(name: str) -> str:
    """Return the text of the question `name`, from `core/store/sql/<name>.sql`."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def ask(cursor: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> pd.DataFrame:
    """Return the answer to the question `name`; values travel only as parameters.

    A parameter of `images` or `runs` is a list of keys, or None for all.
    """
    text, images = sql_text(name), parameters.get("images")
    if images is not None and name in BY_IMAGE:
        of_all = known_of(text, {**parameters, "images": None})
        if of_all is not None:
            return _of_images(of_all, np.array(images, np.int64))
    return answer(cursor, text, parameters)


def ask_of_run(
    cursor: duckdb.DuckDBPyConnection, name: str, run: int, **parameters: object
) -> pd.DataFrame:
    """Return the rows of one run that the question `name` has, in their order, without run_id.

    Args:
        cursor: of `Store.read()`.
        name: of a question of $runs, of which each row has the run_id that it speaks of, and whose
            rows of one run are the same whatever other runs are asked of.
        run: key of the run.
        parameters: the other ones.
    """
    return _of_run(cursor, name, run, parameters, with_key=False)


def ask_of_runs(
    cursor: duckdb.DuckDBPyConnection, name: str, runs: Sequence[int], **parameters: object
) -> pd.DataFrame:
    """Return the answer to the question `name` of some runs; of a single one as `ask_of_run` does.

    Rows keep their run_id, and are in its order.
    """
    if len(runs) == 1:
        return _of_run(cursor, name, int(runs[0]), parameters, with_key=True)
    return ask(cursor, name, runs=list(runs), **parameters)


def _of_run(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    run: int,
    parameters: dict[str, object],
    *,
    with_key: bool,
) -> pd.DataFrame:
    block = _together.get()
    known = {} if block is None else block.known
    question = spelt((name, parameters, with_key))
    if run not in known.get(question, ()):
        asked = asked_together(run)
        known[question] = _of_each(cursor, name, asked, parameters, with_key=with_key)
    return known[question][run].copy(deep=False)


def _of_each(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    runs: Sequence[int],
    parameters: dict[str, object],
    *,
    with_key: bool,
) -> dict[int, pd.DataFrame]:
    """Return the rows of each run, those that are not remembered by one question."""
    images = parameters.get("images")
    if images is not None and name in BY_IMAGE:
        of_all = known_of_each(name, runs, ({**parameters, "images": None}, with_key))
        if len(of_all) == len(runs):
            chosen = np.array(images, np.int64)
            return {run: _of_images(rows, chosen) for run, rows in of_all.items()}

    def find(missing: list[int]) -> dict[int, pd.DataFrame]:
        found = cursor.execute(sql_text(name), {**parameters, "runs": missing}).df()
        return _by_run(found, missing, with_key=with_key)

    return remembered_each(name, runs, (parameters, with_key), find, frame_bytes)


def _of_images(rows: pd.DataFrame, images: NDArray[np.int64]) -> pd.DataFrame:
    kept = np.isin(rows["image_id"].to_numpy(), images)
    return rows.take(np.flatnonzero(kept)).reset_index(drop=True)


def _by_run(found: pd.DataFrame, runs: Sequence[int], *, with_key: bool) -> dict[int, pd.DataFrame]:
    """Return the rows of each run in their order: parts of one table, which none of them copies."""
    of = found["run_id"].to_numpy()
    if (of[1:] < of[:-1]).any():
        order = np.argsort(of, kind="stable")
        found, of = found.take(order), of[order]
    if not with_key:
        del found["run_id"]  # a quarter of the time of `drop`
    first, after = (np.searchsorted(of, runs, side=side) for side in ("left", "right"))
    return {
        run: found.iloc[start:end].reset_index(drop=True)
        for run, start, end in zip(runs, first.tolist(), after.tolist(), strict=True)
    }


def answer(
    cursor: duckdb.DuckDBPyConnection, text: str, parameters: dict[str, object]
) -> pd.DataFrame:
    """Return the answer to a question by its text, from memory where it is `remembered`."""

    def find() -> pd.DataFrame:
        return cursor.execute(text, parameters or None).df()

    # a copy shares the columns until one of both is written to
    return remembered(text, parameters, find, frame_bytes).copy(deep=False)


def frame_bytes(frame: pd.DataFrame) -> int:
    """Return about how many bytes a table takes."""
    return 2_000 + 8 * frame.size


def answer_bytes(answer: object) -> int:
    """Return about how many bytes an answer takes: arrays and tables, and what holds them."""
    if isinstance(answer, np.ndarray):
        return 100 + answer.nbytes
    if is_dataclass(answer):
        return 1_000 + sum(answer_bytes(getattr(answer, each.name)) for each in fields(answer))
    if isinstance(answer, Mapping):
        return 100 + sum(map(answer_bytes, answer.values()))
    if isinstance(answer, list | tuple):
        return 100 + sum(map(answer_bytes, answer))
    return frame_bytes(answer) if isinstance(answer, pd.DataFrame) else 100
