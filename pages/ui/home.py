"""The content of the start page: what the store holds, how fresh it is, where to look first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import demo_panel, findings, notebook, run_state, states, store
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import ago

MOST_RUNS = 8


def home() -> None:
    """Say what the store holds and where to look first, or how to fill it."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"
    ):
        with st.container(width="stretch"):
            st.title("Overlook")
            st.caption(say("See what your vision models overlook."))
        splits, runs = store.datasets(), store.runs()
        if not splits.empty:
            demo_panel.menu(splits)
    states.chosen()
    demo_panel.show()
    _figures(splits, runs)
    if runs.empty:
        states.no_runs(states.chosen())
    st.header(say("Where to look first"))
    with st.spinner(say("Scoring the runs …"), show_time=True):
        found = findings.findings(runs)
    link_list([(f.kind, f.sentence, link(f.page, **f.chosen)) for f in found], key="findings")
    notebook.saved_views()
    st.header(say("What the store holds"))
    _splits(splits)
    _runs(runs)


def _figures(splits: pd.DataFrame, runs: pd.DataFrame) -> None:
    evaluated = int(runs["evaluated"].notna().sum())
    newest = max([*splits["imported"], *runs["created"], *runs["evaluated"].dropna()])
    figures = {
        say("Data sets"): splits["dataset"].nunique(),
        say("Splits"): len(splits),
        say("Images"): f"{splits['images'].sum():,}",
        say("Runs"): len(runs),
        say("Evaluated"): say("{evaluated} of {runs}", evaluated=evaluated, runs=len(runs)),
        say("Last change"): ago(newest),
    }
    with st.container(horizontal=True, gap="medium"):
        for title, figure in figures.items():
            st.metric(title, figure, width="content")


def _splits(splits: pd.DataFrame) -> None:
    """Show every split, the newest first."""
    st.markdown(say("**Data sets**"))
    splits = splits.sort_values("imported", ascending=False, kind="stable")
    draw_table(
        pd.DataFrame(
            {
                "data set": splits["dataset"] + " · " + splits["split"],
                "images": splits["images"],
                "classes": splits["classes"],
                "runs": splits["runs"],
                "imported": [ago(moment) for moment in splits["imported"]],
            }
        ),
        hide_index=True,
        alt=say("Data sets in the store"),
    )


def _runs(runs: pd.DataFrame) -> None:
    newest = runs.iloc[::-1].head(MOST_RUNS)
    more = len(runs) - len(newest)
    st.markdown(
        say("**Runs**, the newest; {more:,} more on the page Runs", more=more)
        if more
        else say("**Runs**")
    )
    draw_table(
        pd.DataFrame(
            {
                "run": newest["run"],
                "data set": newest["dataset"] + " · " + newest["split"],
                "images": newest["images"],
                "state": [
                    say(run_state.WORDS[run_state.state(run)]) for _, run in newest.iterrows()
                ],
                "evaluated": [ago(moment) for moment in newest["evaluated"]],
            }
        ),
        hide_index=True,
        alt=say("Newest runs"),
    )
