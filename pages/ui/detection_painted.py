"""The semantic IoU of masks painted from each least score on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.run_curves import run_curves
from core.scoring.painted import Shown, shown_pixels
from pages.ui import store
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.language import mark, say

PAINTED = mark("painted mean IoU")
STEPS = tuple(step / 100 for step in range(101))


def painted_runs(view: DetectionView) -> list[str]:
    """Return the runs whose masks were painted into a semantic map."""
    return list(view.runs.loc[view.runs["pixel_source"] == "painted", "run"])


def mean_iou_at(view: DetectionView, run: str, score: float) -> float | None:
    """Return the mean IoU of a run painted from a least score on; None without a score."""
    return None if score != score else float(_shown(view, run).mean_ious([score], view.classes)[0])


def show_curve(view: DetectionView, runs: list[str], score: float | None) -> None:
    """Show the mean IoU of the painted runs against the least score.

    Args:
        view: the filters.
        runs: names of the runs that are painted.
        score: where the slider stands, or None.
    """
    points = pd.concat(
        [
            pd.DataFrame(
                {"run": run, "x": STEPS, "y": _shown(view, run).mean_ious(STEPS, view.classes)}
            )
            for run in runs
        ],
        ignore_index=True,
    )
    st.plotly_chart(
        run_curves(
            points, (say("least score"), say(PAINTED)), view.colours, view.dashes, at=score, say=say
        ),
        alt=say("Mean IoU of the painted masks of each run against the least score"),
    )
    st.caption(
        say(
            "Masks with at least the score, painted with the most certain on top, "
            "against the label maps; mean over the classes, with the background "
            "unless some are chosen (mmsegmentation 1.2.2). Exact at every "
            "hundredth. Pixels have no size: the size filter does not apply."
        )
    )
    csv_button(
        points.rename(columns={"x": "score", "y": PAINTED}), view.file_name("painted mean IoU")
    )


def _shown(view: DetectionView, run: str) -> Shown:
    with st.spinner(say("Painting the masks of {run} once", run=run)):
        return store.ask(shown_pixels, run=run, images=view.images.keys)
