"""Errors in figures: how many of each kind, and one by one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.metrics.errors import DESCRIPTIONS, Kind
from pages.ui import image_filter, store
from pages.ui.download import csv_button
from pages.ui.failure_choice import BOXES, KINDS, LABELS, MASKS, PIXELS
from pages.ui.failure_rows import (
    error_counts,
    error_objects,
    label_differences,
    pair_pixels,
    pixel_ious,
)
from pages.ui.failure_search import Search
from pages.ui.image_layers import stored_images
from pages.ui.language import mark, say
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE

MOST_ROWS = 5000
SHARES = {"IoU", "probability"}
CHOICES = {"kind", "difference"}  # words of ours, in English in the file
RULE = mark(
    "Kinds by TIDE's rule, after COCO's matching: an overlap (IoU) of .5 is "
    "the right place, one of .1 the wrong place. Missed is every annotated "
    "object that no prediction hit; TIDE itself leaves out those that a "
    "wrong prediction already explains."
)


def counts_of_kinds(search: Search) -> pd.DataFrame:
    """Return a row a run: run, the number of errors of each kind, and of all together."""
    counts = error_counts(search)
    wide = counts.pivot_table(index="run_id", columns="kind", values="errors", aggfunc="sum")
    # of a pair of classes right ones are meant too
    others = [kind for kind in (Kind.HIT, Kind.IGNORED) if kind in set(counts["kind"])]
    kinds = [kind.value for kind in (*KINDS, *others)]
    wide = wide.reindex(index=list(search.run_ids), columns=kinds).fillna(0).astype(int)
    wide.insert(0, "run", list(search.runs["run"]))
    every = "errors" if search.pair is None else "objects"
    return wide.assign(**{every: wide[kinds].sum(axis=1)}).reset_index(drop=True)


def show_counts(search: Search) -> None:
    """Show how many errors of each kind each run makes."""
    counts = counts_of_kinds(search)
    number = st.column_config.NumberColumn
    draw_table(
        counts,
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            **{
                kind.value: number(help=say(DESCRIPTIONS[kind]), format="localized")
                for kind in Kind
            },
            **{
                every: number(help=say("Of all kinds together."), format="localized")
                for every in ("errors", "objects")
            },
        },
        alt=say("Number of errors of each kind for each run"),
    )
    st.caption(say(RULE) if search.pair is None else pair_rule(search))


def pair_rule(search: Search) -> str:
    """Return by which rule objects belong to a pair of classes."""
    return say(
        "Whatever its class, each prediction takes the object that it overlaps "
        "most and that no surer one took, from an IoU of {overlap} on; the size "
        "is that of the object, or of a prediction that takes none. Kinds are "
        "those of COCO's matching at .5, within each class: what is right there "
        "is a hit.",
        overlap=search.wanted.overlap,
    )


def show_rows(search: Search) -> None:
    """Show one row an error or difference, or where pixels are judged one an image and run."""
    choice, wanted = search.choice, search.wanted
    table_of = {PIXELS: image_table, LABELS: label_table}.get(wanted.by, error_table)
    rows = table_of(search)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("Click a heading to sort, an image to see it."))
        csv_button(rows, f"{choice.dataset} {choice.split} failures by {wanted.by}")
    shown = rows.drop(columns="image_id")
    shown["image"] = [
        _address(search, key, name)
        for key, name in zip(rows["image_id"], rows["image"], strict=True)
    ]
    for name in SHARES & set(shown.columns):
        shown[name] = 100 * shown[name]
    for name in CHOICES & set(shown.columns):
        shown[name] = shown[name].map(say)
    draw_table(
        shown,
        hide_index=True,
        height=560,
        placeholder=NO_VALUE,
        column_config={
            "image": st.column_config.LinkColumn(pinned=True, display_text=r"#(.+)$"),
            "score": st.column_config.NumberColumn(format="%.2f"),
            "area": st.column_config.NumberColumn(
                format="%d", help=say("Of the prediction or missed object, square pixels.")
            ),
            "nearest": st.column_config.TextColumn(
                help=say("Class of the annotation that the prediction overlaps most.")
            ),
            "IoU": st.column_config.NumberColumn(
                format="%.1f", help=say(_IOU_HELP.get(wanted.by, ""))
            ),
            "pixels": st.column_config.NumberColumn(
                format="localized", help=say("Annotated and predicted as chosen.")
            ),
            "probability": st.column_config.NumberColumn(
                format="%.1f", help=say("Of the class, by the label head, per cent.")
            ),
            "found": st.column_config.NumberColumn(
                format="%.2f",
                help=say(
                    "Highest score of the objects of the class; 1 for a label map that shows it."
                ),
            ),
            "annotated": st.column_config.CheckboxColumn(
                help=say(
                    "Whether the image shows the class; empty where only a crowd region is there."
                )
            ),
        },
        alt=say("Failures one by one"),
    )
    if len(rows) == MOST_ROWS:
        st.caption(
            say(
                "The first {most_rows:,} rows are shown; narrow the filters to see others.",
                most_rows=MOST_ROWS,
            )
        )


def error_table(search: Search) -> pd.DataFrame:
    """Return one row an error, with names for keys; IoU and scores are fractions.

    Columns: image, image_id (of the data set's files), run, kind, class, score, nearest (class
    of the annotation it overlaps most), IoU with that one, and area.
    """
    rows = error_objects(search, most=MOST_ROWS)
    names = store.classes(search.choice.dataset).set_index("class")["name"]
    return pd.DataFrame(
        {
            "image": rows["image"],
            "image_id": rows["source_id"],
            "run": rows["run_id"].map(search.run_names),
            "kind": rows["kind"],
            "class": rows["class"].map(names),
            "score": rows["score"],
            "nearest": rows["nearest_class"].map(names),
            "IoU": rows["nearest_iou"].where(rows["nearest"] >= 0),
            "area": rows["area"],
        }
    )


def label_table(search: Search) -> pd.DataFrame:
    """Return one row a difference, with names for keys; probabilities are fractions.

    Columns: image, image_id (of the data set's files), run, class, difference, probability,
    found and annotated.
    """
    rows = label_differences(search).head(MOST_ROWS)
    names = store.classes(search.choice.dataset).set_index("class")["name"]
    return pd.DataFrame(
        {
            "image": rows["image"],
            "image_id": rows["source_id"],
            "run": rows["run_id"].map(search.run_names),
            "class": rows["class"].map(names),
            "difference": rows["side"],
            "probability": rows["probability"],
            "found": rows["found"],
            "annotated": rows["shown"],
        }
    )


def image_table(search: Search) -> pd.DataFrame:
    """Return one row an image and run, lowest IoU first: image, image_id, run, IoU.

    Where a pair of classes is chosen, also pixels, and most of them first.
    """
    rows, order, ascending = pixel_ious(search), ["iou", "image_id"], [True, True]
    if search.pair is not None:
        rows = rows.merge(pair_pixels(search), on=["run_id", "image_id"])
        order, ascending = ["pixels", "image_id"], [False, True]
    low = rows.sort_values(order, ascending=ascending, ignore_index=True).head(MOST_ROWS)
    images = {image.key: image for image in stored_images(low["image_id"].unique())}
    table = pd.DataFrame(
        {
            "image": [images[key].name for key in low["image_id"]],
            "image_id": [images[key].id for key in low["image_id"]],
            "run": low["run_id"].map(search.run_names),
            "IoU": low["iou"],
        }
    )
    return table if search.pair is None else table.assign(pixels=low["pixels"])


_OVERLAP_HELP = mark("Overlap with the nearest annotation, per cent.")
_IOU_HELP = {
    PIXELS: mark("Of the image by itself, per cent."),
    BOXES: _OVERLAP_HELP,
    MASKS: _OVERLAP_HELP,
}


def _address(search: Search, image: int, name: str) -> str:
    """The image on the page Masks; the part after # is what the table shows."""
    choice = search.choice
    address = link(
        "Masks",
        dataset=choice.dataset,
        split=choice.split,
        runs=choice.runs,
        **{"class": choice.class_name},
        image=image,
        list=search.wanted.as_text(),
        **image_filter.parameters(),
    )
    return f"{address}#{name}"
