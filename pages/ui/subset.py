"""Filters that pages share: which images, classes and sizes count; all kept in the address."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import scoring
from core.metrics.matching import IOU_THRESHOLDS
from core.scoring import SIZES
from pages.ui import store
from pages.ui.language import say
from pages.ui.selection import Selection
from pages.ui.words import every

Keys = tuple[int, ...] | None
IOUS = tuple(f"{threshold:.2f}" for threshold in IOU_THRESHOLDS)


def in_all(*chosen: Keys) -> Keys:
    """Return the images that every filter keeps; None, which keeps all, if each is None."""
    sets = [set(keys) for keys in chosen if keys is not None]
    return tuple(sorted(set.intersection(*sets))) if sets else None


def answered_filter(runs: pd.DataFrame) -> tuple[str, ...]:
    """Draw the choice of images that runs answered, where they answered different numbers.

    Args:
        runs: rows of `catalogue.runs` of one split.
    """
    if runs["images"].nunique() < 2:
        return ()
    return tuple(
        st.multiselect(
            say("Images answered by"),
            list(runs["run"]),
            key="answered_by",
            bind="query-params",
            placeholder=say("Any run"),
            width=260,
            help=say("Images that each of these runs has answered."),
        )
    )


def images_answered_by(runs: tuple[str, ...]) -> Keys:
    """Return the images that each of the runs has answered; all if there are none."""
    return store.ask(scoring.coverage, runs=runs).common if runs else None


def class_filter(choice: Selection, names: list[str]) -> list[str]:
    """Draw the choice of classes and return the names chosen; none stands for all.

    Args:
        choice: of the sidebar; its class stands alone.
        names: of the classes, by index.
    """
    classes = st.multiselect(
        say("Classes"),
        names,
        key="classes",
        bind="query-params",
        placeholder=choice.class_name
        or every(len(names), "class", say("All {number:,} classes", number=len(names))),
        disabled=choice.class_name is not None,
        width=340,
        help=say("Scores are means over these. A class chosen in the sidebar stands alone."),
    )
    return [choice.class_name] if choice.class_name else classes


def size_filter(*, key: str = "size") -> str:
    """Draw the choice of a size of objects and return it, one of `SIZES`."""
    return st.segmented_control(
        say("Size of objects"),
        SIZES,
        required=True,
        key=key,
        bind="query-params",
        default=SIZES[0],
        help=say("Area of the objects, by COCO's limits of 32² and 96² square pixels."),
        format_func=say,
    )


def iou_filter(label: str = "", *, key: str = "overlap") -> str:
    """Draw the choice of the least overlap of a match; return one of `IOUS`.

    Args:
        label: by default that of a right prediction.
        key: of the widget.
    """
    return st.select_slider(
        label or say("IoU of a right prediction, at least"),
        IOUS,
        key=key,
        bind="query-params",
        width=230,
        help=say("Stored matches know the ten thresholds of COCO."),
    )
