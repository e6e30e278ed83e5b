"""A comparison to take along: the same file as `python -m core report` writes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.report import gather, html_report
from core.scoring import Choice
from core.store.connection import Store
from pages.ui import image_filter, store
from pages.ui.language import say
from pages.ui.selection import Selection


def report_button(
    choice: Selection, runs: Sequence[str], images: Sequence[int] | None, how: Choice
) -> None:
    """Offer the runs' comparison as one HTML file; it is made when it is asked for.

    Args:
        choice: of the sidebar.
        runs: names of the runs.
        images: on which they are compared, or None for all.
        how: they are scored.
    """
    st.download_button(
        say("Report as HTML"),
        partial(
            made_report,
            store.current(),
            tuple(runs),
            images,
            how,
            image_filter.wanted().words(),
        ),
        file_name=f"{choice.dataset} {choice.split} report.html",
        mime="text/html",
        key="report",
        on_click="ignore",
        type="tertiary",
        icon=":material/lab_profile:",
        help=say(
            "One file with scores, intervals, classes and the most telling images, "
            "for people without this dashboard. It takes some seconds to make."
        ),
    )


def made_report(
    source: Store,
    runs: Sequence[str],
    images: Sequence[int] | None,
    how: Choice,
    asked: str = "",
) -> bytes:
    """Return the report of some runs, with as many resamples as the smallest p needs.

    Args:
        source: the store.
        runs: names of the runs.
        images: on which they are compared, or None for all.
        how: they are scored.
        asked: by what the images were chosen, in words.
    """
    with source.read() as cursor:
        comparison = gather(cursor, runs, images=images, choice=how, asked=asked)
    grown = comparison.grown(lambda trial: trial.extended(trial.enough))
    return html_report(grown).encode("utf-8")
