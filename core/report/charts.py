"""Charts as SVG inside the page: no script, colours of the text around, names as they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from core.charts.layout import GAIN, LOSS
from core.metrics.significance import LEVEL
from core.report.figures import chance, change, changes, shown
from core.report.markup import Markup, element, joined
from core.words import counted

WIDTH, NAMES, RIGHT, TOP, ROW = 900, 200, 60, 26, 20
LONGEST_NAME: Final = 26
STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_WITH_INTERVALS: Final = 3
# plotly's names of markers to corners on a circle: (number, first angle in degrees, inner radius)
_CORNERS: Final = {
    "square": (4, 45, 1.0),
    "diamond": (4, 90, 1.0),
    "triangle-up": (3, 90, 1.0),
    "hexagon": (6, 0, 1.0),
    "star": (5, 90, 0.4),
    "cross": (4, 45, 0.35),
}


def class_score_chart(
    rows: pd.DataFrame,
    runs: Sequence[str],
    metric: str,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
) -> Markup:
    """Return a line for each class with a dot for each run, and intervals of a few runs.

    Args:
        rows: columns name, images, and of each run the score, "low RUN" and "high RUN".
        runs: names.
        metric: a score in per cent.
        colours: run to its colour.
        markers: run to plotly's name of its marker.
    """
    apart = 7 if len(runs) <= MOST_WITH_INTERVALS else 0
    row_height = max(ROW, apart * len(runs) + 8)
    parts = list(_grid(range(0, 101, 20), Scale(0, 100), len(rows) * row_height, "{:.0f} %"))
    for line, row in enumerate(rows.to_dict("records")):
        middle = TOP + row_height * (line + 0.5)
        parts.append(_row_name(str(row["name"]), middle))
        for place, run in enumerate(runs):
            y = middle + apart * (place - (len(runs) - 1) / 2)
            if math.isnan(row[run]):
                continue
            if apart:
                parts += _interval(row[f"low {run}"], row[f"high {run}"], y, Scale(0, 100))
            said = f"{row['name']}, {run}: {shown(metric, row[run])}"
            x = Scale(0, 100)(100 * row[run])
            parts.append(marker(markers[run], x, y, 5, colours[run], said))
    return _svg(parts, TOP + len(rows) * row_height + 6, "Score of each class and run")


def difference_chart(rows: pd.DataFrame, metric: str) -> Markup:
    """Return what the second run has more of each class, with its interval; findings are filled.

    Args:
        rows: of `scoring.differences`, classes only, in the order to show.
        metric: a score in per cent.
    """
    ends = 100 * rows[["difference", "low", "high"]].abs().to_numpy(float)
    step = _step(float(np.nanmax(ends)) if np.isfinite(ends).any() else 1.0)
    most = step * max(1, math.ceil(np.nanmax(ends, initial=0.0) / step))
    at = Scale(-most, most)
    ticks = np.arange(-most, most + step / 2, step).tolist()
    parts = list(_grid(ticks, at, len(rows) * ROW, "{:+g}"))
    for line, row in enumerate(rows.to_dict("records")):
        y = TOP + ROW * (line + 0.5)
        colour = GAIN if row["difference"] >= 0 else LOSS
        sure = row["reliable"] and row["p_adjusted"] < LEVEL
        said = (
            f"{row['name']}: {change(metric, row['difference'])} points on "
            f"{counted(int(row['images']), 'image')}, "
            f"95 % interval {changes(metric, row['low'], row['high'])}, "
            f"p {chance(row['p_adjusted'])}"
        )
        parts.append(_row_name(str(row["name"]), y))
        parts += _interval(row["low"], row["high"], y, at)
        x = at(100 * row["difference"])
        parts.append(marker("circle", x, y, 5, colour, said, filled=bool(sure)))
    return _svg(parts, TOP + len(rows) * ROW + 6, "Difference of each class")


def marker(
    shape: str,
    x: float,
    y: float,
    radius: float,
    colour: str,
    said: str,
    *,
    filled: bool = True,
) -> Markup:
    """Return a marker that tells what it means when it is pointed at."""
    fill = {"fill": colour if filled else "none", "stroke": colour, "stroke_width": 1.6}
    title = element("title", said)
    if shape not in _CORNERS:
        return element("circle", title, cx=float(x), cy=float(y), r=float(radius - 0.8), **fill)
    count, first, inner = _CORNERS[shape]
    radii = [radius] if inner == 1.0 else [radius, radius * inner]
    corners = count * len(radii)
    points = " ".join(
        f"{x + radii[i % len(radii)] * math.cos(angle):.2f},"
        f"{y - radii[i % len(radii)] * math.sin(angle):.2f}"
        for i in range(corners)
        for angle in [math.radians(first + 360 * i / corners)]
    )
    return element("polygon", title, points=points, **fill)


def legend_marker(shape: str, colour: str, name: str) -> Markup:
    """Return the marker of a run for a legend or a table."""
    drawn = marker(shape, 7, 7, 6, colour, name)
    return element("svg", drawn, width=14, height=14, viewBox="0 0 14 14", class_="mark")


@dataclass(frozen=True)
class Scale:
    """From values on the axis to places on the picture."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        """Return how far right a value lies, in units of the picture."""
        share = (value - self.low) / (self.high - self.low)
        return NAMES + share * (WIDTH - NAMES - RIGHT)


def _svg(parts: Iterable[Markup], height: float, said: str) -> Markup:
    box = f"0 0 {WIDTH} {height:g}"
    return element("svg", joined(parts), viewBox=box, class_="chart", role="img", aria_label=said)


def _grid(ticks: Iterable[float], at: Scale, height: float, form: str) -> Iterable[Markup]:
    for tick in ticks:
        x = at(tick)
        strong = "axis" if tick == 0 else "grid"
        yield element("line", x1=x, x2=x, y1=TOP - 4, y2=TOP + height, class_=strong)
        yield element("text", form.format(tick), x=x, y=TOP - 10, text_anchor="middle")


def _row_name(name: str, y: float) -> Markup:
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    text = element("title", name), short
    return element("text", *text, x=NAMES - 12, y=y + 4, text_anchor="end")


def _interval(low: float, high: float, y: float, at: Scale) -> list[Markup]:
    if math.isnan(low) or math.isnan(high):
        return []
    ends = {"x1": at(100 * low), "x2": at(100 * high)}
    return [element("line", **ends, y1=float(y), y2=float(y), class_="interval")]


def _step(most: float) -> float:
    """Return a round step of which about four reach the end of the axis."""
    rough = max(most, 1e-6) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough)
