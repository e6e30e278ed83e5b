"""What one run gains on another, class by class, with its interval and p value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts.class_differences import class_differences
from core.metrics.significance import LEVEL
from core.scoring import FEW_IMAGES, Choice, Trial, differences, method
from pages.ui import growing, states
from pages.ui.certainty import CORRECTIONS, chosen_correction
from pages.ui.download import csv_button
from pages.ui.words import counted, literal

SURE = ["low", "high", "p", "p_adjusted"]


def show(
    table: pd.DataFrame,
    metric: str,
    title: str,
    name: str,
    images: Sequence[int] | None,
    how: Choice,
) -> None:
    """Draw the section: which two runs, the differences of each class, how sure they are.

    Args:
        table: of `class_table.wide`, in any order.
        metric: one of `METRICS`.
        title: of the metric.
        name: of the data set and split, for the file to download.
        images: on which the runs are scored, or None for all.
        how: they are scored.
    """
    runs = list(table.columns[3:])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("From", runs, key="from", bind="query-params", width=300)
        others = [run for run in runs if run != first]
        second = st.selectbox("To", others, key="to", bind="query-params", width=300)
        correction = chosen_correction()
    if (table[second] - table[first]).isna().all():
        st.info(
            f"{literal(first)} and {literal(second)} do not both have this score: {title}.",
            icon=":material/search_off:",
        )
        return
    draw = partial(_draw, table=table, title=title, name=name, correction=correction)
    growing.watch(draw, runs=(first, second), metric=metric, images=images, choice=how)


def _draw(trial: Trial, table: pd.DataFrame, title: str, name: str, correction: str) -> None:
    first, second = (scores.run for scores in trial.scores)
    found = differences(trial, CORRECTIONS[correction], set(table["name"]))
    classes = classes_of(table, found)
    st.markdown(whole(found.iloc[0], trial))
    with st.container(height=states.scrolling(len(classes)), border=True):
        st.plotly_chart(
            class_differences(classes, first, second, title),
            alt=f"Difference of {title} between {first} and {second}, class by class",
        )
    compared = counted(len(classes), "class", "classes")
    st.caption(
        f"Filled: p below {LEVEL} after {correction}'s correction over {compared}: "
        f"{literal(second)} is better on {_findings(classes, 1)}, {literal(first)} on "
        f"{_findings(classes, -1)}. Pale: on under {FEW_IMAGES} images, too few to judge. "
        f"{method(trial)}."
    )
    csv_button(classes, f"{name} {trial.metric} {first} to {second}")


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
        "" if pd.isna(low) else f" (95 % interval {low:+.1f} to {high:+.1f}, p {row['p']:.4f})"
    )
    return (
        f"**Mean over the classes:** {second} minus {first} {points:+.1f} points"
        f"{certainty}, on {counted(trial.images, 'image')}."
    )


def _findings(classes: pd.DataFrame, sign: int) -> str:
    return counted(
        int((classes["sure"] & (sign * classes["difference"] > 0)).sum()), "class", "classes"
    )
