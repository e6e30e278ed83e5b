"""Numbers and times as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pandas as pd

from core.words import noun_of
from pages.ui.language import mark, say

NO_VALUE = "–"
STEPS = (
    (60, mark("second"), mark("seconds")),
    (60, mark("minute"), mark("minutes")),
    (24, mark("hour"), mark("hours")),
    (7, mark("day"), mark("days")),
    (4.35, mark("week"), mark("weeks")),
    (12, mark("month"), mark("months")),
)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    Example:
        >>> counted(1, "class", "classes"), counted(1692, "object")
        ('1 class', '1,692 objects')
    """
    return f"{number:,} {say(noun_of(number, noun, plural))}"


def every(number: int, noun: str, several: str) -> str:
    """Return how all of something are spoken of: "All 3 runs", and "1 run" if there is one.

    Args:
        number: of things.
        noun: of one.
        several: what is said of more than one.
    """
    return counted(number, noun) if number == 1 else several


def literal(text: str) -> str:
    r"""Return a name from data so that Markdown shows it as it is.

    Example:
        >>> literal("a_b [c](d)")
        'a\\_b \\[c\\]\\(d\\)'
    """
    return re.sub(r"([\\`*_{}\[\]()#<>~$:|!])", r"\\\1", text)


def percent(fraction: float | None) -> str:
    """Return a fraction as per cent with one decimal, or a dash where there is no score.

    Example:
        >>> percent(0.36471)
        '36.5 %'
    """
    return NO_VALUE if fraction is None or fraction != fraction else f"{100 * fraction:.1f} %"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago a moment was, or a dash if there was none.

    Args:
        moment: with its time zone.
        now: the moment of asking, with its time zone.
    """
    if moment is None or pd.isna(moment):
        return NO_VALUE
    passed = ((now or datetime.now(UTC)) - moment).total_seconds()
    if passed < 10:
        return say("just now")
    for length, unit, units in STEPS:
        if passed < length:
            return say("{time} ago", time=counted(int(passed), unit, units))
        passed /= length
    return say("{time} ago", time=counted(int(passed), "year"))
