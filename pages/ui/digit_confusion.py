"""Which class was read as which: a matrix a run, each cell a link to its images."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.class_confusion import class_confusion
from core.metrics.classification import NO_ANSWER
from core.scoring.single import confusion_of
from pages.ui.digit_answers import Answers
from pages.ui.digit_tables import SHARES
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import counted, literal

A_ROW = 2


def confusion_rows(answers: Answers, run: str) -> pd.DataFrame:
    """Return a row for each pair of classes: truth, predicted (names), images, share.

    The share is that of the annotated class's images, NaN where it has none.
    """
    table = confusion_of(answers.of_class(run), len(answers.names))[:-1]
    totals = table.sum(axis=1, keepdims=True)
    shares = np.full(table.shape, np.nan)
    np.divide(table, totals, out=shares, where=totals > 0)
    predicted = [*answers.names, NO_ANSWER]
    return pd.DataFrame(
        {
            "truth": np.repeat(answers.names, len(predicted)),
            "predicted": np.tile(predicted, len(answers.names)),
            "images": table.ravel(),
            "share": shares.ravel(),
        }
    )


def commonest(answers: Answers) -> pd.DataFrame:
    """Return the confusions of all runs, the commonest first: run, truth, predicted, images, share.

    Right answers are left out.
    """
    parts = [confusion_rows(answers, run).assign(run=run) for run in answers.rows]
    rows = pd.concat(parts, ignore_index=True)
    wrong = rows[(rows["images"] > 0) & (rows["truth"] != rows["predicted"])]
    wrong = wrong.sort_values("images", ascending=False, kind="stable", ignore_index=True)
    return wrong[["run", "truth", "predicted", "images", "share"]]


def show(answers: Answers, figures: str) -> None:
    """Show the matrices, two beside each other, and after them the confusions as a table.

    Args:
        answers: what the page speaks of.
        figures: one of `digit_tables.FIGURES`.
    """
    parts = [partial(_show_one, answers, run, figures) for run in answers.rows]
    parts.append(partial(_show_commonest, answers))
    for start in range(0, len(parts), A_ROW):
        columns = st.columns(A_ROW, gap="large")
        for column, part in zip(columns, parts[start : start + A_ROW], strict=False):
            with column:
                part()


def _show_commonest(answers: Answers) -> None:
    table = commonest(answers)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Confusions, the commonest first**"))
        csv_button(table, f"{answers.choice.dataset} {answers.choice.split} confusions")
    if table.empty:
        st.caption(say("None: every answer is right."))
        return
    draw_table(
        table.assign(share=100 * table["share"]),
        hide_index=True,
        column_config={
            "truth": st.column_config.TextColumn("annotated"),
            "images": st.column_config.NumberColumn(format="localized"),
            "share": st.column_config.NumberColumn(
                format="%.1f", help=say("Of the run's images of the annotated class, per cent.")
            ),
        },
        alt=say("Confusions of all runs, the commonest first"),
    )


def _show_one(answers: Answers, run: str, figures: str) -> None:
    cells = confusion_rows(answers, run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(run)}**")
        csv_button(cells, f"{run} confusion")
    used = cells[cells["images"] > 0]
    predicted = [*answers.names, NO_ANSWER][: None if NO_ANSWER in set(used["predicted"]) else -1]
    chart = class_confusion(
        cells.rename(columns={"images": "amount"}),
        answers.names,
        predicted,
        unit=say("images"),
        whole=say("the row"),
        shares=figures == SHARES,
        say=say,
    )
    picked = st.vega_lite_chart(
        chart,
        key=f"confusion {run}",
        on_select="rerun",
        alt=say("Annotated against predicted classes of {run}", run=run),
    )
    chosen = picked["selection"].get("cell") if picked else None
    if chosen:
        _offer(cells, run, str(chosen[0]["truth"]), str(chosen[0]["predicted"]))
    else:
        st.caption(say("Click a cell for the link to its images."))


def _offer(cells: pd.DataFrame, run: str, truth: str, predicted: str) -> None:
    """Show the link to the images of a cell."""
    own = cells[(cells["truth"] == truth) & (cells["predicted"] == predicted)]
    if own.empty:  # a click on another data set's matrix
        return
    images = counted(int(own["images"].iloc[0]), "image")
    sentence = say(
        "{images} annotated {truth}, read as {predicted} by {run}",
        images=images,
        truth=truth,
        predicted=predicted,
        run=run,
    )
    kept = {name: st.query_params.get_all(name) for name in st.query_params}
    # the pager of other filters, and kinds of outcome, would hide some of them
    wanted = {"annotated": truth, "predicted": predicted, "of": run, "p": None, "outcome": None}
    address = link("Digits", **{**kept, **wanted})
    link_list([("show", sentence, address)], key=f"cell of {run}")
