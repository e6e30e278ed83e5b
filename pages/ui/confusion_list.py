"""Confusions one by one, class by class whatever rows and columns are, the commonest first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics import confusion
from pages.ui.confusion_view import ConfusionView
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.tables import draw_table

MOST_ROWS = 500


def confusion_rows(view: ConfusionView, *, nothing: bool) -> pd.DataFrame:
    """Return every confusion: run, annotated, predicted, objects or pixels, two shares.

    The shares are of all that was annotated so and of all that was predicted so. With a class
    of the sidebar, or inside a group, one of both sides is of it.

    Args:
        view: what is counted.
        nothing: also what was missed, and predictions on the background.
    """
    labels = np.array([*view.names[1:], view.names[0]], object)
    parts = []
    for run in view.run_names:
        matrix = view.matrices[run]
        rows, columns = np.nonzero(matrix * ~np.eye(len(matrix), dtype=bool))
        parts.append(
            pd.DataFrame(
                {
                    "run": run,
                    "annotated": labels[rows],
                    "predicted": labels[columns],
                    view.unit: matrix[rows, columns],
                    "of annotated": confusion.shares(matrix, confusion.ANNOTATED)[rows, columns],
                    "of predicted": confusion.shares(matrix, confusion.PREDICTED)[rows, columns],
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    sides = found[["annotated", "predicted"]]
    focus = view.names if view.focus is None else [view.names[index + 1] for index in view.focus]
    meant = sides.isin(focus).any(axis=1)
    if not nothing:
        meant &= (sides != view.names[0]).all(axis=1)
    return found[meant].sort_values(view.unit, ascending=False, kind="stable", ignore_index=True)


def show(view: ConfusionView) -> None:
    """Show the confusions as a table with links to their images."""
    with st.container(horizontal=True, vertical_alignment="center"):
        nothing = st.toggle(
            say("What was missed, and predictions on the background, too"),
            key="nothing",
            bind="query-params",
        )
        rows = confusion_rows(view, nothing=nothing)
        csv_button(rows, view.file_name("confusions"))
    if rows.empty:
        st.caption(say("None by these filters."))
        return
    first = rows.head(MOST_ROWS)
    shown = first.assign(
        **{name: 100 * first[name] for name in ("of annotated", "of predicted")},
        images=[
            view.failures(row.run, [row.annotated], [row.predicted])
            for row in first.itertuples(index=False)
        ],
    )
    number = st.column_config.NumberColumn
    draw_table(
        shown,
        hide_index=True,
        height=380,
        column_config={
            view.unit: number(format="localized"),
            "of annotated": number(
                format="%.2f", help=say("Of all that was annotated so, per cent.")
            ),
            "of predicted": number(
                format="%.2f", help=say("Of all that the run predicted so, per cent.")
            ),
            "images": st.column_config.LinkColumn(
                display_text=say("open"), help=say("On Failures.")
            ),
        },
        alt=say("Confusions of the runs, the commonest first"),
    )
    st.caption(
        say(
            "{rows:,} confusions of classes, by {unit}; click a heading to sort.",
            rows=len(rows),
            unit=say(view.unit),
        )
        + say(" The first {most_rows} are shown, the file holds all.", most_rows=MOST_ROWS)
        * (len(rows) > MOST_ROWS)
    )
