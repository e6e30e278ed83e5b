"""Where label heads differ from what the same runs found, class by class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.scoring.label_sides import side_table
from core.store.queries.image_labels import BOTH, FOUND_ALONE, NEITHER, SAID_ALONE, SIDES
from pages.ui import image_filter, store
from pages.ui.download import csv_button
from pages.ui.failure_search import Search
from pages.ui.language import mark, say
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE

HELP = {
    BOTH: mark("Images of which the label head says the class, and on which it was found too."),
    SAID_ALONE: mark(
        "Images of which the label head says the class, but on which it was not found."
    ),
    FOUND_ALONE: mark("Images on which the class was found, though the label head denies it."),
    NEITHER: mark("Images of which neither says the class."),
}
RIGHT = mark("label head right")
HEIGHT = 320


def counts_of_sides(search: Search) -> pd.DataFrame:
    """Return a row a run and class: run, class (names), `SIDES` (images), and `RIGHT`.

    `RIGHT` is the share of the images on which the two differ that the label head is right on.
    """
    table = store.ask(side_table, asked=search.labels(), chosen=search.sides())
    names = store.classes(search.choice.dataset).set_index("class")["name"]
    return pd.DataFrame(
        {
            "run": table["run_id"].map(search.run_names),
            "class": table["class"].map(names),
            **{side: table[side] for side in SIDES},
            RIGHT: table["label_head_right"],
        }
    )


def show_counts(search: Search) -> None:
    """Show on how many images the heads agree and differ, and the way to those images."""
    counts = counts_of_sides(search)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Label head against mask or objects**, images of each class"))
        csv_button(counts, f"{search.choice.dataset} {search.choice.split} label heads")
    number = st.column_config.NumberColumn
    draw_table(
        counts.assign(
            **{RIGHT: 100 * counts[RIGHT]},
            differences=[
                _address(search, run, name)
                for run, name in zip(counts["run"], counts["class"], strict=True)
            ],
        ),
        hide_index=True,
        height=min(HEIGHT, 37 + 35 * len(counts)),
        placeholder=NO_VALUE,
        column_config={
            "class": st.column_config.TextColumn(pinned=True),
            **{side: number(help=HELP[side], format="localized") for side in SIDES},
            RIGHT: number(
                format="%.0f",
                help=say(
                    "Of the images on which the two differ, per cent; on the others the mask "
                    "or the objects are right."
                ),
            ),
            "differences": st.column_config.LinkColumn(
                display_text=say("see images"),
                help=say("The images of the class on which they differ."),
            ),
        },
        alt=say("On how many images label head and mask agree and differ, class by class"),
    )
    least, pixels = search.wanted.score, search.wanted.pixels
    st.caption(
        say(
            "A class is said from a probability of {least:.2f} on. It is found from "
            "an object of that score on or, by runs without objects, from {pixels:,} "
            "labelled pixels of the label map on.",
            least=least,
            pixels=pixels,
        )
    )


def _address(search: Search, run: str, class_name: str) -> str:
    choice = search.choice
    return link(
        "Failures",
        dataset=choice.dataset,
        split=choice.split,
        runs=[run],
        **{"class": class_name},
        **search.wanted.parameters(),
        **image_filter.parameters(),
    )
