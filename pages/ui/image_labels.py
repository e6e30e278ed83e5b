"""Which classes one image shows: what label heads say beside what was annotated and found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics.image_labels import FIXED_THRESHOLD, LEAST_PIXELS
from core.store.queries import image_labels
from core.store.queries.image_labels import LabelQuestion
from pages.ui import store
from pages.ui.download import csv_button
from pages.ui.image_layers import StoredImage
from pages.ui.language import say
from pages.ui.layers import Classes
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, literal, percent

ANNOTATED = "annotated"
# outcome to the colour and the sign of its chip
CHIPS = {
    "right": ("green", "✓"),
    "wrong": ("red", "✗"),
    "missed": ("orange", "○"),
    "found": ("gray", "△"),
}


def show(image: StoredImage, split: pd.Series, runs: Sequence[pd.Series], classes: Classes) -> None:
    """Show the labels of those runs that have a label head; nothing if none has.

    Args:
        image: the image shown.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs` that answered the image.
        classes: of label maps, as `view_classes` gives them.
    """
    heads = [run for run in runs if run["has_labels"]]
    if not heads:
        return
    names = [name for _, name, _ in classes]
    table = label_table(image, split, heads, names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**What the image shows, by label heads**"))
        csv_button(table, f"{image.name} labels")
    for run in heads:
        chips = chips_of(table, str(run["run"]))
        st.markdown(f"{literal(str(run['run']))}: {' '.join(chips) or say('no class')}")
    st.caption(
        say(
            "✓ said and annotated · ✗ said, not annotated · ○ annotated, not said · "
            "△ neither, but found. A class is said from {probability} on, and "
            "found from a score of {score:.2f} or {pixels} "
            "labelled pixels of a label map on.",
            probability=percent(FIXED_THRESHOLD),
            score=FIXED_THRESHOLD,
            pixels=LEAST_PIXELS,
        )
    )
    with st.expander(say("Every class in figures")):
        _show_table(table, [str(run["run"]) for run in heads])


def label_table(
    image: StoredImage, split: pd.Series, runs: Sequence[pd.Series], names: Sequence[str]
) -> pd.DataFrame:
    """Return a row a class: class, annotated, and for each run its probability and what it found.

    Columns of a run are its name, a fraction, and its name with " found" (highest score of its
    objects, or 1 for a label map that shows the class; NaN for nothing). `annotated` is empty
    where only a crowd region of the class is there.

    Args:
        image: the image.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs` with a label head.
        names: of the classes, by index.
    """
    background = None if pd.isna(split["background"]) else int(split["background"])
    rows = store.ask(
        image_labels.image_labels,
        asked=LabelQuestion(
            runs=tuple(int(run["run_id"]) for run in runs),
            class_count=int(split["classes"]),
            background=background,
            least_pixels=LEAST_PIXELS,
            images=(image.key,),
        ),
    )
    labels = [index for index in range(int(split["classes"])) if index != background]
    by_class = rows.drop_duplicates("class").set_index("class")
    columns = {"class": [names[index] for index in labels]}
    columns[ANNOTATED] = by_class["shown"].reindex(labels).tolist()
    for run in runs:
        own = rows[rows["run_id"] == run["run_id"]].set_index("class").reindex(labels)
        columns[str(run["run"])] = own["probability"].to_numpy()
        columns[f"{run['run']} found"] = own["found"].to_numpy()
    return pd.DataFrame(columns)


def chips_of(table: pd.DataFrame, run: str) -> list[str]:
    """Return a chip for each class that a run says or finds or that is annotated, surest first.

    Args:
        table: of `label_table`.
        run: name of one of its runs.
    """
    said = table[run] >= FIXED_THRESHOLD
    annotated = table[ANNOTATED].eq(other=True)
    unknown = table[ANNOTATED].isna()
    found = table[f"{run} found"] >= FIXED_THRESHOLD
    outcomes = np.select(
        [said & annotated, said & ~unknown, annotated, found & ~unknown], list(CHIPS), default=""
    )
    shown = table.assign(outcome=outcomes)[outcomes != ""].sort_values(run, ascending=False)
    return [
        _chip(row, row[run], found=row[f"{run} found"] >= FIXED_THRESHOLD)
        for _, row in shown.iterrows()
    ]


def _chip(row: pd.Series, probability: float, *, found: bool) -> str:
    colour, sign = CHIPS[row["outcome"]]
    differs = (probability >= FIXED_THRESHOLD) != found
    note = f", {say('found') if found else say('not found')}" * differs
    return f":{colour}-badge[{sign} {literal(row['class'])} {percent(probability)}{note}]"


def _show_table(table: pd.DataFrame, runs: Sequence[str]) -> None:
    number = st.column_config.NumberColumn
    draw_table(
        table.assign(**{run: 100 * table[run] for run in runs}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            ANNOTATED: st.column_config.CheckboxColumn(
                help=say("Empty where only a crowd region of the class is there.")
            ),
            **{run: number(format="%.1f", help=say("Probability, per cent.")) for run in runs},
            **{
                f"{run} found": number(
                    say("{run} found", run=run),
                    format="%.2f",
                    help=say(
                        "Highest score of its objects; 1 for a label map that shows the class."
                    ),
                )
                for run in runs
            },
        },
        alt=say("Which classes the image shows, by annotation, label heads and what was found"),
    )
