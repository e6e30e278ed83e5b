"""The controls of the page Confusion, and by which rule it counts."""

from __future__ import annotations

from typing import NoReturn

import pandas as pd
import streamlit as st

from core.metrics.confusion import ANNOTATED, EVERYTHING, PREDICTED, Matrix
from pages.ui import contents, states, store
from pages.ui.class_pairs import pair_names
from pages.ui.confusion_rows import (
    INSIDE,
    ORDERS,
    Entry,
    entries_of,
    groups_of,
    mode_words,
    modes,
    ordered,
)
from pages.ui.confusion_view import ConfusionView, matrices_of
from pages.ui.failure_choice import LABELS, PIXELS, FailureChoice
from pages.ui.failure_search import all_ways, ways_of
from pages.ui.image_choice import image_choice
from pages.ui.language import mark, say
from pages.ui.selection import Selection
from pages.ui.subset import IOUS, iou_filter, size_filter
from pages.ui.way_control import chosen_way
from pages.ui.words import counted, literal

WHOLES = {
    mark("of the annotated"): ANNOTATED,
    mark("of the predicted"): PREDICTED,
    mark("counts"): EVERYTHING,
}
# Other names than the page Failures has for the same: where two pages share the name of a widget,
# a link that is followed from one to the other loses its value on the way.
COUNT, OVERLAP, LEAST, SIZE = "count", "iou", "least", "sized"
RULE = mark(
    "Whatever its class, each prediction with at least the least score takes "
    "the object that it overlaps most and that no surer one took, from the "
    "IoU on. Row {nothing}: predictions that take no object. Column "
    "{nothing}: objects that none takes. Left out: crowd regions, "
    "predictions that they excuse, and those beyond the best hundred of a "
    "class on an image."
)


def chosen_view(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> ConfusionView:
    """Draw the filters and return the view; where nothing can be counted, the page ends.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        wanted = _counted(split, evaluated)
        whole = WHOLES[
            st.segmented_control(
                say("Figures"),
                list(WHOLES),
                key="figures",
                bind="query-params",
                required=True,
                default="of the annotated",
                format_func=say,
                help=say(
                    "Shares of the row (all annotated so), of the column (all predicted so), "
                    "or how many."
                ),
            )
        ]
    layout = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    able = [wanted.by in ways_of(split, run) for _, run in evaluated.iterrows()]
    runs = evaluated[able].reset_index(drop=True)
    left_out = list(evaluated.loc[[not each for each in able], "run"])
    if left_out:
        st.caption(
            say(
                "Without {by}, so not shown here: {left_out}.",
                by=say(wanted.by),
                left_out=literal(", ".join(left_out)),
            )
        )
    images = image_choice(tuple(runs["run"]))
    names = tuple(pair_names(split, pixels=wanted.by == PIXELS))
    matrices = matrices_of(tuple(runs["run"]), wanted, images, len(names) - 1)
    with layout:
        entries, focus = _layout(choice, names, sum(matrices.values()))
    if not entries:
        _nothing_counted()
    return ConfusionView(
        choice, split, runs, wanted, images, names, whole, entries, matrices, focus
    )


def say_rule(view: ConfusionView) -> None:
    """Say how many runs, images, objects or pixels there are, and by which rule they count."""
    matrix = view.matrices[view.run_names[0]]
    amount, unit = int(matrix[:-1].sum()), view.unit
    images = view.runs["images"].max() if view.images.keys is None else len(view.images.keys)
    st.markdown(
        say(
            "{runs} on the same {images} · {amount:,} annotated {unit}"
            if len(view.runs) > 1
            else "{runs} on {images} · {amount:,} annotated {unit}",
            runs=counted(len(view.runs), "run"),
            images=counted(int(images), "image"),
            amount=amount,
            unit=say(unit if amount != 1 else unit[:-1]),
        )
    )
    if view.wanted.by != PIXELS:
        st.caption(say(RULE, nothing=literal(view.names[0])))
        return
    painted = view.runs[view.runs["pixel_source"] == "painted"]
    each = ", ".join(
        f"{literal(run)} {least:g}"
        for run, least in zip(painted["run"], painted["paint_threshold"], strict=True)
    )
    st.caption(
        say("Pixels as counted by the evaluation; those that nobody labelled are left out.")
        + say(" Masks are painted from this score on: {each}.", each=each) * bool(each)
    )


def _counted(split: pd.Series, runs: pd.DataFrame) -> FailureChoice:
    """Draw what is counted."""
    ways = [way for way in all_ways(split, runs) if way != LABELS]
    if not ways:
        states.nothing_scored(list(runs["run"]))
    by = chosen_way(ways, label=say("Count"), key=COUNT)
    if by == PIXELS:
        return FailureChoice(by)
    overlap = iou_filter(say("IoU with the object taken, at least"), key=OVERLAP)
    score = st.slider(
        say("Least score"),
        0.0,
        1.0,
        0.5,
        0.05,
        key=LEAST,
        bind="query-params",
        width=180,
        help=say("Predictions with a lower score count as not made."),
    )
    return FailureChoice(by, size=size_filter(key=SIZE), score=score, overlap=overlap or IOUS[0])


def _layout(
    choice: Selection, names: tuple[str, ...], together: Matrix
) -> tuple[tuple[Entry, ...], tuple[int, ...] | None]:
    """Draw what rows and columns are; return them, and the classes that they are about."""
    classes = names[1:]
    groups = groups_of(classes, list(store.classes(choice.dataset)["supercategory"]))
    offered = modes(groups, len(classes))
    if st.session_state.get("rows", offered[0]) not in offered:
        st.session_state["rows"] = offered[0]
    around = contents.class_index(choice)
    mode = st.selectbox(
        say("Rows and columns"),
        offered,
        key="rows",
        bind="query-params",
        width=250,
        disabled=around is not None,
        help=say("A class chosen in the sidebar stands with those that it is confused with."),
        format_func=mode_words,
    )
    order = st.selectbox(
        say("Order"), ORDERS, key="order", bind="query-params", width=200, format_func=say
    )
    entries = ordered(entries_of(mode, classes, groups, together, around), order, together)
    focus = groups.get(mode.removeprefix(INSIDE)) if mode.startswith(INSIDE) else None
    focus = focus if around is None else [around]
    return tuple(entries), None if focus is None else tuple(focus)


def _nothing_counted() -> NoReturn:
    st.info(
        say(
            "Nothing is annotated or predicted by these filters. Choose another size "
            "or score, other images or runs."
        ),
        icon=":material/search_off:",
    )
    st.stop()
