"""The controls of the page Detection, and by which rule its figures are."""

from __future__ import annotations

from typing import NoReturn

import pandas as pd
import streamlit as st

from core.metrics import AP_PROTOCOLS
from core.scoring import SIZES
from pages.ui import states, store
from pages.ui.detection_view import DetectionView
from pages.ui.failure_search import GEOMETRIES, all_ways, ways_of
from pages.ui.image_choice import image_choice
from pages.ui.language import mark, say
from pages.ui.selection import Selection
from pages.ui.subset import IOUS, class_filter, iou_filter, size_filter
from pages.ui.way_control import chosen_way
from pages.ui.words import counted, literal

PROTOCOLS = {
    mark("COCO, 101 points"): "coco",
    mark("VOC 2007, 11 points"): "voc07",
    mark("VOC 2010, all points"): "voc",
}

NOUNS = {
    "all": (mark("annotated object"), mark("annotated objects")),
    "small": (mark("annotated small object"), mark("annotated small objects")),
    "medium": (mark("annotated medium object"), mark("annotated medium objects")),
    "large": (mark("annotated large object"), mark("annotated large objects")),
}


def chosen_view(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> DetectionView:
    """Draw the filters and return the view; where nothing detects, the page ends with words.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    names = tuple(store.classes(choice.dataset)["name"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = way(choice, split, evaluated)
        step = IOUS.index(iou_filter())
        size = size_filter()
        title = st.selectbox(
            say("AP by"),
            list(PROTOCOLS),
            key="ap_protocol",
            bind="query-params",
            width=210,
            format_func=say,
        )
        chosen = class_filter(choice, list(names))
    able = [by in ways_of(split, run) for _, run in evaluated.iterrows()]
    runs = evaluated[able].reset_index(drop=True)
    left_out = list(evaluated.loc[[not each for each in able], "run"])
    if left_out:
        st.caption(
            say(
                "Without {by}, so not shown here: {left_out}.",
                by=say(by),
                left_out=literal(", ".join(left_out)),
            )
        )
    return DetectionView(
        choice=choice,
        split=split,
        runs=runs,
        by=by,
        size=size,
        step=step,
        protocol=PROTOCOLS[title],
        classes=tuple(sorted(names.index(name) for name in chosen)) or None,
        images=image_choice(tuple(runs["run"])),
        names=names,
    )


def way(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> str:
    """Draw the choice between boxes and masks, and return it; without either the page ends.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    ways = [each for each in all_ways(split, evaluated) if each in GEOMETRIES]
    if not ways:
        _no_objects(choice, evaluated)
    return chosen_way(ways)


def _no_objects(choice: Selection, evaluated: pd.DataFrame) -> NoReturn:
    """End the page: none of the runs detects objects."""
    st.info(
        say(
            "{run}: no boxes or masks that could be held against annotated ones. "
            "Detection is about objects; label maps have their scores on Class IoU. "
            "To read a file of detections:",
            run=literal(", ".join(evaluated["run"])),
        ),
        icon=":material/search_off:",
    )
    st.code(states.read_detections(choice), language="bash", wrap_lines=True)
    st.stop()


def say_rule(view: DetectionView) -> None:
    """Say in a line how many runs, images and objects there are, and in another by which rule."""
    table = view.table(view.run_names[0])
    chosen = slice(None) if view.classes is None else list(view.classes)
    objects = int(table.positives[chosen, SIZES.index(view.size)].sum())
    over = say("all classes") if view.classes is None else literal(_listed(view))
    st.markdown(
        say(
            "{runs} on the same {images} · {objects} · {over}",
            runs=counted(len(view.runs), "run"),
            images=counted(table.images, "image"),
            objects=counted(objects, *NOUNS[view.size]),
            over=over,
        )
    )
    st.caption(
        say(
            "Matched by COCO's rules (pycocotools 2.0.11); AP: {rule} All "
            "from stored matches: nothing is run or matched again.",
            rule=say(AP_PROTOCOLS[view.protocol]),
        )
    )


def _listed(view: DetectionView) -> str:
    return ", ".join(view.names[index] for index in view.classes or ())
