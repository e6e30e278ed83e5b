"""What a least score brings: the slider, and what each run finds from its threshold on."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.run_curves import run_curves
from core.metrics import sweep
from pages.ui import detection_classes, detection_painted
from pages.ui.clickable import clickable
from pages.ui.detection_curves import against_score, thinned
from pages.ui.detection_failures import way_of_score
from pages.ui.detection_thresholds import (
    SLIDER,
    Threshold,
    is_own,
    source_words,
    sources,
    thresholds,
)
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, literal

MEASURES = {"F1": "f1", "precision": "precision", "recall": "recall"}
PAINTED = detection_painted.PAINTED
SHARES = ("precision", "recall", "F1", "best F1", "F1 there", PAINTED)


@st.fragment
def show(view: DetectionView) -> None:
    """Show the slider and all that follows it: a move of it draws nothing else anew."""
    view = view.unanswered()
    painting = detection_painted.painted_runs(view)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        score = _slider()
        source = st.selectbox(
            say("Threshold of each run"),
            sources(view),
            key="threshold",
            format_func=source_words,
            bind="query-params",
            width=230,
            help=say(
                "As the slider says, or the score with the best F1 on a split: of the "
                "run of the same system with the same weights and settings there."
            ),
        )
        measure = st.segmented_control(
            say("Curve of"),
            [*MEASURES, *([PAINTED] if painting else [])],
            key="measure",
            bind="query-params",
            required=True,
            default="F1",
            format_func=say,
        )
    chosen = thresholds(view, score, source)
    rows = at_thresholds(view, chosen)
    if measure == PAINTED:
        rows[PAINTED] = [
            detection_painted.mean_iou_at(view, run, chosen[run].score) if run in painting else None
            for run in rows["run"]
        ]
    _show_table(view, rows, source)
    if measure == PAINTED:
        detection_painted.show_curve(view, painting, score if source == SLIDER else None)
    else:
        _show_curve(view, measure, score if source == SLIDER else None)
    detection_classes.show(view, {run: each.score for run, each in chosen.items()})


def at_thresholds(view: DetectionView, chosen: dict[str, Threshold]) -> pd.DataFrame:
    """Return what each run finds from its threshold on, all classes together.

    Columns: run, threshold, TP, FP, FN, precision, recall, F1, best F1 (at any score), at score;
    and where thresholds were chosen on runs: chosen on, F1 there.
    """
    rows = []
    for run, threshold in chosen.items():
        together = view.curves(run).together
        row: dict[str, object] = {"run": run, "threshold": threshold.score}
        if not np.isnan(threshold.score):
            counts = together.at(threshold.score)
            row |= {"TP": counts.tp[0], "FP": counts.fp[0], "FN": counts.fn[0]}
            row["precision"] = sweep.precision(counts)[0]
            row["recall"] = sweep.recall(counts)[0]
            row["F1"] = sweep.f1(counts)[0]
        (best,), (best_f1,) = sweep.best_scores(together)
        row |= {"best F1": best_f1, "at score": best}
        if threshold.run:
            row |= {"chosen on": threshold.run, "F1 there": threshold.f1}
        rows.append(row)
    return pd.DataFrame(rows)


def _slider() -> float:
    return st.slider(
        say("Least score"),
        0.0,
        1.0,
        0.5,
        0.01,
        key="score",
        bind="query-params",
        width=300,
        help=say("Predictions with a lower score count as not made."),
    )


def _show_table(view: DetectionView, rows: pd.DataFrame, source: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say("**From its threshold on**, at IoU {iou}; shares in per cent", iou=view.iou)
        )
        csv_button(rows, view.file_name(f"thresholds at {view.iou}"))
    shares = [name for name in SHARES if name in rows]
    number = st.column_config.NumberColumn
    draw_table(
        rows.assign(**{name: 100 * rows[name].astype(float) for name in shares}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            "threshold": number(
                format="%.3f", help=say("Least score of a prediction that counts.")
            ),
            "TP": number(format="localized", help=say("Predictions that match an annotation.")),
            "FP": number(format="localized", help=say("Predictions that match none.")),
            "FN": number(format="localized", help=say("Annotations that no prediction matches.")),
            "at score": number(format="%.3f", help=say("The least score with the best F1 here.")),
            **{name: number(format="%.1f", help=say(HELP[name])) for name in shares},
        },
        alt=say("What each run finds from its threshold on"),
    )
    st.caption(_explain(rows, source))


HELP = {
    "precision": mark("TP / (TP + FP)."),
    "recall": mark("TP / (TP + FN)."),
    "F1": mark("2 TP / (2 TP + FP + FN)."),
    "best F1": mark(
        "The highest F1 of all least scores on these images. It flatters: it was "
        "chosen where it is judged."
    ),
    "F1 there": mark("F1 at this threshold on the run that it was chosen on."),
    PAINTED: mark(
        "IoU of the map painted from the masks with at least the threshold, mean "
        "over the classes (mmsegmentation 1.2.2)."
    ),
}


def _explain(rows: pd.DataFrame, source: str) -> str:
    rule = say(
        "Counts are of all chosen classes together. A prediction counts once for "
        "its object and class; on a crowd region, or outside the chosen size, it "
        "counts as neither."
    )
    if source == SLIDER:
        return rule
    if is_own(source):
        return say(
            "{rule} Thresholds chosen on the images they are judged on flatter every run.",
            rule=rule,
        )
    lacking = list(rows.loc[rows["threshold"].isna(), "run"])
    if not lacking:
        return rule
    return say(
        "{rule} {lacking}: no evaluated run of the same system, weights and "
        "settings on that split; predict it first.",
        rule=rule,
        lacking=literal(", ".join(lacking)),
    )


def _show_curve(view: DetectionView, measure: str, score: float | None) -> None:
    points = against_score(view)
    drawn = thinned(points).rename(columns={"score": "x", MEASURES[measure]: "y"})
    clickable(
        run_curves(
            drawn[["run", "x", "y"]],
            (say("least score"), say(measure)),
            view.colours,
            view.dashes,
            at=score,
            say=say,
        ),
        partial(way_of_score, view=view),
        key="curves of scores",
        alt=say("{measure} of each run against the least score", measure=measure),
    )
    csv_button(points, view.file_name(f"scores at {view.iou}"))
