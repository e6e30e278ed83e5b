"""Where the wrong pixels lie: of what the union of each class, or of their mean, is made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts.error_bars import error_bars
from core.metrics.pixel_errors import KINDS
from core.scoring import Choice
from core.scoring.pixel_errors import mean_losses, pixel_losses
from pages.ui import score_table, store
from pages.ui.clickable import Point, Way, clickable
from pages.ui.download import csv_button
from pages.ui.failure_choice import PIXELS, FailureChoice
from pages.ui.language import mark, say
from pages.ui.score_failures import failures
from pages.ui.selection import Selection

EVERY_CLASS = mark("mean over the classes")
RULE = mark(
    """Each wrong pixel is one that its class **missed** or that was **added** to another. It is

- **boundary**: the outline is there but off. Hits and pixels of neither side are within 1 % of the
  image's diagonal, and its patch touches both;
- **extent**: the region was found, but is too large or too small;
- **segment**: the region was not found, or is invented.

A share is of the pixels that have the class in the annotation or the prediction (the union), so
that "correct" is the IoU and the bar makes 100 % (Bernhard et al. 2024, beyond-iou; counts are
summed over the images). Void pixels are left out."""
)


def show(
    choice: Selection,
    rows: pd.DataFrame,
    images: Sequence[int] | None,
    background: bool,  # noqa: FBT001 - what the switch says
) -> str | None:
    """Show a bar for each run; nothing where no run has label maps to count.

    Returns the name of the class that was chosen, None for the mean over the classes.

    Args:
        choice: data set and split.
        rows: of `catalogue.runs`: the chosen runs.
        images: keys of the images that count, or None for all.
        background: whether the background is one of the classes.
    """
    counted = rows[rows["pixel_source"].notna()]
    if counted.empty:
        return None
    losses = store.ask(
        pixel_losses,
        runs=tuple(counted["run"]),
        images=images,
        choice=Choice(with_background=background),
    )
    st.header(say("Where the wrong pixels lie"), help=say(RULE))
    name = None if losses.empty else _show_bars(losses, choice)
    there = set(losses["run"])
    lacking = [row for row in counted.itertuples(index=False) if row.run not in there]
    score_table.say_uncounted(lacking, say("the kinds of wrong pixels"))
    return name


def _show_bars(losses: pd.DataFrame, choice: Selection) -> str | None:
    names = [EVERY_CLASS, *losses["name"].unique()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            say("Class"),
            names,
            key="error_class",
            bind="query-params",
            format_func=_worded,
            width=260,
        )
        csv_button(losses, f"{choice.dataset} {choice.split} wrong pixels")
    meant = mean_losses(losses) if name == EVERY_CLASS else losses[losses["name"] == name]
    class_name = None if name == EVERY_CLASS else name
    clickable(
        error_bars(meant, say),
        partial(_way, choice=choice, class_name=class_name),
        key="wrong pixels",
        alt=say("Share of the union that is correct, and wrong by kind, for each run"),
    )
    st.caption(
        say(
            "Correct is the IoU. Boundary: the outline is there but off by up to 1 % "
            "of the image's diagonal. Extent: the region was found, but is too large "
            "or too small. Segment: the region was not found, or is invented. The "
            "heading's help tells the rule."
        )
    )
    return class_name


def _way(point: Point, *, choice: Selection, class_name: str | None) -> Way:
    """Return where a clicked part of a run's bar leads: correct pixels to all of its failures."""
    kinds = tuple(kind for kind in KINDS if say(kind) == point.name)
    wanted = FailureChoice(by=PIXELS, wrong=kinds)
    sentence = say("images of {run}, {order}", run=point.row, order=say(wanted.order))
    address = failures(choice.dataset, choice.split, [point.row], wanted, class_name)
    return Way("Failures", sentence, address)


def _worded(name: str) -> str:
    """Return an option as it is shown: names of classes as they are."""
    return say(name) if name == EVERY_CLASS else name
