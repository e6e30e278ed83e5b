"""The controls of the page Failures, and its words about what they chose."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.metrics.errors import DESCRIPTIONS
from core.metrics.image_labels import LEAST_PIXELS
from core.scoring import SIZES
from pages.ui import states, store
from pages.ui.class_pairs import pair_filter, pair_names, pair_words
from pages.ui.failure_choice import (
    DIFFERENCES,
    KINDS,
    LABELS,
    MOST_ERRORS,
    MOST_PIXELS,
    PIXELS,
    RANKS,
    FailureChoice,
)
from pages.ui.failure_pixels import wrong_kinds
from pages.ui.failure_search import GEOMETRIES, Search, all_ways
from pages.ui.subset import IOUS, answered_filter, iou_filter
from pages.ui.words import counted, literal

IMAGES, OBJECTS, TABLE = VIEWS = ("Images", "Objects", "Table")
PAGE_SIZES = (24, 48, 96)
SIDES_HELP = """None chosen: both.

- **said, not found**: the label head says the class, but the mask or the objects lack it
- **found, not said**: the mask or the objects have the class, but the label head denies it"""


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
            overlap = iou_filter("IoU with the object taken, at least")
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
    # a way of other runs, kept by the session, would stay chosen
    if st.session_state.get("by", ways[0]) not in ways:
        del st.session_state["by"]
    with st.container(horizontal=True, gap="medium"):
        by = st.segmented_control(
            "Judge by", ways, key="by", bind="query-params", required=True, default=ways[0]
        )
        if by == PIXELS:
            return FailureChoice(by=by, below=_below(), wrong=wrong_kinds())
        score = _score()
        if by == LABELS:
            return _of_labels(score, runs)
        size = st.segmented_control(
            "Size",
            SIZES,
            key="size",
            bind="query-params",
            required=True,
            default="all",
            help="Area of the prediction or missed object, by COCO's limits of 32² and 96².",
        )
        rank = st.selectbox("Order", RANKS, key="rank", bind="query-params", width=200)
    chosen = st.pills(
        "Kinds of error",
        [kind.value for kind in KINDS],
        selection_mode="multi",
        key="kinds",
        bind="query-params",
        help="None chosen: all kinds.\n"
        + "".join(f"\n- **{kind}**: {DESCRIPTIONS[kind]}" for kind in KINDS),
    )
    return FailureChoice(by, _in_order(chosen), size, score, rank=rank)


def name_left_out(search: Search) -> None:
    """Name chosen runs that cannot be judged so, and runs that answered fewer images."""
    judged = search.runs
    if search.left_out:
        noun = {PIXELS: "label maps to count", LABELS: "a label head and what it found"}.get(
            search.wanted.by, search.wanted.by
        )
        st.caption(f"Without {noun}, so not judged here: {literal(', '.join(search.left_out))}.")
    if len(set(judged["images"])) > 1:
        each = ", ".join(
            f"{literal(run)} {n:,}" for run, n in zip(judged["run"], judged["images"], strict=True)
        )
        st.caption(f"The runs answered different numbers of images ({each}).")


def summary(search: Search, worst: pd.DataFrame, *, in_order: bool = True) -> str:
    """Return one line: how many images, how many errors.

    Args:
        search: what is looked for.
        worst: the images found, from `failure_rows.worst_images`.
        in_order: say in which order the images stand, too.
    """
    return _amounts(search, worst) + f", {search.wanted.order}" * in_order


def _amounts(search: Search, worst: pd.DataFrame) -> str:
    wanted, class_name = search.wanted, search.choice.class_name
    subject = f" of the class {literal(class_name)}" if class_name else ""
    images = f"**{counted(len(worst), 'image')} of {search.split['images']:,}**"
    if wanted.wrong:
        pixels = counted(int(worst["pixels"].sum()), f"{' or '.join(wanted.wrong)} error pixel")
        return f"{images} with {pixels}{subject}"
    if wanted.by_pair:
        return f"{images} with {_of_pair(search, worst)}"
    if wanted.by == PIXELS:
        measure = f"IoU{subject}" if class_name else "mean IoU"
        return f"{images} with {measure} up to {wanted.below} %"
    noun = "difference" if wanted.by == LABELS else "error"
    errors = counted(int(worst["errors"].sum()), noun)
    return f"{images} with {errors}{subject}"


def _of_pair(search: Search, worst: pd.DataFrame) -> str:
    """How many objects or pixels of the chosen classes there are, in words."""
    noun, amounts = ("pixel", "pixels") if search.wanted.by == PIXELS else ("object", "errors")
    pair = pair_words(search.wanted.truth, search.wanted.predicted)
    return f"{counted(int(worst[amounts].sum()), noun)} {literal(pair)}"


def nothing_found(search: Search) -> NoReturn:
    """End the page: nothing fails by these filters."""
    class_name = search.choice.class_name
    on_class = f" on the class {literal(class_name)}" if class_name else ""
    st.info(
        f"Nothing fails{on_class} by these filters. Choose other filters, runs or another class.",
        icon=":material/search_off:",
    )
    st.stop()


def explain(search: Search) -> None:
    """Say by which rule images stand in their order, and which figure is whose."""
    several = len(search.runs) > 1
    if search.wanted.wrong:
        rule = "First comes the image with most wrong pixels of these kinds"
        rule += " of all runs together" if several else ""
        rule += ". A pixel has the graver kind of its two classes; that of a class chosen in the "
        rule += "sidebar is annotated as it."
    elif search.wanted.by == PIXELS and search.pair is not None:
        rule = "First comes the image with most pixels annotated and predicted so"
        rule += " of all runs together." if several else "."
    elif search.wanted.by == PIXELS:
        rule = "The IoU of an image is of its own pixels alone, the mean over the classes in it"
        rule += "; of several runs the lowest decides." if several else "."
    elif search.wanted.by == LABELS:
        rule = "First comes the image on which label head and mask or objects differ about most "
        rule += f"classes{', summed over all runs' * several}."
    elif search.wanted.rank == MOST_ERRORS:
        noun = "errors" if search.pair is None else "such objects"
        rule = f"First comes the image with most {noun}{' of all runs together' * several}."
    else:
        rule = "First comes the image whose error has the highest score; missed objects have none."
    names = literal(" · ".join(search.runs["run"]))
    st.caption(rule + f" Figures of several runs stand in this order: {names}." * several)


def view(*, objects: bool) -> str:
    """Draw the choice between images, objects and table, and return it.

    Args:
        objects: whether objects can be shown: pixels and labels have none.
    """
    views = [each for each in VIEWS if each != OBJECTS or objects]
    return st.segmented_control(
        "Show",
        views,
        key="view",
        bind="query-params",
        required=True,
        default=IMAGES,
        label_visibility="collapsed",
    )


def page(images: int) -> tuple[int, int]:
    """Draw the pager; return the page shown, from 1, and images a page."""
    size = st.segmented_control(
        "Images a page",
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
        "Least score",
        0.0,
        1.0,
        0.5,
        0.05,
        key="score",
        bind="query-params",
        width=180,
        help="Predictions with a lower score count as not made: what they hit is missed. Labels "
        "of a lower probability count as not said.",
    )


def _of_labels(score: float, runs: pd.DataFrame) -> FailureChoice:
    """Draw what there is to choose where label heads are judged."""
    pixels = LEAST_PIXELS
    if runs["has_label_maps"].any():
        pixels = st.number_input(
            "Least pixels",
            1,
            MOST_PIXELS,
            LEAST_PIXELS,
            key="pixels",
            bind="query-params",
            width=140,
            help="A label map shows a class from this number of pixels on.",
        )
    sides = st.pills(
        "Where they differ",
        DIFFERENCES,
        selection_mode="multi",
        key="sides",
        bind="query-params",
        help=SIDES_HELP,
    )
    return FailureChoice(
        LABELS, score=score, pixels=pixels, sides=tuple(s for s in DIFFERENCES if s in sides)
    )


def _below() -> int:
    return st.slider(
        "IoU of the image at most",
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
