"""What one run gains on another, class by class, with its interval and p value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.charts.class_differences import class_differences
from core.metrics.significance import LEVEL
from core.scoring import FEW_IMAGES, Choice, Trial, differences, method
from pages.ui import growing, states
from pages.ui.certainty import CORRECTIONS, chosen_correction
from pages.ui.clickable import Point, Way, clickable
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.paragraphs import retell
from pages.ui.score_failures import failures, judged_by
from pages.ui.selection import Selection
from pages.ui.words import counted, literal

SURE = ["low", "high", "p", "p_adjusted"]


class Pair(NamedTuple):
    """Two runs by name, and by which of `certainty.CORRECTIONS` p values are corrected."""

    first: str
    second: str
    correction: str


def show(
    choice: Selection,
    table: pd.DataFrame,
    metric: str,
    title: str,
    images: Sequence[int] | None,
    how: Choice,
) -> Pair:
    """Draw the section: which two runs, the differences of each class, how sure they are.

    Returns the runs and the correction that were chosen.

    Args:
        choice: data set and split.
        table: of `class_table.wide`, in any order.
        metric: one of `METRICS`.
        title: of the metric.
        images: on which the runs are scored, or None for all.
        how: they are scored.
    """
    runs = list(table.columns[3:])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox(say("From"), runs, key="from", bind="query-params", width=300)
        others = [run for run in runs if run != first]
        second = st.selectbox(say("To"), others, key="to", bind="query-params", width=300)
        correction = chosen_correction()
    pair = Pair(first, second, correction)
    if (table[second] - table[first]).isna().all():
        st.info(
            say(
                "{first} and {second} do not both have this score: {title}.",
                first=literal(first),
                second=literal(second),
                title=title,
            ),
            icon=":material/search_off:",
        )
        return pair
    draw = partial(_draw, choice=choice, table=table, title=title, correction=correction)
    room = states.chart_room(len(table), more=150)
    asked = {"runs": (first, second), "metric": metric, "images": images, "choice": how}
    growing.watch(draw, room=room, **asked)
    return pair


def _draw(
    trial: Trial, choice: Selection, table: pd.DataFrame, title: str, correction: str
) -> None:
    first, second = (scores.run for scores in trial.scores)
    found = differences(trial, CORRECTIONS[correction], set(table["name"]))
    classes = classes_of(table, found)
    st.markdown(whole(found.iloc[0], trial))
    with st.container(height=states.scrolling(len(classes)), border=True):
        clickable(
            class_differences(classes, first, second, title, say),
            partial(_way, choice=choice, metric=trial.metric, runs=(first, second)),
            key="gains of classes",
            alt=say(
                "Difference of {title} between {first} and {second}, class by class",
                title=title,
                first=first,
                second=second,
            ),
        )
    compared = counted(len(classes), "class", "classes")
    st.caption(
        say(
            "Filled: p below {level} after {correction}'s correction over "
            "{compared}: {second} is better on {better}, {first} on {worse}. "
            "Pale: on under {few_images} images, too few to judge. {method}.",
            level=LEVEL,
            correction=correction,
            compared=compared,
            second=literal(second),
            better=_findings(classes, 1),
            first=literal(first),
            worse=_findings(classes, -1),
            few_images=FEW_IMAGES,
            method=retell(method(trial)),
        )
    )
    name = f"{choice.dataset} {choice.split} {trial.metric} {first} to {second}"
    csv_button(classes, name)


def _way(point: Point, *, choice: Selection, metric: str, runs: tuple[str, str]) -> Way:
    """Return where a clicked class leads."""
    wanted = judged_by(metric)
    first, second = runs
    sentence = say(
        "images of {first} and {second} with {name}, {order}",
        first=first,
        second=second,
        name=point.row,
        order=say(wanted.order),
    )
    return Way(
        "Failures", sentence, failures(choice.dataset, choice.split, runs, wanted, point.row)
    )


def classes_of(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the classes in the order of the table, for the chart and to take along.

    Columns: name, images, few, difference, low, high, p, p_adjusted, sure. Classes that one run
    has no score for are left out.

    Args:
        table: of `class_table.wide`.
        found: of `scoring.differences`; its first row is the score of all.
    """
    classes = table[["name"]].merge(found.iloc[1:], on="name")
    return classes[["name", "images"]].assign(
        few=~classes["reliable"],
        difference=classes["difference"],
        **{column: classes[column] for column in SURE},
        sure=classes["p_adjusted"] < LEVEL,
    )


def whole(row: pd.Series, trial: Trial) -> str:
    """Return the difference of the score of all in a sentence of Markdown.

    Args:
        row: the first of `scoring.differences`.
        trial: of the two runs.
    """
    first, second = (literal(scores.run) for scores in trial.scores)
    points, low, high = (100 * row[name] for name in ("difference", "low", "high"))
    certainty = (
        ""
        if pd.isna(low)
        else say(
            " (95 % interval {low:+.1f} to {high:+.1f}, p {p:.4f})", low=low, high=high, p=row["p"]
        )
    )
    return say(
        "**Mean over the classes:** {second} minus {first} {points:+.1f} "
        "points{certainty}, on {images}.",
        second=second,
        first=first,
        points=points,
        certainty=certainty,
        images=counted(trial.images, "image"),
    )


def _findings(classes: pd.DataFrame, sign: int) -> str:
    return counted(
        int((classes["sure"] & (sign * classes["difference"] > 0)).sum()), "class", "classes"
    )
