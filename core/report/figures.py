"""Numbers as people read them: fractions in per cent, times in milliseconds."""

from __future__ import annotations

import math

from core.metrics import METRICS

NOTHING = "–"


def shown(metric: str, score: float | None) -> str:
    """Return a score with its unit."""
    if score is None or math.isnan(score):
        return NOTHING
    return f"{_scaled(metric, score):.1f} {unit(metric)}"


def bounds(metric: str, low: float, high: float) -> str:
    """Return the ends of an interval of a score."""
    if math.isnan(low):
        return NOTHING
    return f"{_scaled(metric, low):.1f} to {_scaled(metric, high):.1f}"


def changes(metric: str, low: float, high: float) -> str:
    """Return the ends of an interval of a difference."""
    if math.isnan(low):
        return NOTHING
    return f"{change(metric, low)} to {change(metric, high)}"


def change(metric: str, difference: float) -> str:
    """Return a difference with its sign, in points or milliseconds."""
    if math.isnan(difference):
        return NOTHING
    return f"{_scaled(metric, difference):+.2f}"


def chance(p: float) -> str:
    """Return a p value."""
    return NOTHING if math.isnan(p) else f"{p:.4f}"


def unit(metric: str) -> str:
    """Return "%" or "ms"."""
    return "ms" if METRICS[metric].unit == "seconds" else "%"


def _scaled(metric: str, score: float) -> float:
    return score * (1000 if METRICS[metric].unit == "seconds" else 100)
