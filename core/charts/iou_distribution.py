"""How many boxes lie how well."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import QUIET, quiet
from core.charts.words import Say, in_english

HEIGHT = 400
BINS = 20


def iou_distribution(
    ious: pd.DataFrame, colours: Mapping[str, str], least: float, say: Say = in_english
) -> go.Figure:
    """Return how many images of each run have a box of which IoU, in 20 bins of .05.

    A bin holds its lower edge; the last one holds 1 too.

    Args:
        ious: columns run and iou (a fraction), one row an image.
        colours: run to its colour.
        least: IoU from which a box lies right; marked by a line.
        say: gives the words of the chart in the language of its reader.
    """
    edges = np.linspace(0, 1, BINS + 1)
    figure = go.Figure()
    for run, own in ious.groupby("run", sort=False):
        counts, _ = np.histogram(own["iou"], bins=edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            name=str(run),
            marker={"color": colours[str(run)]},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{fullData.name}<br>"
            + say("IoU %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} images")
            + "<extra></extra>",
        )
    quiet(figure, height=HEIGHT, x_title=say("IoU of the box"), y_title=say("images"))
    figure.update_layout(barmode="group", showlegend=len(figure.data) > 1)
    figure.add_vline(x=least, line_dash="dot", line_color=QUIET, annotation_text=f"{least:.2f}")
    figure.update_xaxes(range=[0, 1])
    return literal(figure)
