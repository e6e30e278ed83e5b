"""How large the images are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import BAR, quiet
from core.charts.words import Say, in_english


def image_sizes(sizes: pd.DataFrame, say: Say = in_english) -> go.Figure:
    """Return a circle for each size, its area by the number of images.

    Args:
        sizes: columns width, height (pixels), images.
        say: gives the words of the chart in the language of its reader.
    """
    diameter = 6 + 34 * np.sqrt(sizes["images"] / max(sizes["images"].max(), 1))
    figure = go.Figure(
        go.Scatter(
            x=sizes["width"],
            y=sizes["height"],
            mode="markers",
            customdata=sizes["images"],
            marker={"size": diameter, "color": BAR, "opacity": 0.6, "line": {"width": 0}},
            hovertemplate=say("%{x} by %{y} px: %{customdata:,} images") + "<extra></extra>",
        )
    )
    quiet(figure, height=280, x_title=say("width, pixels"), y_title=say("height, pixels"))
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure
