"""One score of each class on several splits: dots joined by a line."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.charts.intervals import Trace
from core.charts.labels import escaped
from core.charts.layout import LOSS, QUIET, categories, quiet_figure, rows_height
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
    names = list(dict.fromkeys(scores["name"]))
    spans = scores.groupby("name", sort=False).agg(
        least=("score", "min"), most=("score", "max"), strong=("overfits", "any")
    )
    lines = [
        _lines(spans[spans["strong"] == strong], LOSS if strong else QUIET)
        for strong in (False, True)
    ]
    told = "%{y}, %{fullData.name}: %{x:.1f}<br>" + say("%{customdata:,} images with the class")
    dots = [
        {
            "type": "scatter",
            "x": (100 * own["score"]).to_numpy(),
            "y": [escaped(name) for name in own["name"]],
            "name": escaped(str(split)),
            "mode": "markers",
            "cliponaxis": False,
            "marker": {"size": 10, "color": colours[str(split)], "symbol": markers[str(split)]},
            "customdata": own["images"].to_numpy(),
            "hovertemplate": told + "<extra></extra>",
        }
        for split, own in scores.groupby("split", sort=False)
    ]
    return quiet_figure(
        [*lines, *dots],
        height=rows_height(len(names), around=110),
        x={"title": {"text": escaped(f"{title}, %")}},
        y=categories([escaped(name) for name in names[::-1]], dtick=1, showgrid=True),
    )


def _lines(spans: pd.DataFrame, colour: str) -> Trace:
    limits = (100 * spans[["least", "most"]]).to_numpy().tolist()
    return {
        "type": "scatter",
        # nothing between the lines of two classes
        "x": [end for least, most in limits for end in (least, most, None)],
        "y": [name for each in spans.index for name in (escaped(each), escaped(each), None)],
        "mode": "lines",
        "line": {"color": colour, "width": 4 if colour == LOSS else 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }
