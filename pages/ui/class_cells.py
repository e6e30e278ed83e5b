"""The chosen cell of the heat map: where its run fails on its class, as a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.ui import contents, store
from pages.ui.failure_choice import PIXELS
from pages.ui.failure_rows import worst_images
from pages.ui.failure_search import Search, search_of
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.score_failures import failures, judged_by
from pages.ui.selection import Selection
from pages.ui.words import counted, literal


def show_way(
    picked: Sequence[Mapping[str, str]], metric: str, choice: Selection, rows: pd.DataFrame
) -> None:
    """Show the link to the failures behind the chosen cell, or how to choose one.

    Args:
        picked: the cell as the chart reports it, with run and name (of the class); or none.
        metric: the score that the cells show.
        choice: of the sidebar.
        rows: of `catalogue.runs`, those that have cells.
    """
    # the chart keeps its cell when runs or data set change
    known = [cell for cell in picked if cell["run"] in set(rows["run"])]
    if not known:
        st.caption(say("Click a cell to see where that run fails on that class."))
        return
    (cell,) = known
    search = _search_of(cell, metric, choice, rows)
    images = len(worst_images(search))
    if not images:
        st.caption(
            say(
                "{run} makes no error on {subject}.",
                run=literal(cell["run"]),
                subject=literal(_subject(search)),
            )
        )
        return
    address = failures(
        choice.dataset, choice.split, [cell["run"]], search.wanted, search.choice.class_name
    )
    link_list([("Failures", _sentence(search, cell["run"], images), address)], key="cell failures")


def _search_of(
    cell: Mapping[str, str], metric: str, choice: Selection, rows: pd.DataFrame
) -> Search:
    """The failures of the run on the class; on all classes where the sidebar lacks the class."""
    names = set(store.classes(choice.dataset)["name"])
    class_name = cell["name"] if cell["name"] in names else None
    narrowed = replace(choice, runs=(cell["run"],), class_name=class_name)
    run = rows[rows["run"] == cell["run"]].reset_index(drop=True)
    return search_of(narrowed, contents.split_of(choice), run, judged_by(metric))


def _sentence(search: Search, run: str, images: int) -> str:
    amount, by = counted(images, "image"), search.wanted.by
    if by == PIXELS:
        return say(
            "{amount} with {subject}: open them, the lowest IoU of {run} first",
            amount=amount,
            subject=_subject(search),
            run=run,
        )
    return say(
        "{amount} where {run} fails on {subject} by {by}: open them, worst first",
        amount=amount,
        run=run,
        subject=_subject(search),
        by=by,
    )


def _subject(search: Search) -> str:
    class_name = search.choice.class_name
    return (
        say("all classes")
        if class_name is None
        else say("the class {class_name}", class_name=class_name)
    )
