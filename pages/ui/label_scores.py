"""Image labels that systems say themselves: scores of each class, and how far to trust them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.reliability_diagram import reliability_diagram
from core.metrics import METRICS
from core.scoring import RunScores
from pages.ui.calibration_bins import bin_rows
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.palette import run_colours, run_markers
from pages.ui.selection import Selection
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, literal

CLASS_FIGURES = {
    "image_label_f1": "F1",
    "image_label_precision": "precision",
    "image_label_recall": "recall",
    "image_label_ap": mark("AP"),
}
CLASS = "class"


def show(choice: Selection, scores: Sequence[RunScores]) -> None:
    """Show the section; nothing where no run says which classes an image shows.

    Args:
        choice: of the sidebar.
        scores: of the runs, on the same images.
    """
    said = [run for run in scores if "image_label_f1" in run.classes]
    if not said:
        return
    st.header(say("Image labels, class by class"))
    table = class_rows(said)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("What runs say of the image as a whole, per cent"))
        csv_button(_flat(table), f"{choice.dataset} {choice.split} image labels")
    _show_table(table)
    for run in said:
        st.caption(f"{literal(run.run)}: {literal(run.protocol)}.")
    found = {run.run: run.label_reliability for run in said}
    bins = bin_rows({run: own for run, own in found.items() if own is not None})
    st.markdown(say("**How sure they are against how right**, all pairs of image and class"))
    st.plotly_chart(
        reliability_diagram(bins, run_colours(choice.all_runs), run_markers(choice.all_runs), say),
        alt=say("Share of images that show a class against the probability that runs gave"),
    )
    ece = METRICS["image_label_ece"]
    st.caption(f"{say(ece.definition)} {say(ece.protocol)}")


def class_rows(scores: Sequence[RunScores]) -> pd.DataFrame:
    """Return a row a class; columns of two levels: class and images, then figures of each run.

    Args:
        scores: of runs with image labels; the figures are fractions.
    """
    first = scores[0].classes
    columns = {("", CLASS): first["name"].array, ("", "images"): first["images"].to_numpy()}
    for run in scores:
        for name, title in CLASS_FIGURES.items():
            columns[run.run, title] = run.classes[name].to_numpy()
    figures = np.stack([column for (run, _), column in columns.items() if run])
    occurs = ~np.isnan(figures).all(axis=0)
    return pd.DataFrame({name: column[occurs] for name, column in columns.items()})


def _show_table(table: pd.DataFrame) -> None:
    config = {1: st.column_config.TextColumn(pinned=True)}
    names = {title: name for name, title in CLASS_FIGURES.items()}
    config[2] = st.column_config.NumberColumn(help=say("Images that show the class."))
    for place, (run, title) in enumerate(table.columns, start=1):
        if run:
            metric = METRICS[names[title]]
            config[place] = st.column_config.NumberColumn(
                format="%.1f",
                help=say(
                    "Of this class alone. {definition} {protocol}",
                    definition=say(metric.definition),
                    protocol=say(metric.protocol),
                ),
            )
    per_cent = {name: 100 * column if name[0] else column for name, column in table.items()}
    draw_table(
        pd.DataFrame(per_cent),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config=config,
        alt=say("Image labels: scores of each class for each run"),
    )


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with one header row, as files have."""
    flat = table.copy()
    flat.columns = [f"{run} {name}".strip() for run, name in table.columns]
    return flat
