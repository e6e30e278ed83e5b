"""What each stage of a system costs, from runs in which one stage saw the truth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts.stage_gains import bar_label, stage_gains_chart
from core.metrics import METRICS
from core.scoring import RunScores
from core.scoring.oracles import stage_gains
from core.scoring.transfer import oracle_of
from pages.ui.clickable import Point, Way, clickable
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.palette import run_colours
from pages.ui.score_failures import failures, judged_by
from pages.ui.words import literal


def name_oracles(runs: pd.DataFrame) -> None:
    """Say which of the runs saw the truth; nothing if none did.

    Args:
        runs: rows of `catalogue.runs`.
    """
    seen = [
        say("{run} (true {oracle})", run=literal(run["run"]), oracle=say(oracle))
        for _, run in runs.iterrows()
        if (oracle := oracle_of(run["settings"]))
    ]
    if seen:
        st.caption(
            say(
                "Saw a part of the truth, so no systems but upper bounds: {seen}.",
                seen=", ".join(seen),
            )
        )


def show(runs: pd.DataFrame, scores: Sequence[RunScores], metric: str, title: str) -> None:
    """Show what the metric gains when one stage is perfect; nothing without such runs.

    Args:
        runs: rows of `catalogue.runs`.
        scores: of these runs, on the same images.
        metric: name of the score shown.
        title: of the file to download.
    """
    gains = stage_gains(runs, scores, metric)
    if gains.empty:
        return
    shown = METRICS[metric].title
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header(say("What each stage costs"))
        csv_button(gains, f"{title} stage gains")
    colours = run_colours(["as it is", "gained"])
    clickable(
        stage_gains_chart(gains, shown, (colours["as it is"], colours["gained"]), say),
        partial(_way, runs=runs, gains=gains, metric=metric),
        key="stage gains",
        alt=say("{shown} as it is, and with one stage that makes no mistake", shown=shown),
    )
    st.caption(
        say(
            "{shown}, per cent. With the annotated boxes, classes or masks in place "
            "of one stage's answers, all else being the same: what the score gains "
            "is lost by that stage alone, what is still missing is lost by the "
            "others. Gains of different stages overlap; do not add them up. A box or "
            "mask stands for the object it overlaps most, from an IoU of 0.5 on.",
            shown=shown,
        )
    )


def _way(point: Point, *, runs: pd.DataFrame, gains: pd.DataFrame, metric: str) -> Way | None:
    """Return where the bar of a stage leads: to the run as it is beside that with the truth."""
    for gain in gains.itertuples(index=False):
        if point.row == bar_label(gain.run, gain.oracle, say):
            place = runs[runs["run"] == gain.run].iloc[0]
            wanted, pair = judged_by(metric), [gain.run, gain.oracle_run]
            sentence = say(
                "images of {first} and {second}, {order}",
                first=pair[0],
                second=pair[1],
                order=say(wanted.order),
            )
            address = failures(place["dataset"], place["split"], pair, wanted)
            return Way("Failures", sentence, address)
    return None
