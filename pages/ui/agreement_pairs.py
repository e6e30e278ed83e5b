"""Pairs of runs: what both get right, one alone, or neither; and what nobody finds."""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.run_pairs import run_pairs
from core.metrics import agreement
from core.scoring.agreement import Hits, pixel_agreement
from pages.ui import store
from pages.ui.agreement_view import AgreementView
from pages.ui.download import csv_button
from pages.ui.failure_choice import FailureChoice
from pages.ui.image_layers import stored_images
from pages.ui.language import mark, say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import counted

MOST_ROWS: Final = 1000
COUNTS: Final = {
    "both": mark("found by both"),
    "alone": mark("only by the run (row)"),
    "other_alone": mark("only by the other (column)"),
    "neither": mark("found by neither"),
}
EITHER, BOTH, ALONE, NEITHER = FIGURES = (
    mark("of what either finds, both find"),
    mark("found by both"),
    mark("found by the row alone"),
    mark("found by neither"),
)


def show(view: AgreementView) -> None:
    """Show the matrix of pairs: of objects, or of pixels and images."""
    st.header(say("Pairs of runs"))
    if view.hits is None:
        _show_images(view)
    else:
        _show_objects(view, view.hits)


def show_missed(view: AgreementView) -> None:
    """List the objects that no run finds, the largest first, each a link to its image."""
    hits = view.hits
    if hits is None:
        return
    missed = hits.missed_by_all
    total = len(hits.annotations)
    if missed.empty:
        st.markdown(
            say(
                "Nothing: each of {objects} is found by one run at least.",
                objects=counted(total, "object"),
            )
        )
        return
    table = _missed_table(view, missed.head(MOST_ROWS))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "**{missed:,} of {objects}**, the largest first",
                missed=len(missed),
                objects=counted(total, "annotated object"),
            )
        )
        csv_button(table.drop(columns="link"), view.file_name("missed by all"))
    draw_table(
        table,
        hide_index=True,
        height=min(380, 38 + 35 * len(table)),
        column_order=["link", "class", "area", "object"],
        column_config={
            "link": st.column_config.LinkColumn(say("image"), pinned=True, display_text=r"#(.+)$"),
            "area": st.column_config.NumberColumn(format="%d", help=say("Square pixels.")),
            "object": st.column_config.NumberColumn(help=say("Position in its image, from 0.")),
        },
        alt=say("Objects that no run finds"),
    )
    if len(missed) > MOST_ROWS:
        st.caption(say("The first {most_rows:,} are shown.", most_rows=MOST_ROWS))
    link_list(
        [(say("Failures"), say("what each of these runs misses"), _failures(view))], key="misses"
    )


def pair_table(hits: Hits, figure: str) -> pd.DataFrame:
    """Return a row for each ordered pair of runs: run, other, value and the counts of `COUNTS`.

    Args:
        hits: of the runs.
        figure: one of `FIGURES`: what the value is, a fraction; NaN where it is of nothing.
    """
    pairs = hits.pairs
    table = pd.DataFrame(list(product(hits.runs, hits.runs)), columns=["run", "other"])
    table["both"], table["neither"] = pairs.both.ravel(), pairs.neither.ravel()
    table["alone"], table["other_alone"] = pairs.alone.ravel(), pairs.alone.T.ravel()
    part = {EITHER: "both", BOTH: "both", ALONE: "alone", NEITHER: "neither"}[figure]
    either = table["both"] + table["alone"] + table["other_alone"]
    whole = either if figure == EITHER else either + table["neither"]
    return table.assign(value=table[part] / whole.where(whole > 0))


def _show_objects(view: AgreementView, hits: Hits) -> None:
    figure = st.segmented_control(
        say("Share of the annotated objects"),
        FIGURES,
        key="pairs",
        bind="query-params",
        format_func=say,
        required=True,
        default=EITHER,
    )
    table = pair_table(hits, figure)
    st.vega_lite_chart(
        run_pairs(
            table,
            hits.runs,
            title=say(figure),
            counts={name: say(word) for name, word in COUNTS.items()},
            say=say,
        ),
        alt=say("Share of objects {figure} for each pair of runs", figure=say(figure)),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            say(
                "Exact counts are under the pointer. Runs that differ most have most to "
                "give each other. Two runs that share a detector agree because they are "
                "one."
            )
        )
        csv_button(table.drop(columns="value"), view.file_name("pairs"))


def _show_images(view: AgreementView) -> None:
    picking = view.picking
    correlation, images = agreement.correlations(picking.scores)
    table = pd.DataFrame(list(product(view.names, view.names)), columns=["run", "other"])
    table = table.assign(value=correlation.ravel(), images=images.ravel())
    st.vega_lite_chart(
        run_pairs(
            table,
            view.names,
            title=say("correlation of the images' mean IoU"),
            counts={"images": say("images with both scores")},
            figure=".2f",
            say=say,
        ),
        alt=say("Correlation of the mean IoU of images for each pair of runs"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            say(
                "Pearson's correlation of the mean IoU of single images: near 1 the two "
                "fail on the same images, near 0 on different ones. Blank where an IoU "
                "never changes."
            )
        )
        csv_button(table.rename(columns={"value": "correlation"}), view.file_name("correlation"))
    _show_pixels(view)


def _show_pixels(view: AgreementView) -> None:
    """Show on which share of the pixels two label maps are the same, where runs predict maps."""
    mapped = view.runs.loc[view.runs["has_label_maps"].astype(bool), "run"]
    if len(mapped) < 2 or not st.toggle(
        say("Compare pixels too"), key="pixels", bind="query-params"
    ):
        return
    names = tuple(mapped)
    same, total = store.ask(pixel_agreement, runs=names, images=view.images.keys)
    table = pd.DataFrame(list(product(names, names)), columns=["run", "other"])
    table["same"] = same.ravel()
    table["value"] = np.where(table["run"] == table["other"], np.nan, same.ravel() / total)
    st.vega_lite_chart(
        run_pairs(
            table,
            names,
            title=say("pixels given the same class"),
            counts={"same": say("pixels alike")},
            say=say,
        ),
        alt=say("Share of pixels that each pair of runs gives the same class"),
    )
    st.caption(
        say("Of all {total:,} pixels of these images, whatever is annotated there.", total=total)
    )


def _missed_table(view: AgreementView, missed: pd.DataFrame) -> pd.DataFrame:
    names = store.classes(view.choice.dataset).set_index("class")["name"]
    images = {image.key: image for image in stored_images(missed["image_id"].unique())}
    shown = [images[key] for key in missed["image_id"]]
    return pd.DataFrame(
        {
            "image": [image.name for image in shown],
            "image_id": [image.id for image in shown],
            "link": [masks_link(view, image.id, image.name) for image in shown],
            "class": missed["class"].map(names),
            "area": missed["area"],
            "object": missed["object_index"],
        }
    )


def masks_link(view: AgreementView, image: int, name: str) -> str:
    """Return the address of an image on Masks; behind the # stands what a table shows."""
    choice = view.choice
    address = link(
        "Masks", dataset=choice.dataset, split=choice.split, runs=view.names, image=image
    )
    return f"{address}#{name}"


def _failures(view: AgreementView) -> str:
    wanted = FailureChoice(by=view.by, kinds=("missed",), score=view.least)
    return link(
        "Failures",
        dataset=view.choice.dataset,
        split=view.choice.split,
        runs=view.names,
        **{**wanted.parameters(), **view.images.parameters()},
    )
