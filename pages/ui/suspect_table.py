"""The annotations in doubt one by one, and as files to annotate anew."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.scoring.label_errors import COLUMNS, as_json
from pages.ui.download import csv_button, json_button
from pages.ui.failure_choice import PIXELS
from pages.ui.language import say
from pages.ui.links import link
from pages.ui.suspect_view import SuspectView
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE

MOST_ROWS: Final = 5000


def downloads(view: SuspectView) -> None:
    """Offer the list as CSV and as JSON."""
    csv_button(view.suspects[list(COLUMNS)], view.file_name())
    json_button(lambda: as_json(view.suspects), view.file_name())


def show(view: SuspectView) -> None:
    """Show one row an annotation in doubt, each a link to its image."""
    rows = view.suspects.head(MOST_ROWS)
    choice = view.choice
    place = {"dataset": choice.dataset, "split": choice.split, "runs": view.names}
    links = [
        f"{link('Masks', **place, image=key)}#{path}"
        for key, path in zip(rows["image_id"], rows["image"], strict=True)
    ]
    agreeing = [
        say("{done} of {total}", done=own, total=all_)
        for own, all_ in zip(rows["runs"], rows["of"], strict=True)
    ]
    box = [] if view.by == PIXELS else ["x", "y", "width", "height"]
    draw_table(
        rows.assign(image=links, agree=agreeing, kind=rows["kind"].map(say)),
        hide_index=True,
        height=560,
        placeholder=NO_VALUE,
        column_order=["image", "kind", "annotated", "suggested", "agree", "confidence", *box],
        column_config={
            "image": st.column_config.LinkColumn(pinned=True, display_text=r"#(.+)$"),
            "confidence": st.column_config.NumberColumn(
                format="%.2f",
                help=say("Of those that agree: mean score, or mean share of the pixels."),
            ),
            **{side: st.column_config.NumberColumn(format="%.0f") for side in box},
        },
        alt=say("Annotations in doubt one by one"),
    )
    if len(view.suspects) > MOST_ROWS:
        st.caption(
            say("The first {most_rows:,} are shown; the files hold all.", most_rows=MOST_ROWS)
        )
