"""AP of the runs: as a table, at each IoU, and by size of the objects."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.charts.run_curves import run_curves
from core.charts.run_dots import run_dots
from core.metrics.matching import IOU_THRESHOLDS
from core.scoring import SIZES
from pages.ui.clickable import Point, Way, clickable
from pages.ui.detection_failures import address_of, way_of_run
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.halves import across, halves
from pages.ui.language import say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, counted

_STEP_50, _STEP_75 = 0, 5


def score_rows(view: DetectionView) -> pd.DataFrame:
    """Return a row a run with unrounded fractions: run, images, AP and its kinds."""
    rows = []
    for run in view.run_names:
        table = view.table(run)
        row: dict[str, object] = {"run": run, "images": table.images}
        row["AP"] = table.mean(view.classes, size=view.size)
        row["AP50"] = table.mean(view.classes, _STEP_50, view.size)
        row["AP75"] = table.mean(view.classes, _STEP_75, view.size)
        if view.step not in (_STEP_50, _STEP_75):
            row[f"AP at {view.iou}"] = table.mean(view.classes, view.step, view.size)
        if view.size == SIZES[0]:
            row |= {f"AP {size}": table.mean(view.classes, size=size) for size in SIZES[1:]}
        rows.append(row)
    return pd.DataFrame(rows)


def show(view: DetectionView) -> None:
    """Show AP of the runs as a table, and what it is made of as two charts."""
    rows = score_rows(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        of = "" if view.size == SIZES[0] else say(" of {size} objects", size=say(view.size))
        st.markdown(say("**AP{of}**, mean over the classes that are annotated, per cent", of=of))
        csv_button(rows, view.file_name("AP"))
    figures = [name for name in rows if name not in ("run", "images")]
    draw_table(
        rows.assign(**{name: 100 * rows[name] for name in figures}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            "images": None,  # the line above says it
            **{
                name: st.column_config.NumberColumn(format="%.1f", help=_help(name))
                for name in figures
            },
        },
        alt=say("AP of the runs"),
    )
    left, right = halves(len(view.run_names))
    with left:
        _show_by_iou(view)
    with right:
        _show_by_size(view)


def _show_by_iou(view: DetectionView) -> None:
    points = pd.DataFrame(
        [
            (run, threshold, view.table(run).mean(view.classes, step, view.size))
            for run in view.run_names
            for step, threshold in enumerate(IOU_THRESHOLDS)
        ],
        columns=["run", "x", "y"],
    )
    st.markdown(say("**AP at each IoU**"))
    clickable(
        run_curves(
            points,
            (say("IoU of a right prediction, at least"), "AP"),
            view.colours,
            view.dashes,
            markers=view.markers,
            across=across(len(view.run_names)),
            say=say,
        ),
        partial(way_of_run, view=view),
        key="scores of IoUs",
        alt=say("AP of each run at each IoU threshold"),
    )
    st.caption(say("Where a line falls early, objects are found but boxes or masks lie poorly."))


def _show_by_size(view: DetectionView) -> None:
    points = pd.DataFrame(
        [
            (run, size, view.table(run).mean(view.classes, size=size))
            for size in SIZES[1:]
            for run in view.run_names
        ],
        columns=["run", "name", "score"],
    )
    amounts = _amounts_of_sizes(view)
    points["told"] = [
        counted(amounts[size], "annotated object", "annotated objects") for size in points["name"]
    ]
    points["name"] = points["name"].map(say)
    st.markdown(say("**AP by size of the objects**"))
    clickable(
        run_dots(
            points,
            say("AP, per cent"),
            view.colours,
            view.markers,
            across=across(len(view.run_names)),
        ),
        partial(_way, view=view),
        key="scores of sizes",
        alt=say("AP of each run for small, medium and large objects"),
    )
    st.caption(
        say(
            "{objects} COCO's limits are areas of 32² and 96² square pixels.",
            objects=_objects_of_sizes(view),
        )
    )


def _way(point: Point, *, view: DetectionView) -> Way | None:
    """Return where the clicked dot of a run and size leads."""
    size = {say(size): size for size in SIZES}.get(point.row)
    if size is None:  # clicked in another language
        return None
    sentence = say("errors of {run} on {size} objects", run=point.name, size=point.row)
    return Way("Failures", sentence, address_of(view, point.name, size=size))


def _objects_of_sizes(view: DetectionView) -> str:
    """Return how many annotated objects each size has, in a sentence."""
    amounts = _amounts_of_sizes(view)
    each = " · ".join(f"{say(size)} {amounts[size]:,}" for size in SIZES[1:])
    return say("Annotated objects: {each}.", each=each)


def _amounts_of_sizes(view: DetectionView) -> dict[str, int]:
    """Return how many annotated objects of the chosen classes each size has."""
    chosen = slice(None) if view.classes is None else list(view.classes)
    amounts = view.table(view.run_names[0]).positives[chosen].sum(axis=0)
    return dict(zip(SIZES, amounts.tolist(), strict=True))


def _help(name: str) -> str:
    if name == "AP":
        return say("Mean over the IoU thresholds .50 to .95 in steps of .05.")
    if name.removeprefix("AP ") in SIZES:
        return say(
            "Of {size} objects, mean over the IoU thresholds .50 to .95.",
            size=say(name.removeprefix("AP ")),
        )
    return say("At this IoU alone.")
