"""Scores of images of one object each: by run, class against place, how sure, how well placed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.iou_distribution import iou_distribution
from core.charts.reliability_diagram import reliability_diagram
from core.metrics import METRICS
from core.metrics.classification import JOINT_OUTCOMES
from core.scoring.single import reliability_of, single_scores
from pages.ui.calibration_bins import bin_rows
from pages.ui.digit_answers import Answers
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.palette import run_colours, run_markers
from pages.ui.score_table import metric_column
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, literal

SCORES = ("top1", "macro_f1", "localization_iou", "joint_accuracy", "ece")
TITLES = {
    "top1": mark("Class right (top-1)"),
    "macro_f1": mark("Macro F1"),
    "localization_iou": mark("Box IoU"),
    "joint_accuracy": mark("Class and place right"),
    "ece": mark("Calibration error"),
}
IMAGES, SHARES = FIGURES = (mark("images"), mark("per cent"))


def score_rows(answers: Answers) -> pd.DataFrame:
    """Return a row a run: run, system, images and the scores as fractions."""
    count = len(answers.names)
    rows = [
        {"run": run["run"], "system": run["system"], "images": len(answers.of_class(run["run"]))}
        | single_scores(answers.rows[run["run"]], count, answers.class_index)
        for _, run in answers.runs.iterrows()
    ]
    return pd.DataFrame(rows).reindex(columns=["run", "system", "images", *SCORES])


def show_scores(answers: Answers) -> None:
    """Show one row a run."""
    table = score_rows(answers)
    of_class = answers.class_index is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        whose = (
            say(" annotated {names}", names=literal(answers.names[answers.class_index]))
            if of_class
            else ""
        )
        st.markdown(
            say("**Scores** on images{whose}, per cent; a heading explains its score", whose=whose)
        )
        csv_button(table, f"{answers.choice.dataset} {answers.choice.split} single objects")
    titles = {**TITLES, "macro_f1": say("F1 of the class") if of_class else TITLES["macro_f1"]}
    draw_table(
        table.assign(**{name: 100 * table[name] for name in SCORES}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            **{name: metric_column(name, titles[name]) for name in SCORES},
        },
        alt=say("Scores of the runs on images of one object"),
    )
    rule = say("A run's surest prediction of an image is its answer.")
    if of_class:
        rule += say(" Only images annotated with the class count, but for its F1, which needs all.")
    st.caption(rule)


def choose_figures() -> str:
    """Draw the choice between images and per cent, and return it."""
    return st.segmented_control(
        say("Figures in"),
        FIGURES,
        required=True,
        default=IMAGES,
        key="figures",
        bind="query-params",
        format_func=say,
    )


def choose_least() -> float:
    """Draw the slider of the IoU from which a box lies right, and return it."""
    return st.slider(
        say("A place is right from this IoU on"),
        0.05,
        0.95,
        0.5,
        0.05,
        key="iou",
        bind="query-params",
        width=260,
    )


def joint_rows(judged: pd.DataFrame) -> pd.DataFrame:
    """Return a row a run: run, and the number of its images for each of `JOINT_OUTCOMES`.

    Args:
        judged: of `Answers.judged`.
    """
    rows = []
    for run, own in judged.groupby("run", sort=False):
        images = np.bincount(own["outcome"], minlength=len(JOINT_OUTCOMES))
        rows.append({"run": run} | dict(zip(JOINT_OUTCOMES, images.tolist(), strict=True)))
    return pd.DataFrame(rows)


def show_joint(answers: Answers, judged: pd.DataFrame, least: float, figures: str) -> None:
    """Show how often class and place are right or wrong together.

    Args:
        answers: what the page speaks of.
        judged: of `Answers.judged`.
        least: IoU from which a box lies right.
        figures: one of `FIGURES`.
    """
    table = joint_rows(judged)
    outcomes = list(JOINT_OUTCOMES)
    shown = table
    if figures == SHARES:
        shares = 100 * table[outcomes].div(table[outcomes].sum(axis=1), axis=0)
        shown = pd.concat([table[["run"]], shares], axis=1)
    form = "%.1f" if figures == SHARES else "localized"
    draw_table(
        shown,
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            **{name: st.column_config.NumberColumn(format=form) for name in outcomes},
        },
        alt=say("Class and place, right and wrong together"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            say(
                "In {figures}. A place is right from an IoU of {least:.2f} on; the score "
                "“Class and place right” is by .50 always.",
                figures=say(figures),
                least=least,
            )
        )
        csv_button(table, f"{answers.choice.dataset} {answers.choice.split} class and place")


def reliability_rows(answers: Answers) -> pd.DataFrame:
    """Return a row a run and bin: run, low, high, answers, right and certainty (sums)."""
    return bin_rows({run: reliability_of(answers.of_class(run)) for run in answers.rows})


def show_reliability(answers: Answers) -> None:
    """Show how often answers are right against how sure they were."""
    bins, runs = reliability_rows(answers), answers.choice.all_runs
    st.plotly_chart(
        reliability_diagram(bins, run_colours(runs), run_markers(runs), say),
        alt=say("Share of right answers against their probability, and the number of answers"),
    )
    st.caption(
        say(
            "Below the dotted line a run is too sure of itself. {protocol}",
            protocol=say(METRICS["ece"].protocol),
        )
    )
    csv_button(bins, f"{answers.choice.dataset} {answers.choice.split} reliability")


def show_ious(answers: Answers, judged: pd.DataFrame, least: float) -> None:
    """Show how many boxes lie how well; see `show_joint`."""
    st.plotly_chart(
        iou_distribution(judged[["run", "iou"]], run_colours(answers.choice.all_runs), least, say),
        alt=say("Number of images by the IoU of their box"),
    )
    st.caption(say("Bins of .05. Images without an answer have an IoU of 0."))
    name = f"{answers.choice.dataset} {answers.choice.split} IoU of boxes"
    csv_button(judged[["run", "image_id", "iou"]], name)
