"""What each stage of the systems takes of the time of an image."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.charts.stage_bars import REST, stage_bars, stage_names
from core.scoring import RunScores
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.palette import run_colours


def show(scores: Sequence[RunScores], title: str) -> None:
    """Show the stages of each run side by side; nothing where no system tells of its stages.

    Args:
        scores: of the runs.
        title: of the file to download.
    """
    stages = stage_rows(scores)
    if not set(stages["stage"]) - {REST}:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header(say("Time of each stage"))
        csv_button(stages, f"{title} stages")
    st.plotly_chart(
        stage_bars(stages, run_colours(stage_names(stages)), say),
        alt=say("Mean seconds of each stage for an image, by run"),
    )
    st.caption(
        say(
            "Mean seconds for an image on the machine of the run. Of what a stage "
            "does for a batch at once each image has its share. Grey: reading and "
            "writing around the stages, and systems of a single stage."
        )
    )


def stage_rows(scores: Sequence[RunScores]) -> pd.DataFrame:
    """Return the stages of the runs that were timed, and what of their time is left over.

    Columns: run, stage, seconds (mean of an image).
    """
    rows = []
    for one in scores:
        whole = one.scores["seconds_per_image"]
        if whole is None:
            continue
        rows += [(one.run, stage, seconds) for stage, seconds in one.stage_seconds.items()]
        rows.append((one.run, REST, max(whole - sum(one.stage_seconds.values()), 0.0)))
    return pd.DataFrame(rows, columns=["run", "stage", "seconds"])
