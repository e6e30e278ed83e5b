"""What the visitor looks at: data set, split, runs and class, kept in the address.

The widgets live in the sidebar, are drawn on every page, and bind to query parameters: the
choice survives page changes, reload, a sent link and the back button. Pages add their own
filters the same way: `st.slider(..., key="below", bind="query-params")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pandas as pd
import streamlit as st

from pages.ui import address
from pages.ui.language import say
from pages.ui.words import every


class Choices(Protocol):
    """Where the lists come from: the module `pages.ui.store`, or a stand-in in tests."""

    def datasets(self) -> pd.DataFrame:
        """Return the columns dataset, split (text) and runs (their number), one row a split."""

    def runs(self, dataset: str, split: str) -> pd.DataFrame:
        """Return the column run (text), one row a run of the split, oldest first."""

    def classes(self, dataset: str) -> pd.DataFrame:
        """Return the columns class (index) and name (text), in order of the index."""


@dataclass(frozen=True)
class Selection:
    """The visitor's choice.

    Attributes:
        dataset: name of the data set.
        split: name of the split.
        runs: names of the chosen runs, or of all if none was chosen, in order of the store.
        all_runs: names of all runs of the split, in order of the store (colours need it).
        class_name: the class to look at, or None for all classes.
    """

    dataset: str
    split: str
    runs: tuple[str, ...]
    all_runs: tuple[str, ...]
    class_name: str | None


def current() -> Selection | None:
    """Return the choice of this visitor, or None while the store is empty."""
    return st.session_state.get("selection")


def draw(choices: Choices) -> None:
    """Draw the widgets into the sidebar and keep the choice for `current`."""
    # asked outside the sidebar: why a store cannot be read belongs on the page
    splits = choices.datasets()
    with st.sidebar:
        st.session_state["selection"] = _chosen(choices, splits)


def _chosen(choices: Choices, splits: pd.DataFrame) -> Selection | None:
    if splits.empty:
        st.caption(say("The store is empty."))
        return None
    _write_what_is_not_asked(splits)
    dataset = _one_of(say("Data set"), "dataset", _compared_first(splits, "dataset"))
    of_dataset = splits[splits["dataset"] == dataset]
    split = _one_of(say("Split"), "split", _compared_first(of_dataset, "split"))
    all_runs = list(choices.runs(dataset, split)["run"])
    chosen = _some_of(all_runs)
    class_name = _class_name(list(choices.classes(dataset)["name"]))
    runs = tuple(run for run in all_runs if run in chosen or not chosen)
    return Selection(dataset, split, runs, tuple(all_runs), class_name)


def _compared_first(splits: pd.DataFrame, kind: str) -> list[str]:
    """Return the data sets or splits, first those with runs: a visitor without a link sees results.

    Args:
        splits: rows of `Choices.datasets`.
        kind: "dataset" or "split".
    """
    runs = splits.groupby(kind, sort=False)["runs"].sum()
    return [*runs.index[runs > 0], *runs.index[runs == 0]]


def _write_what_is_not_asked(splits: pd.DataFrame) -> None:
    """Have the address of a new visit name data set and split, the first ones where it does not.

    What comes first today may be another tomorrow, and the link is to show the same then.
    """
    if "dataset" in st.session_state:
        return
    of_dataset, written = splits, {}
    for key in ("dataset", "split"):
        options, asked = _compared_first(of_dataset, key), st.query_params.get(key)
        if asked in options:
            written[key] = asked
        else:  # the widget knows only the address that was opened
            written[key] = st.session_state[key] = options[0]
        of_dataset = of_dataset[of_dataset[key] == written[key]]
    address.write(written)


def _one_of(label: str, key: str, options: list[str]) -> str:
    """Return what is chosen; without a standard value of its own it is always in the address."""
    kept = st.session_state.get(key)
    if kept is not None and (kept not in options or key not in st.query_params):
        # what is set here is written again into an address that lost it, as after a wrong link
        st.session_state[key] = kept if kept in options else options[0]
    chosen = st.selectbox(label, options, index=None, key=key, bind="query-params", required=True)
    return options[0] if chosen is None else chosen


def _some_of(runs: list[str]) -> list[str]:
    # lists of one value fall back by themselves; here one lost run would take all with it
    kept = st.session_state.get("runs", [])
    if not set(kept) <= set(runs):
        st.session_state["runs"] = [run for run in kept if run in runs]
    return st.multiselect(
        say("Runs"),
        runs,
        key="runs",
        bind="query-params",
        placeholder=every(len(runs), "run", say("All {number:,} runs", number=len(runs))),
    )


def _class_name(names: list[str]) -> str | None:
    return st.selectbox(
        say("Class"),
        names,
        index=None,
        key="class",
        bind="query-params",
        placeholder=say("All classes"),
    )
