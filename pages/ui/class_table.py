"""Scores of classes across runs: long for pictures, wide for tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.scoring import FEW_IMAGES, RunScores
from pages.ui.language import mark, say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, literal

AS_GIVEN, MOST_IMAGES, BEST = ORDERS = (
    mark("as in the data set"),
    mark("most images first"),
    mark("best first"),
)
PIXEL_METRICS = ("miou", "boundary_iou", "dice", "mean_accuracy")
METRIC_TITLES = {
    "miou": mark("IoU of pixels"),
    "boundary_iou": mark("Boundary IoU of pixels"),
    "dice": mark("Dice of pixels"),
    "mean_accuracy": mark("Accuracy of pixels"),
    "pq": mark("Panoptic quality"),
    "sq": mark("Segmentation quality"),
    "rq": mark("Recognition quality"),
    "box_ap": mark("Box AP"),
    "box_ap50": mark("Box AP50"),
    "mask_ap": mark("Mask AP"),
    "mask_ap50": mark("Mask AP50"),
}


def metrics_of(scores: Sequence[RunScores]) -> list[str]:
    """Return the metrics that classes of at least one run have, first those of most runs."""
    having = {name: sum(name in run.classes for run in scores) for name in METRIC_TITLES}
    return sorted((name for name in having if having[name]), key=lambda name: -having[name])


def long(scores: Sequence[RunScores], metric: str, background: str | None) -> pd.DataFrame:
    """Return a row for each run and class: run, class, name, images, objects, score, few.

    Args:
        scores: of runs on the same images.
        metric: one of `METRIC_TITLES`; a run without it has no score (NaN).
        background: name of a class to leave out, or None.
    """
    kept = ["class", "name", "images", "objects"]
    rows = pd.concat([run.classes[kept] for run in scores], ignore_index=True)
    sizes = [len(run.classes) for run in scores]
    columns = [
        run.classes[metric] if metric in run.classes else np.full(size, np.nan)
        for run, size in zip(scores, sizes, strict=True)
    ]
    rows["run"] = np.repeat([run.run for run in scores], sizes)
    rows["score"] = np.concatenate(columns)
    # a run without pixel counts does not know on how many images the background is
    rows["images"] = rows.groupby("class")["images"].transform("max")
    rows["few"] = rows["images"] < FEW_IMAGES
    return rows[rows["name"] != background].reset_index(drop=True)


def runs_with_score(rows: pd.DataFrame) -> list[str]:
    """Return the runs of the long table that have the score of at least one class."""
    return list(rows.loc[rows["score"].notna(), "run"].unique())


def without_score(runs: Sequence[str], scored: Sequence[str]) -> str:
    """Name the runs that lack the score, in a sentence; "" if all have it."""
    lacking = [literal(run) for run in runs if run not in scored]
    return say("Without this score: {lacking}.", lacking=", ".join(lacking)) if lacking else ""


def wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row a class: name, images, objects, then a column of scores for each run."""
    classes = rows.drop_duplicates("class").set_index("class")[["name", "images", "objects"]]
    # `pivot_table` would leave out the runs without a score
    scores = rows.pivot(index="class", columns="run", values="score")  # noqa: PD010
    return classes.join(scores[rows["run"].unique()]).reset_index(drop=True)


def ordered(table: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return the wide table in one of `ORDERS`."""
    if order == MOST_IMAGES:
        return table.sort_values("images", ascending=False, kind="stable", ignore_index=True)
    if order == BEST:
        mean = table[table.columns[3:]].mean(axis=1)
        return table.loc[mean.sort_values(ascending=False, kind="stable").index].reset_index(
            drop=True
        )
    return table


def show(table: pd.DataFrame, title: str) -> None:
    """Show the wide table in per cent, classes on few images in grey."""
    runs = list(table.columns[3:])
    # data sets of label maps have no objects
    columns = [name for name in table.columns if name != "objects" or table[name].any()]
    shown = table.assign(**{run: table[run] * 100 for run in runs})
    number = st.column_config.NumberColumn
    draw_table(
        _greyed(shown[columns]),
        hide_index=True,
        placeholder=NO_VALUE,
        height=420,
        column_config={
            "name": st.column_config.TextColumn(say("class"), pinned=True),
            "images": number(help=say("Images whose annotation holds the class.")),
            "objects": number(help=say("Annotated objects, without crowd regions.")),
            **{
                run: number(
                    format="%.1f", help=say("{title} of {run}, per cent", title=title, run=run)
                )
                for run in runs
            },
        },
        alt=say("{title} of each class for each run", title=title),
    )


def _greyed(table: pd.DataFrame) -> Styler:
    grey = "color: #8a8f98"
    return table.style.apply(
        lambda row: [grey if row["images"] < FEW_IMAGES else ""] * len(row), axis=1
    )
