"""How many objects the images hold."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import BAR, quiet
from core.charts.words import Say, in_english


def objects_per_image(counts: pd.DataFrame, say: Say = in_english) -> go.Figure:
    """Return bars of the number of images over the number of objects in them.

    Args:
        counts: columns objects, images.
        say: gives the words of the chart in the language of its reader.
    """
    figure = go.Figure(
        go.Bar(
            x=counts["objects"],
            y=counts["images"],
            marker_color=BAR,
            hovertemplate=say("%{y:,} images hold %{x} objects") + "<extra></extra>",
        )
    )
    quiet(figure, height=280, x_title=say("objects in the image"), y_title=say("images"))
    figure.update_xaxes(rangemode="tozero")
    return figure
