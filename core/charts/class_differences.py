"""What one run gains and loses against another, class by class."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.charts.layout import GAIN, LOSS, quiet, rows_height


def class_differences(classes: pd.DataFrame, first: str, second: str, title: str) -> go.Figure:
    """Return diverging bars, the largest gain of `second` over `first` on top.

    Args:
        classes: columns name, difference (second minus first, fractions), images (that hold the
            class), few (whether that is too little to judge; such bars are pale). Classes
            without a difference are left out.
        first: name of the run that is the ground.
        second: name of the run that is held against it.
        title: of the score.
    """
    ordered = classes.dropna(subset=["difference"]).sort_values("difference", kind="stable")
    points = ordered["difference"] * 100
    figure = go.Figure(
        go.Bar(
            x=points,
            y=ordered["name"],
            orientation="h",
            marker={
                "color": [GAIN if point >= 0 else LOSS for point in points],
                "opacity": [0.35 if few else 1 for few in ordered["few"]],
            },
            text=points,
            texttemplate="%{x:+.1f}",
            textposition="outside",
            cliponaxis=False,
            customdata=ordered["images"],
            hovertemplate="%{y}: %{x:+.1f} points on %{customdata:,} images<extra></extra>",
        )
    )
    quiet(
        figure,
        height=rows_height(len(ordered)),
        x_title=f"{title}, percentage points: ← {first} better · {second} better →",
    )
    figure.update_yaxes(type="category", dtick=1)
    figure.update_xaxes(side="top", zeroline=True)
    return figure
