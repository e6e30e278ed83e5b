"""How large the objects are, with COCO's limits of small, medium and large."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import BAR, QUIET, quiet
from core.charts.words import Say, in_english

LIMITS = (32, 96)


def object_sizes(steps: pd.DataFrame, say: Say = in_english) -> go.Figure:
    """Return a histogram of sizes on a logarithmic axis.

    Args:
        steps: columns step, objects; step s starts at a side of 32·3^(s/4) pixels.
        say: gives the words of the chart in the language of its reader.
    """
    start = 32 * 3 ** (steps["step"] / 4)
    end = 32 * 3 ** ((steps["step"] + 1) / 4)
    figure = go.Figure(
        go.Bar(
            x=np.sqrt(start * end),
            y=steps["objects"],
            width=(end - start) * 0.92,
            customdata=np.stack([start, end], axis=1),
            marker_color=BAR,
            hovertemplate=say("%{y:,} objects of %{customdata[0]:.0f} to %{customdata[1]:.0f} px")
            + "<extra></extra>",
        )
    )
    quiet(figure, height=280, x_title=say("√area, pixels (logarithmic)"), y_title=say("objects"))
    figure.update_xaxes(type="log", tickvals=[4, 8, 16, 32, 64, 96, 128, 256, 512, 1024])
    for limit in LIMITS:
        figure.add_vline(x=limit, line={"color": QUIET, "dash": "dot", "width": 1.5})
    return figure
