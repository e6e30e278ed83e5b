"""Precision against recall, and what each least score brings, as curves of the runs."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.run_curves import run_curves
from core.metrics import sweep
from core.metrics.detection import RECALL_POINTS
from pages.ui.clickable import clickable
from pages.ui.detection_failures import way_of_run
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.words import literal, percent

AT_POINTS, EVERY = KINDS = (mark("COCO's 101 points"), mark("every prediction"))
MOST_POINTS = 500


def show(view: DetectionView) -> None:
    """Show precision against recall, at COCO's points or after every prediction."""
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.segmented_control(
            say("Curve"),
            KINDS,
            key="curve",
            bind="query-params",
            required=True,
            default=AT_POINTS,
            label_visibility="collapsed",
            format_func=say,
        )
        points = recall_points(view) if kind == AT_POINTS else every_point(view)
        csv_button(
            points.rename(columns={"x": "recall", "y": "precision"}),
            view.file_name(f"precision and recall at {view.iou}"),
        )
    drawn = points if kind == AT_POINTS else thinned(points)
    if drawn["y"].isna().all():
        st.info(
            say("Nothing is annotated here, so there is no curve. Choose other classes or sizes."),
            icon=":material/search_off:",
        )
        return
    clickable(
        run_curves(drawn, (say("recall"), say("precision")), view.colours, view.dashes, say=say),
        partial(way_of_run, view=view),
        key="curves of recall",
        alt=say("Precision against recall at IoU {iou} of each run", iou=view.iou),
    )
    st.caption(_areas(view) if kind == AT_POINTS else _explain_every(drawn, points))


def recall_points(view: DetectionView) -> pd.DataFrame:
    """Return the mean curve over the classes: run, x (recall), y (precision)."""
    parts = [
        pd.DataFrame({"run": run, "x": RECALL_POINTS, "y": view.curves(run).precision})
        for run in view.run_names
    ]
    return pd.concat(parts, ignore_index=True)


def every_point(view: DetectionView) -> pd.DataFrame:
    """Return a point for each score of a run, all classes in one ranking.

    Columns: run, score, x (recall), y (precision).
    """
    parts = []
    for run in view.run_names:
        scores, counts = view.curves(run).together.group(0)
        columns = {"run": run, "score": scores}
        columns |= {"x": sweep.recall(counts), "y": sweep.precision(counts)}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def against_score(view: DetectionView) -> pd.DataFrame:
    """Return what each least score brings: run, score, precision, recall, f1."""
    parts = []
    for run in view.run_names:
        scores, counts = view.curves(run).together.group(0)
        columns = {
            "run": run,
            "score": scores,
            "precision": sweep.precision(counts),
            "recall": sweep.recall(counts),
            "f1": sweep.f1(counts),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def thinned(points: pd.DataFrame) -> pd.DataFrame:
    """Return at most `MOST_POINTS` points of each run, evenly among them, with the last."""
    places = points.groupby("run", sort=False).indices.values()
    kept = [own[np.linspace(0, len(own) - 1, MOST_POINTS).astype(int)] for own in places]
    return points.iloc[np.unique(np.concatenate([*kept, np.empty(0, int)]).astype(int))]


def _areas(view: DetectionView) -> str:
    each = " · ".join(
        f"{literal(run)} {percent(float(view.curves(run).precision.mean()))}"
        for run in view.run_names
    )
    return say(
        "At each recall the highest precision there or beyond, mean over the "
        "classes that are annotated. The area under a line is COCO's AP at IoU "
        "{iou}: {each}.",
        iou=view.iou,
        each=each,
    )


def _explain_every(drawn: pd.DataFrame, points: pd.DataFrame) -> str:
    shown = (
        ""
        if len(drawn) == len(points)
        else say(" At most {most_points} points a run are drawn.", most_points=MOST_POINTS)
    )
    return say(
        "After every prediction in the order of the scores, all chosen classes "
        "in one ranking, without smoothing.{shown}",
        shown=shown,
    )
