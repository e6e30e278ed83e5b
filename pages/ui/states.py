"""What pages say where something is missing: what it is, and the command that brings it."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.charts.layout import rows_height
from pages.ui import demo_panel, selection, store
from pages.ui.language import mark, say
from pages.ui.words import counted, literal

MOST_UNSCROLLED = 20
SCROLLING = 460  # height of a longer chart, pixels
FIRST_STEPS = (
    (
        mark("1 · Read a data set"),
        "python -m core import my-data --format coco --annotations instances.json "
        "--images photographs --split val",
    ),
    (
        mark("2 · Read what a system predicted on it"),
        "python -m core import-run my-run --dataset my-data --split val "
        "--format coco-results detections.json",
    ),
    (mark("3 · Count and match the predictions"), "python -m core evaluate"),
)


def first_steps() -> None:
    """Show the commands that fill an empty store: with one's own data, or with the demo."""
    st.info(
        say(
            "The store is empty. Three commands fill it with your data; a button "
            "fills it with the embedded demo."
        ),
        icon=":material/inbox:",
    )
    if not demo_panel.show():
        st.markdown(say("**Look around first**"))
        demo_panel.offer("demo")
    st.markdown(say("**Or begin with your own data**"))
    for title, command in FIRST_STEPS:
        st.caption(say(title))
        st.code(command, language="bash", wrap_lines=True)
    st.caption(
        say(
            "Then reload this page. Each command explains its options with `--help`. Small data "
            "comes in without a terminal, on the page Import data."
        )
    )


def chosen() -> selection.Selection:
    """Return the visitor's choice; an empty store ends the page with the first steps."""
    choice = selection.current()
    if choice is None:
        first_steps()
        st.stop()
    return choice


def chosen_runs() -> tuple[selection.Selection, pd.DataFrame]:
    """Return the choice and the rows of its evaluated runs, in the order of the choice.

    Without any the page ends with the command that makes some. Runs that are not evaluated are
    named.
    """
    choice = chosen()
    rows = store.runs(choice.dataset, choice.split)
    if rows.empty:
        no_runs(choice)
    rows = rows.set_index("run", drop=False).loc[list(choice.runs)].reset_index(drop=True)
    ready = rows[rows["evaluated"].notna()].reset_index(drop=True)
    name_unevaluated(list(rows.loc[rows["evaluated"].isna(), "run"]))
    if ready.empty:
        st.stop()
    return choice, ready


def no_runs(choice: selection.Selection) -> NoReturn:
    """End the page: no system has answered the split yet."""
    st.info(
        say(
            "No system has answered {dataset}, split {split}, yet. Read a file of predictions:",
            dataset=literal(choice.dataset),
            split=literal(choice.split),
        ),
        icon=":material/inbox:",
    )
    st.code(read_detections(choice), language="bash")
    st.stop()


def read_detections(choice: selection.Selection) -> str:
    """Return the commands that bring a file of detections on the chosen split."""
    return (
        f"python -m core import-run my-run --dataset {quote(choice.dataset)} "
        f"--split {quote(choice.split)} "
        "--format coco-results detections.json\npython -m core evaluate my-run"
    )


def name_unevaluated(names: Sequence[str]) -> None:
    """Name the runs that have no scores yet, if there are any, and what gives them some."""
    if names:
        st.warning(
            say(
                "{runs} without scores yet: {names}. This counts and matches the predictions:",
                runs=counted(len(names), "run"),
                names=literal(", ".join(names)),
            ),
            icon=":material/hourglass_empty:",
        )
        st.code(f"python -m core evaluate {' '.join(map(quote, names))}", language="bash")


def nothing_scored(names: Sequence[str]) -> NoReturn:
    """End the page: the runs are evaluated, but nothing in them can be scored."""
    st.info(
        say(
            "Nothing in {names} can be scored: the data set and the runs have "
            "neither label maps nor boxes nor masks in common.",
            names=literal(", ".join(names)),
        ),
        icon=":material/search_off:",
    )
    st.stop()


def chart_room(rows: int, more: int) -> int:
    """Return about how high a chart with a line a row is in its container, with more around it."""
    return more + (SCROLLING if rows > MOST_UNSCROLLED else rows_height(rows))


def scrolling(rows: int) -> int | str:
    """Return the height of a container around a chart with a line a row: long ones scroll."""
    return SCROLLING if rows > MOST_UNSCROLLED else "content"
