"""What each run finds of each class from its threshold on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics import sweep
from core.scoring import SIZES
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE

AP = "AP"
FIGURES = (
    AP,
    "F1",
    "precision",
    "recall",
    "TP",
    "FP",
    "FN",
    mark("score of the best F1"),
)
COUNTS = ("TP", "FP", "FN")


def class_rows(view: DetectionView, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return a row for each run and class: run, class, objects, threshold and `FIGURES`.

    Args:
        view: the runs and filters; AP is at its IoU.
        thresholds: least score of each run; NaN leaves all but AP and objects empty.
    """
    parts = []
    for run, threshold in thresholds.items():
        table, by_class = view.table(run), view.curves(run).by_class
        size = SIZES.index(view.size)
        columns = {
            "class": view.names,
            "objects": table.positives[:, size],
            "threshold": threshold,
            AP: table.scores[view.step, size],
        }
        if not np.isnan(threshold):
            counts = by_class.at(threshold)
            columns |= {"F1": sweep.f1(counts), "precision": sweep.precision(counts)}
            columns |= {"recall": sweep.recall(counts)}
            columns |= {"TP": counts.tp, "FP": counts.fp, "FN": counts.fn}
        columns["score of the best F1"] = sweep.best_scores(by_class)[0]
        names = ["class", "objects", "threshold", *FIGURES]
        parts.append(pd.DataFrame(columns, columns=names).assign(run=run))
    rows = pd.concat(parts, ignore_index=True)
    if view.classes is not None:
        rows = rows[rows["class"].isin([view.names[index] for index in view.classes])]
    return rows[["run", *(name for name in rows if name != "run")]].reset_index(drop=True)


def show(view: DetectionView, thresholds: Mapping[str, float]) -> None:
    """Show one figure of every class, a column a run; the file holds all of them."""
    rows = class_rows(view, thresholds)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Each class**"))
        figure = st.selectbox(
            say("Figure"),
            FIGURES,
            key="figure",
            bind="query-params",
            width=200,
            label_visibility="collapsed",
            format_func=say,
        )
        csv_button(rows, view.file_name(f"classes at {view.iou}"))
    shares = figure not in (*COUNTS, FIGURES[-1])
    by_run = {run: own.set_index("class")[figure] for run, own in rows.groupby("run")}
    wide = pd.DataFrame({run: by_run[run] for run in thresholds})
    wide = 100 * wide if shares else wide
    wide.insert(0, "objects", rows.drop_duplicates("class").set_index("class")["objects"])
    number = st.column_config.NumberColumn
    form = "%.1f" if shares else "localized" if figure in COUNTS else "%.3f"
    draw_table(
        wide.reset_index(),
        hide_index=True,
        height=380,
        placeholder=NO_VALUE,
        column_config={
            "class": st.column_config.TextColumn(pinned=True),
            "objects": number(format="localized", help=say("Annotated, without crowd regions.")),
            **{
                run: number(format=form, help=say("{figure} of {run}", figure=say(figure), run=run))
                for run in thresholds
            },
        },
        alt=say("{figure} of each class for each run", figure=say(figure)),
    )
    unit = say("per cent") if shares else say("a score") if figure == FIGURES[-1] else say("counts")
    st.caption(say("At IoU {iou}, {unit}. Click a heading to sort.", iou=view.iou, unit=unit))
