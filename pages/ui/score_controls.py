"""The controls of the page Compare systems: by which rules runs are scored."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.metrics import PIXEL_PROTOCOLS
from core.scoring import SIZES, Choice, RunScores
from pages.ui.background_switch import background_switch
from pages.ui.language import say
from pages.ui.selection import Selection
from pages.ui.subset import class_filter, size_filter
from pages.ui.words import counted

MMSEG = next(iter(PIXEL_PROTOCOLS))


def chosen_rules(
    choice: Selection, split: pd.Series, rows: pd.DataFrame, names: list[str]
) -> tuple[Choice, list[str]]:
    """Draw the controls that mean something for these runs; return the rules and the classes.

    Args:
        choice: of the sidebar; its class stands alone.
        split: row of `catalogue.datasets`.
        rows: of `catalogue.runs`: those to score.
        names: of the classes, by index.
    """
    pixels, objects = rows["pixel_source"].notna().any(), _have_objects(split, rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        protocol = _protocol() if pixels else MMSEG
        size = size_filter() if objects else SIZES[0]
        chosen = class_filter(choice, names)
    # pixels have no size, objects no background; below the others, as beside them it would jump
    # to the next line when the browser has loaded these
    background = background_switch(split) if pixels and size == SIZES[0] else True
    if pixels and size == SIZES[0]:
        st.caption(f"**{say(protocol)}**: {say(PIXEL_PROTOCOLS[protocol])}")
    indices = tuple(names.index(name) for name in chosen) or None
    how = Choice(protocol=protocol, classes=indices, size=size, with_background=background)
    return how, chosen


def amounts(scores: Sequence[RunScores], how: Choice) -> str:
    """Return of how many images and annotated objects the scores are: "80 images · 297 ...".

    Objects of one size alone are not counted here, nor those of a split that has none.

    Args:
        scores: of runs on the same images.
        how: the rules they were scored by.
    """
    images = counted(max(run.images for run in scores), "image")
    of_classes = max((run.classes.set_index("class")["objects"] for run in scores), key=sum)
    objects = int(of_classes.loc[slice(None) if how.classes is None else list(how.classes)].sum())
    if not objects or how.size != SIZES[0]:
        return images
    return f"{images} · {counted(objects, 'annotated object', 'annotated objects')}"


def _have_objects(split: pd.Series, rows: pd.DataFrame) -> bool:
    return bool(
        split["has_objects"] and split["located"] and (rows["has_boxes"] | rows["has_masks"]).any()
    )


def _protocol() -> str:
    return st.selectbox(
        say("Rule of the mean IoU"),
        list(PIXEL_PROTOCOLS),
        key="protocol",
        bind="query-params",
        format_func=say,
        width=220,
    )
