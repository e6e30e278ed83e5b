"""One score of each class on several splits: dots joined by a line."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.labels import literal
from core.charts.layout import LOSS, QUIET, quiet, rows_height
from core.charts.words import Say, in_english


def split_dots(
    scores: pd.DataFrame,
    title: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    say: Say = in_english,
) -> go.Figure:
    """Return a line a class from its lowest to its highest score, with a dot for each split.

    Args:
        scores: columns name (of the class), split, images, score (a fraction), overfits; the
            first class on top. Lines of classes that overfit on a split are strong.
        title: of the score.
        colours: split to its colour.
        markers: split to its plotly symbol, so that colour is never alone.
        say: gives the words of the chart in the language of its reader.
    """
    figure = go.Figure()
    names = list(dict.fromkeys(scores["name"]))
    spans = scores.groupby("name", sort=False).agg(
        least=("score", "min"), most=("score", "max"), strong=("overfits", "any")
    )
    for strong in (False, True):
        _add_lines(figure, spans[spans["strong"] == strong], LOSS if strong else QUIET)
    for split in dict.fromkeys(scores["split"]):
        own = scores[scores["split"] == split]
        figure.add_scatter(
            x=100 * own["score"],
            y=own["name"],
            name=str(split),
            mode="markers",
            cliponaxis=False,
            marker={"size": 10, "color": colours[split], "symbol": markers[split]},
            customdata=own["images"],
            hovertemplate="%{y}, %{fullData.name}: %{x:.1f}<br>"
            + say("%{customdata:,} images with the class")
            + "<extra></extra>",
        )
    quiet(figure, height=rows_height(len(names), around=110), x_title=f"{title}, %")
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=names[::-1], dtick=1, showgrid=True
    )
    return literal(figure)


def _add_lines(figure: go.Figure, spans: pd.DataFrame, colour: str) -> None:
    limits = (100 * spans[["least", "most"]]).to_numpy().tolist()
    figure.add_scatter(
        # nothing between the lines of two classes
        x=[end for least, most in limits for end in (least, most, None)],
        y=[name for each in spans.index for name in (each, each, None)],
        mode="lines",
        line={"color": colour, "width": 4 if colour == LOSS else 2},
        hoverinfo="skip",
        showlegend=False,
    )
