"""The controls and tables of the page Masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.metrics.errors import DESCRIPTIONS
from core.metrics.pixel import Tally
from core.structures import Objects
from pages.ui import image_list, mask_tables, store
from pages.ui.download import csv_button
from pages.ui.failure_choice import BOXES, FailureChoice
from pages.ui.failure_search import GEOMETRIES, all_ways
from pages.ui.image_layers import ANNOTATION, StoredImage
from pages.ui.language import say
from pages.ui.layers import Classes
from pages.ui.mask_layers import Judged
from pages.ui.selection import Selection
from pages.ui.tables import draw_table, table_height
from pages.ui.viewer import Selected
from pages.ui.words import NO_VALUE, literal, percent

HEIGHT = 720  # of the viewer with a few layers, CSS pixels
ROW_HEIGHT = 24  # of its table of layers
FEW_LAYERS = 4
MOST_ROWS = 13  # of the table without scrolling


def chosen_runs(choice: Selection) -> pd.DataFrame:
    """Return the rows of the chosen runs, evaluated or not, in the order of the store."""
    runs = store.runs(choice.dataset, choice.split)
    chosen = runs[runs["run"].isin(choice.runs)].reset_index(drop=True)
    if chosen.empty:
        st.info(
            say("No system has answered this split yet, so only the annotation is shown."),
            icon=":material/inbox:",
        )
    return chosen


def judged_by(runs: pd.DataFrame, split: pd.Series) -> str:
    """Return by what objects are judged; ask where there is a choice."""
    ways = [way for way in all_ways(split, runs) if way in GEOMETRIES]
    if len(ways) < 2:
        return ways[0] if ways else BOXES
    came_from = image_list.came_from()
    preset = came_from.by if came_from and came_from.by in GEOMETRIES else BOXES
    st.markdown(say("Judged by"), width="content")
    return st.segmented_control(
        say("Judge objects by"),
        ways,
        key=image_list.OBJECTS,
        bind="query-params",
        required=True,
        default=preset,
        format_func=say,
        label_visibility="collapsed",
    )


def first_threshold() -> float:
    """Return where the slider of the viewer stands at first: as in the list one came from."""
    came_from = image_list.came_from()
    return (came_from or FailureChoice()).score


def viewer_height(runs: int) -> int:
    """Return how many CSS pixels the viewer has, so that its table leaves room for the panels."""
    return HEIGHT + ROW_HEIGHT * min(max(runs + 1 - FEW_LAYERS, 0), MOST_ROWS - FEW_LAYERS)


def name_unjudged(found: Sequence[Judged], silent: Sequence[str], by: str) -> None:
    """Name the runs that have not answered this image, and those whose objects are not judged."""
    if silent:
        st.caption(say("No answer to this image from {silent}.", silent=literal(", ".join(silent))))
    unjudged = [
        each.run["run"] for each in found if each.objects is not None and not each.is_matched
    ]
    if unjudged:
        st.caption(
            say(
                "Not judged by {by}, because not evaluated or without {by}: {unjudged}.",
                by=say(by),
                unjudged=literal(", ".join(unjudged)),
            )
        )


def show_selected(
    selected: Selected | None,
    image: StoredImage,
    truth: Objects | None,
    found: Sequence[Judged],
    names: Sequence[str],
) -> None:
    """Say what became of the object that was clicked in the viewer, of each run in its words."""
    if selected is None or selected.image != str(image.key):
        return
    table = mask_tables.prediction_table(truth, found, names, threshold=0.0)
    what = say(
        "**Selected: {layer}, object {position}**",
        layer=literal(say(ANNOTATION) if selected.layer == ANNOTATION else selected.layer),
        position=selected.position,
    )
    if selected.layer == ANNOTATION and truth is not None:
        annotated = mask_tables.object_table(truth, found, names, threshold=0.0)
        row = annotated.iloc[selected.position]
        fates = [
            f"{literal(run)}: {say(row[run, 'outcome'])}"
            for run, part in row.index
            if part == "outcome"
        ]
        st.markdown(" · ".join([what, literal(str(row[mask_tables.OBJECT, "class"])), *fates]))
        return
    own = table[(table["run"] == selected.layer) & (table["number"] == selected.position)]
    for row in own.itertuples(index=False):
        parts = [what, literal(row[2]), say("score {score:.2f}", score=row.score)]
        if row.kind is not None:
            parts.append(say(row.kind))
        if row.object is not None:
            parts.append(
                say("IoU {iou} with {object}", iou=percent(row.IoU), object=literal(row.object))
            )
        st.markdown(" · ".join(parts))


def show_objects(
    truth: Objects | None,
    found: Sequence[Judged],
    names: Sequence[str],
    threshold: float,
    image: str,
) -> None:
    """Show the annotated objects and the predictions, and how they met."""
    if truth is not None:
        table = mask_tables.object_table(truth, found, names, threshold)
        _heading(
            say("Annotated objects ({amount})", amount=len(truth)), _flat(table), f"{image} objects"
        )
        if truth.categories.size:
            _show_object_table(table)
        else:
            st.caption(say("Nothing is annotated on this image."))
    if any(each.objects is not None for each in found):
        table = mask_tables.prediction_table(truth, found, names, threshold)
        _heading(
            say(
                "Predictions with a score of at least {threshold:.2f} ({amount})",
                threshold=threshold,
                amount=len(table),
            ),
            table,
            f"{image} predictions",
        )
        if table.empty:
            st.caption(say("None. The viewer's slider of the score sets which are listed."))
        else:
            _show_prediction_table(table)


def show_classes(name: str, tallies: Mapping[str, Tally], classes: Classes) -> None:
    """Show the IoU of each class on an image, for runs whose pixels were counted.

    Args:
        name: of the image.
        tallies: of the image, by run.
        classes: of its label maps.
    """
    table, means = mask_tables.iou_table(tallies, classes)
    if table.empty:
        return
    _heading(say("IoU of the pixels of this image"), table, f"{name} IoU")
    each = " · ".join(f"{literal(run)} {percent(mean)}" for run, mean in means.items())
    st.markdown(say("Mean over the classes of the image: {each}", each=each))
    runs = list(means)
    number = st.column_config.NumberColumn
    draw_table(
        table.assign(**{run: 100 * table[run] for run in runs}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "pixels": number(help=say("Annotated pixels of the class."), format="localized"),
            **{run: number(format="%.1f", help=say("Per cent.")) for run in runs},
        },
        alt=say("IoU of each class on this image"),
    )


def _show_object_table(table: pd.DataFrame) -> None:
    config = {}  # by position, because names recur for each run; the hidden index is at 0
    shown = table.copy()
    for place, (group, name) in enumerate(table.columns, start=1):
        if name == "IoU":
            shown[group, name] = 100 * table[group, name]
            config[place] = st.column_config.NumberColumn(
                format="%.1f", help=say("With the prediction that hit it, per cent.")
            )
        elif name == "score":
            config[place] = st.column_config.NumberColumn(format="%.2f")
        elif name == "size":
            shown[group, name] = table[group, name].map(_size_words)
        elif name == "outcome":
            shown[group, name] = table[group, name].map(say)
            config[place] = st.column_config.TextColumn(help=_kinds_help())
    shown.columns = pd.MultiIndex.from_tuples(
        (say(group) if group == mask_tables.OBJECT else group, say(name))
        for group, name in table.columns
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=table_height(shown),
        placeholder=NO_VALUE,
        column_config=config,
        alt=say("Annotated objects and how each run fared"),
    )


def _show_prediction_table(table: pd.DataFrame) -> None:
    number = st.column_config.NumberColumn
    draw_table(
        table.assign(IoU=100 * table["IoU"], kind=table["kind"].map(say, na_action="ignore")),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "number": number(help=say("As in the viewer's readout.")),
            "score": number(format="%.2f"),
            "kind": st.column_config.TextColumn(help=_kinds_help()),
            "IoU": number(format="%.1f", help=say("With the annotation beside it, per cent.")),
            "object": st.column_config.TextColumn(
                help=say("The annotation it hit, or else overlaps most.")
            ),
        },
        alt=say("Predictions and how they fared"),
    )


def _kinds_help() -> str:
    return "\n".join(f"- **{say(kind)}**: {say(text)}" for kind, text in DESCRIPTIONS.items())


def _size_words(size: str) -> str:
    """Return a size of `mask_tables.object_table` in the visitor's language."""
    words = say(" and ").join(map(say, size.removesuffix(mask_tables.CROWD).split(" and ")))
    return say("{size} crowd", size=words) if size.endswith(mask_tables.CROWD) else words


def _heading(title: str, table: pd.DataFrame, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{title}**")
        csv_button(table, name)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with one header row, as files have."""
    flat = table.copy()
    flat.columns = [
        name if group == mask_tables.OBJECT else f"{group} {name}" for group, name in table.columns
    ]
    return flat
