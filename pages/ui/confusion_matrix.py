"""A matrix for each run, two beside each other, and the links behind a clicked cell."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.charts.class_confusion import class_confusion
from core.metrics.confusion import PREDICTED
from pages.ui.class_pairs import pair_words
from pages.ui.confusion_view import ConfusionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.words import counted, literal

MOST_BESIDE = 16
ROWS, COLUMNS, ALL = mark("the row"), mark("the column"), mark("all")


def show(view: ConfusionView) -> None:
    """Show the matrices; small ones two beside each other."""
    beside = 2 if len(view.entries) <= MOST_BESIDE and len(view.runs) > 1 else 1
    for start in range(0, len(view.run_names), beside):
        columns = st.columns(beside, gap="large")
        for column, run in zip(columns, view.run_names[start : start + beside], strict=False):
            with column:
                _show_one(view, run)


def whole_words(view: ConfusionView) -> str:
    """Return what shares are of."""
    if not view.shares:
        return ALL
    return COLUMNS if view.whole == PREDICTED else ROWS


def offer(
    view: ConfusionView, picked: Sequence[dict[str, str]], runs: Sequence[str], key: str
) -> None:
    """Show the links behind the chosen cell, or how to choose one.

    Args:
        view: what is laid out.
        picked: the cell as the chart reports it, with truth and predicted; or none.
        runs: whose objects or pixels are meant.
        key: of the links on the page.
    """
    cell = picked[0] if picked else {}
    truth, predicted = (view.classes_of(str(cell.get(side, ""))) for side in ("truth", "predicted"))
    # the chart keeps its cell when rows and columns change
    if not truth or not predicted:
        st.caption(say("Click a cell for the links to its images."))
        return
    links = [_images_of(view, run, truth, predicted, cell) for run in runs]
    for label in dict.fromkeys([cell["truth"], cell["predicted"]]):
        inside = {entry.label: entry.inside for entry in view.entries}.get(label, "")
        if inside:
            kept = {name: st.query_params.get_all(name) for name in st.query_params}
            address = link("Confusion", **{**kept, "rows": inside})
            links.append(
                (say("open"), say("the classes in {label}, one by one", label=label), address)
            )
    link_list(links, key=f"cell of {key}")


def _images_of(
    view: ConfusionView,
    run: str,
    truth: Sequence[str],
    predicted: Sequence[str],
    cell: dict[str, str],
) -> tuple[str, str, str]:
    cells = view.cells(run)
    here = (cells["truth"] == cell["truth"]) & (cells["predicted"] == cell["predicted"])
    amount = counted(int(cells.loc[here, "amount"].sum()), view.unit[:-1])
    sentence = say(
        "{amount} of {run}, {classes}",
        amount=amount,
        run=run,
        classes=pair_words(truth, predicted),
    )
    return say("Failures"), sentence, view.failures(run, truth, predicted)


def _show_one(view: ConfusionView, run: str) -> None:
    cells = view.cells(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(run)}**")
        csv_button(_file(cells, view), f"{view.file_name('confusion')} {run}")
    truth, predicted = view.axes(cells)
    chart = class_confusion(
        cells,
        truth,
        predicted,
        unit=say(view.unit),
        whole=say(whole_words(view)),
        shares=view.shares,
        rooted=not view.shares,
        say=say,
    )
    picked = st.vega_lite_chart(
        chart,
        key=f"confusion {run}",
        on_select="rerun",
        alt=say("Annotated against predicted classes of {run}", run=run),
    )
    offer(view, picked["selection"].get("cell", []) if picked else [], [run], run)


def _file(cells: pd.DataFrame, view: ConfusionView) -> pd.DataFrame:
    return cells.rename(
        columns={
            "truth": "annotated",
            "amount": view.unit,
            "share": f"share of {whole_words(view)}",
        }
    )
