"""One score across runs: who is better, with intervals and groups that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts.score_dots import score_dots
from core.metrics import METRICS
from core.metrics.significance import LEVEL
from core.scoring import Choice, RunScores, Trial, method, ranking
from pages.ui import growing
from pages.ui.certainty import CORRECTIONS, chosen_correction
from pages.ui.clickable import Point, Way, clickable
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.palette import run_colours, run_markers
from pages.ui.paragraphs import retell
from pages.ui.score_failures import failures, judged_by
from pages.ui.selection import Selection
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, counted


def show(
    choice: Selection,
    scores: Sequence[RunScores],
    present: Sequence[str],
    images: Sequence[int] | None,
    how: Choice,
) -> str:
    """Draw the section: which score, its dots with their intervals, and the table of ranks.

    Return the name of the score.

    Args:
        choice: of the sidebar.
        scores: of the runs on the same images.
        present: names of the scores that can be chosen.
        images: on which the runs are scored, or None for all.
        how: they are scored.
    """
    st.header(say("One score across runs"))
    titles = {METRICS[name].title: name for name in present}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.selectbox(
            say("Score"),
            list(titles),
            key="metric",
            bind="query-params",
            format_func=say,
            width=260,
        )
        metric = titles[title]
        runs = [one.run for one in scores if one.scores[metric] is not None]
        correction = chosen_correction() if len(runs) > 1 else next(iter(CORRECTIONS))
    st.caption(f"{say(METRICS[metric].definition)} {say(METRICS[metric].protocol)}")
    growing.watch(
        partial(_draw, choice=choice, correction=correction),
        room=_room(len(runs)),
        runs=tuple(runs),
        metric=metric,
        images=images,
        choice=how,
        classes=False,
    )
    return metric


def _room(runs: int) -> int:
    """Return about how high the dots, the table of several runs and the rule are, pixels."""
    return 34 * runs + 150 + (35 * runs + 54 if runs > 1 else 0)


def _draw(trial: Trial, choice: Selection, correction: str) -> None:
    metric = METRICS[trial.metric]
    ranks = ranking(trial, CORRECTIONS[correction])
    if not trial.complete or len(ranks) == 1:
        # too few draws tell nobody apart, and one run has nobody beside it
        ranks = ranks.assign(group="")
    percent = metric.unit == "fraction"
    clickable(
        score_dots(
            ranks.assign(told=_told(ranks, trial.images, percent=percent)),
            say(metric.title),
            run_colours(choice.all_runs),
            run_markers(choice.all_runs),
            percent=percent,
            say=say,
        ),
        partial(_way, choice=choice, metric=trial.metric),
        key="ranking",
        alt=say("{title} of each run, with 95 % intervals", title=say(metric.title)),
    )
    if len(ranks) > 1:
        _table(ranks, percent=percent)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{_groups(trial, correction)}{retell(method(trial))}.", width="stretch")
        csv_button(ranks, f"{choice.dataset} {choice.split} {trial.metric} ranking")


def _told(ranks: pd.DataFrame, images: int, *, percent: bool) -> list[str]:
    """Return what is said of each run at the pointer: its interval, and on how many images."""
    factor = 100 if percent else 1
    ends = (
        mark("95 % interval {low:.1f} to {high:.1f}, on {images}")
        if percent
        else mark("95 % interval {low:.3f} to {high:.3f}, on {images}")
    )
    amount = counted(images, "image")
    return [
        say("on {images}", images=amount)
        if pd.isna(low)
        else say(ends, low=factor * low, high=factor * high, images=amount)
        for low, high in zip(ranks["low"], ranks["high"], strict=True)
    ]


def _way(point: Point, *, choice: Selection, metric: str) -> Way:
    """Return where the dot of a run leads."""
    wanted = judged_by(metric)
    sentence = say("images of {run}, {order}", run=point.row, order=say(wanted.order))
    return Way("Failures", sentence, failures(choice.dataset, choice.split, [point.row], wanted))


def _groups(trial: Trial, correction: str) -> str:
    if len(trial.scores) == 1:
        return ""
    if not trial.complete:
        return say("Letters of runs that cannot be told apart follow when all is drawn. ")
    return say(
        "Runs that share a letter cannot be told apart: p is not below {level} "
        "after {correction}'s correction over {pairs} of runs. ",
        level=LEVEL,
        correction=correction,
        pairs=counted(len(trial.study.pairs), "pair"),
    )


def _table(ranks: pd.DataFrame, *, percent: bool) -> None:
    unit, factor, form = (
        (say("per cent"), 100, "%.1f") if percent else (say("milliseconds"), 1000, "%.1f")
    )
    number = st.column_config.NumberColumn
    draw_table(
        ranks.assign(**{name: factor * ranks[name] for name in ("score", "low", "high")}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "score": number(format=form, help=say("In {unit}.", unit=unit)),
            "low": number(say("from"), format=form, help=say("Lower end of the 95 % interval.")),
            "high": number(say("to"), format=form, help=say("Upper end of the 95 % interval.")),
            "p": number(
                say("p against the best"),
                format="%.4f",
                help=say(
                    "How often chance alone makes as large a difference to the best run; "
                    "corrected over all pairs."
                ),
            ),
            "group": st.column_config.TextColumn(
                help=say("Runs that share a letter cannot be told apart.")
            ),
        },
        alt=say("Runs by their score, with 95 % intervals, p values and groups"),
    )
