"""Answers of the store, kept as long as the store does not change.

An answer is known by its question, its parameters, the store's file and the store's version, so
a job that commits while somebody looks makes the next run of the page ask again. The version is
asked once in a run: all answers on a page are of one moment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import UsageError
from core.scoring.coverage import of_each_run
from core.store.connection import Store, store_path
from core.store.memory import remembering
from core.store.queries import catalogue
from pages.ui.paragraphs import retell

Answer = TypeVar("Answer")

_FOUND = "overlook_found_in_this_run"


def current() -> Store:
    """Return the store that this server shows: $EVALUATION_STORE or the default."""
    return Store.at(store_path(None))


def exists() -> bool:
    """Return whether anything was ever imported."""
    return current().exists()


def ask(question: Callable[..., Answer], **parameters: Any) -> Answer:  # noqa: ANN401
    """Return `question(cursor, **parameters)`, from memory if the store has not changed.

    A store that is missing, busy or broken stops the page with the sentence that says what to do.

    Args:
        question: a function of `core.store.queries` or `core.scoring`.
        parameters: hashable values; lists as tuples.
    """
    return _told(_answer, question, parameters)


def ask_each(
    question: Callable[..., Answer],
    runs: tuple[str, ...],
    **parameters: Any,  # noqa: ANN401
) -> dict[str, Answer]:
    """Return `question(cursor, run, **parameters)` of each run by its name, asked all at once.

    Args:
        question: a function of `core.scoring` that looks at one run and takes `images`.
        runs: names of runs.
        parameters: of it, as of `ask`.
    """
    of_each = update_wrapper(partial(of_each_run, question=question), question)
    return _told(_answer, of_each, {"runs": runs, **parameters})


def keep(
    make: Callable[[Callable[[], Any]], Answer],
    question: Callable[..., Any],
    **parameters: Any,  # noqa: ANN401
) -> Answer:
    """Return what is made of a question, the same object to all visitors: for answers that grow.

    Args:
        make: takes a function that asks the question, in any thread.
        question: as of `ask`.
        parameters: of it.
    """
    return _told(partial(_kept, make), question, parameters)


def refuse(error: UsageError) -> NoReturn:
    """End the page with what an error says."""
    st.error(retell(str(error)), icon=":material/warning:")
    st.stop()


def _told(
    kept: Callable[..., Answer],
    question: Callable[..., Any],
    parameters: dict[str, Any],
) -> Answer:
    store = current()
    name = f"{question.__module__}.{question.__qualname__}"
    try:
        return kept(str(store.path), _version(store), name, parameters, question)
    except UsageError as error:
        refuse(error)


def moment() -> tuple[str, str]:
    """Return path and version of the store: what is made of equal moments is equal."""
    store = current()
    return str(store.path), _version(store)


def _version(store: Store) -> str:
    """Return the store's version as this run of the page or fragment first saw it."""
    return _once(("version", store.path), store.version)


def _once(what: tuple[object, ...], find: Callable[[], Answer]) -> Answer:
    """Return what was found first in this run of the page or fragment; nobody may change it."""
    context = get_script_run_ctx(suppress_warning=True)
    # Streamlit makes a coordinator for each run, of a fragment too; the context outlives runs
    run = None if context is None else context.parallel_coordinator
    if run is None:
        return find()
    seen_by, found = getattr(context, _FOUND, (None, {}))
    if seen_by is not run:
        found = {}
        setattr(context, _FOUND, (run, found))
    if what not in found:
        found[what] = find()
    answer: Answer = found[what]
    return answer


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(
    path: str,
    version: str,  # noqa: ARG001 - part of the key
    name: str,  # noqa: ARG001 - part of the key, stands for the function
    parameters: dict[str, Any],
    _question: Callable[..., Answer],
) -> Answer:
    return _asked(Path(path), parameters, _question)


@st.cache_resource(max_entries=24, show_spinner=False)
def _kept(
    _make: Callable[[Callable[[], Any]], Answer],
    path: str,
    version: str,  # noqa: ARG001 - part of the key
    name: str,  # noqa: ARG001 - part of the key, stands for the function
    parameters: dict[str, Any],
    _question: Callable[..., Any],
) -> Answer:
    return _make(partial(_asked, Path(path), parameters, _question))


def _asked(path: Path, parameters: dict[str, Any], question: Callable[..., Answer]) -> Answer:
    """Return the answer of the store as it is now, with what was asked of the same moment."""
    store = Store.at(path)
    with store.read() as cursor, remembering(f"{path} {store.version_read(cursor)}"):
        return question(cursor, **parameters)


def datasets() -> pd.DataFrame:
    """Return a row for each split; columns as `catalogue.datasets`; no row without a store."""
    if not exists():
        return pd.DataFrame(columns=["dataset", "split"])
    return _table("splits", lambda: ask(catalogue.datasets))


def runs(dataset: str | None = None, split: str | None = None) -> pd.DataFrame:
    """Return a row for each run, oldest first; none without a store.

    Columns as `catalogue.runs`.
    """
    if not exists():
        return pd.DataFrame(columns=["run", "system", "dataset", "split", "status", "evaluated"])

    def find() -> pd.DataFrame:
        newest_first = ask(catalogue.runs, dataset=dataset, split=split)
        return newest_first.iloc[::-1].reset_index(drop=True)

    return _table("runs", find, dataset, split)


def classes(dataset: str) -> pd.DataFrame:
    """Return the classes of a data set: class, name, supercategory, source_id."""
    return _table("classes", lambda: ask(catalogue.categories, dataset=dataset), dataset)


def _table(name: str, find: Callable[[], pd.DataFrame], *asked: object) -> pd.DataFrame:
    """Return a table that half the sections of a page ask for, made once in a run of the page."""
    # a copy shares the columns until one of both is written to
    return _once((name, current().path, *asked), find).copy(deep=False)
