"""The controls of the page Failures, and its words about what they chose."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.metrics.errors import DESCRIPTIONS
from core.metrics.image_labels import LEAST_PIXELS
from core.scoring import SIZES
from pages.ui import states, store
from pages.ui.class_pairs import pair_filter, pair_names
from pages.ui.failure_choice import (
    DIFFERENCES,
    KINDS,
    LABELS,
    MOST_PIXELS,
    PIXELS,
    RANKS,
    FailureChoice,
)
from pages.ui.failure_pixels import wrong_kinds
from pages.ui.failure_search import GEOMETRIES, all_ways
from pages.ui.language import mark, say
from pages.ui.subset import IOUS, answered_filter, iou_filter
from pages.ui.way_control import chosen_way

IMAGES, OBJECTS, TABLE = VIEWS = (mark("Images"), mark("Objects"), mark("Table"))
PAGE_SIZES = (24, 48, 96)
SIDES_HELP = mark("""None chosen: both.

- **said, not found**: the label head says the class, but the mask or the objects lack it
- **found, not said**: the mask or the objects have the class, but the label head denies it""")


def wanted(split: pd.Series, runs: pd.DataFrame) -> FailureChoice:
    """Draw the filters and return what they say.

    Args:
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    judged = _judged(split, runs)
    overlap, truth, predicted = IOUS[0], (), ()
    with st.container(horizontal=True, gap="medium"):
        if judged.by != LABELS:
            names = list(pair_names(split, pixels=judged.by == PIXELS))
            truth, predicted = pair_filter(names)
        if judged.by in GEOMETRIES and (truth or predicted):
            overlap = iou_filter(say("IoU with the object taken, at least"))
        answered_by = answered_filter(store.runs(split["dataset"], split["split"]))
    return replace(
        judged,
        wrong=() if truth or predicted else judged.wrong,
        truth=truth,
        predicted=predicted,
        overlap=overlap,
        answered_by=answered_by,
    )


def _judged(split: pd.Series, runs: pd.DataFrame) -> FailureChoice:
    """Draw by what runs are judged, and what there is to choose then."""
    ways = all_ways(split, runs) or states.nothing_scored(list(runs["run"]))
    with st.container(horizontal=True, gap="medium"):
        by = chosen_way(ways)
        if by == PIXELS:
            return FailureChoice(by=by, below=_below(), wrong=wrong_kinds())
        score = _score()
        if by == LABELS:
            return _of_labels(score, runs)
        size = st.segmented_control(
            say("Size"),
            SIZES,
            key="size",
            bind="query-params",
            required=True,
            default="all",
            format_func=say,
            help=say("Area of the prediction or missed object, by COCO's limits of 32² and 96²."),
        )
        rank = st.selectbox(
            say("Order"), RANKS, key="rank", bind="query-params", width=200, format_func=say
        )
    chosen = st.pills(
        say("Kinds of error"),
        [kind.value for kind in KINDS],
        selection_mode="multi",
        key="kinds",
        bind="query-params",
        format_func=say,
        help=say("None chosen: all kinds.")
        + "\n"
        + "".join(f"\n- **{say(kind)}**: {say(DESCRIPTIONS[kind])}" for kind in KINDS),
    )
    return FailureChoice(by, _in_order(chosen), size, score, rank=rank)


def view(*, objects: bool) -> str:
    """Draw the choice between images, objects and table, and return it.

    Args:
        objects: whether objects can be shown: pixels and labels have none.
    """
    views = [each for each in VIEWS if each != OBJECTS or objects]
    return st.segmented_control(
        say("Show"),
        views,
        key="view",
        bind="query-params",
        format_func=say,
        required=True,
        default=IMAGES,
        label_visibility="collapsed",
    )


def page(images: int) -> tuple[int, int]:
    """Draw the pager; return the page shown, from 1, and images a page."""
    size = st.segmented_control(
        say("Images a page"),
        PAGE_SIZES,
        key="per",
        bind="query-params",
        required=True,
        default=PAGE_SIZES[0],
        label_visibility="collapsed",
    )
    pages = -(-images // size)
    # a page that other filters had would stay in the address
    if st.session_state.get("p", 1) > pages:
        st.session_state["p"] = 1
    return st.pagination(pages, key="p", bind="query-params", max_visible_pages=5), size


def _score() -> float:
    return st.slider(
        say("Least score"),
        0.0,
        1.0,
        0.5,
        0.05,
        key="score",
        bind="query-params",
        width=180,
        help=say(
            "Predictions with a lower score count as not made: what they hit is "
            "missed. Labels of a lower probability count as not said."
        ),
    )


def _of_labels(score: float, runs: pd.DataFrame) -> FailureChoice:
    """Draw what there is to choose where label heads are judged."""
    pixels = LEAST_PIXELS
    if runs["has_label_maps"].any():
        pixels = st.number_input(
            say("Least pixels"),
            1,
            MOST_PIXELS,
            LEAST_PIXELS,
            key="pixels",
            bind="query-params",
            width=140,
            help=say("A label map shows a class from this number of pixels on."),
        )
    sides = st.pills(
        say("Where they differ"),
        DIFFERENCES,
        selection_mode="multi",
        key="sides",
        bind="query-params",
        format_func=say,
        help=say(SIDES_HELP),
    )
    return FailureChoice(
        LABELS, score=score, pixels=pixels, sides=tuple(s for s in DIFFERENCES if s in sides)
    )


def _below() -> int:
    return st.slider(
        say("IoU of the image at most"),
        0,
        100,
        100,
        5,
        format="%d %%",
        key="below",
        bind="query-params",
        width=220,
    )


def _in_order(kinds: list[str]) -> tuple[str, ...]:
    return tuple(kind.value for kind in KINDS if kind.value in kinds)
