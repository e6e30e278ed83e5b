"""How large the images are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import BAR, quiet


def image_sizes(sizes: pd.DataFrame) -> go.Figure:
    """Return a circle for each size, its area by the number of images.

    Args:
        sizes: columns width, height (pixels), images.
    """
    diameter = 6 + 34 * np.sqrt(sizes["images"] / max(sizes["images"].max(), 1))
    figure = go.Figure(
        go.Scatter(
            x=sizes["width"],
            y=sizes["height"],
            mode="markers",
            customdata=sizes["images"],
            marker={"size": diameter, "color": BAR, "opacity": 0.6, "line": {"width": 0}},
            hovertemplate="%{x} by %{y} px: %{customdata:,} images<extra></extra>",
        )
    )
    quiet(figure, height=280, x_title="width, pixels", y_title="height, pixels")
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure
