"""What one run confuses more or less than another, cell by cell."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.class_confusion import confusion_difference
from pages.ui.confusion_matrix import offer, whole_words
from pages.ui.confusion_view import ConfusionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.words import literal

BESIDE, DIFFERENCE = LAYOUTS = (mark("side by side"), mark("difference"))


def chosen_pair(view: ConfusionView) -> tuple[str, str] | None:
    """Draw the choice between matrices and their difference; return the two runs of the latter."""
    runs = view.run_names
    if len(runs) < 2:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layout = st.segmented_control(
            say("Runs"),
            LAYOUTS,
            key="layout",
            bind="query-params",
            required=True,
            default=BESIDE,
            format_func=say,
        )
        if layout == BESIDE:
            return None
        first = st.selectbox(say("From"), runs, key="from", bind="query-params", width=260)
        others = [run for run in runs if run != first]
        second = st.selectbox(say("To"), others, key="to", bind="query-params", width=260)
    return first, second


def difference_rows(view: ConfusionView, first: str, second: str) -> pd.DataFrame:
    """Return a row for each cell: truth, predicted, first, second (amounts) and difference.

    The difference is the second minus the first, of shares or of amounts as the view shows.
    """
    one, other = view.cells(first), view.cells(second)
    figure = "share" if view.shares else "amount"
    return one[["truth", "predicted"]].assign(
        first=one["amount"], second=other["amount"], difference=other[figure] - one[figure]
    )


def show(view: ConfusionView, first: str, second: str) -> None:
    """Show the difference of two runs."""
    rows = difference_rows(view, first, second)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**{second} minus {first}**", second=literal(second), first=literal(first)))
        csv_button(
            rows.rename(columns={"truth": "annotated", "first": first, "second": second}),
            view.file_name(f"confusion {first} to {second}"),
        )
    truth, predicted = view.axes(rows.assign(amount=rows["first"] + rows["second"]))
    picked = st.vega_lite_chart(
        confusion_difference(
            rows,
            truth,
            predicted,
            runs=(first, second),
            unit=say(view.unit),
            shares=view.shares,
            say=say,
        ),
        key="confusion difference",
        on_select="rerun",
        alt=say("Difference of the confusions of {first} and {second}", first=first, second=second),
    )
    offer(view, picked["selection"].get("cell", []) if picked else [], [first, second], "both")
    of = (
        say(" of shares of {whole_words}, in points", whole_words=say(whole_words(view)))
        if view.shares
        else say(" of {unit}", unit=say(view.unit))
    )
    st.caption(
        say(
            "Differences{of}. On the diagonal more is better, elsewhere less. Blank: "
            "neither has any.",
            of=of,
        )
    )
