"""Kinds of error, what repairing each would bring, and where to see them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.charts.run_dots import run_dots
from core.metrics.errors import Kind
from core.metrics.repairs import REPAIRS, Repair, Repaired
from core.scoring.repairs import error_repairs
from pages.ui import store
from pages.ui.clickable import Point, Way, clickable
from pages.ui.detection_view import DetectionView
from pages.ui.download import csv_button
from pages.ui.failure_choice import KINDS
from pages.ui.halves import across, halves
from pages.ui.language import mark, say
from pages.ui.links import link
from pages.ui.tables import draw_table
from pages.ui.words import counted

# repairs of more than one kind of error, with the kinds they mend
WHOLE_SIDES = {
    Repair.FALSE_POSITIVES.value: [kind.value for kind in KINDS if kind != Kind.MISSED],
    Repair.FALSE_NEGATIVES.value: [Kind.MISSED.value],
}
RULE = mark(
    "Kinds of error and gains by TIDE (Bolya et al. 2020): what AP50, by "
    "pycocotools' rule, would gain if errors of one kind were repaired and "
    "nothing else; gains do not add up to the whole. Errors are counted over "
    "all scores and sizes. Here an object is missed if no prediction of a "
    "wrong class or place could be repaired into a hit; Failures lists every "
    "object not hit."
)


def gain_rows(view: DetectionView) -> pd.DataFrame:
    """Return a row for each run and repair: run, kind, gain (in AP50, a fraction), errors."""
    chosen = slice(None) if view.classes is None else np.array(view.classes)
    repaired: dict[str, Repaired] = store.ask_each(
        error_repairs, view.run_names, geometry=view.geometry, images=view.images.keys
    )
    rows = []
    for run, found in repaired.items():
        rows += [
            (run, repair.value, found.gain(repair, chosen), int(found.errors[repair][chosen].sum()))
            for repair in Repair
        ]
    return pd.DataFrame(rows, columns=["run", "kind", "gain", "errors"])


def show(view: DetectionView) -> None:
    """Show the gains as a chart and, with links to the errors, as a table."""
    rows = gain_rows(view)
    if rows["gain"].isna().all():
        st.info(
            say("None of the chosen classes is annotated here, so nothing could be gained."),
            icon=":material/search_off:",
        )
        return
    kinds = rows[~rows["kind"].isin(WHOLE_SIDES)]
    left, right = halves(len(view.run_names))
    with left:
        clickable(
            run_dots(
                kinds.rename(columns={"kind": "name", "gain": "score"}).assign(
                    told=[counted(errors, "error") for errors in kinds["errors"]]
                ),
                say("AP50 gained by the repair, points"),
                view.colours,
                view.markers,
                across=across(len(view.run_names)),
            ),
            partial(_way, view=view),
            key="gains of repairs",
            alt=say("What repairing each kind of error would add to AP50 of each run"),
        )
        csv_button(rows, view.file_name("gains of repairs"))
    with right:
        _show_table(view, rows)
    st.caption(say(RULE))


def _show_table(view: DetectionView, rows: pd.DataFrame) -> None:
    shown = rows.assign(
        gain=100 * rows["gain"],
        failures=[
            _address(view, run, kind) for run, kind in zip(rows["run"], rows["kind"], strict=True)
        ],
    )
    descriptions = "".join(f"\n- **{repair}**: {text}" for repair, text in REPAIRS.items())
    number = st.column_config.NumberColumn
    draw_table(
        shown,
        hide_index=True,
        height=380,
        column_config={
            "kind": st.column_config.TextColumn(help=descriptions),
            "gain": number(format="%.1f", help=say("Points that the mean AP50 would rise by.")),
            "errors": number(format="localized", help=say("Of all scores.")),
            "failures": st.column_config.LinkColumn(
                display_text=say("open"), help=say("On Failures.")
            ),
        },
        alt=say("Gain of each repair for each run, with links to the errors"),
    )


def _way(point: Point, *, view: DetectionView) -> Way:
    """Return where a clicked gain leads."""
    sentence = say("errors of {run} of the kind {kind}", run=point.name, kind=point.row)
    return Way("Failures", sentence, _address(view, point.name, point.row))


def _address(view: DetectionView, run: str, kind: str) -> str:
    choice = view.choice
    only = view.names[view.classes[0]] if view.classes and len(view.classes) == 1 else None
    return link(
        "Failures",
        dataset=choice.dataset,
        split=choice.split,
        runs=[run],
        **{"class": only},
        by=view.by,
        kinds=WHOLE_SIDES.get(kind, [kind]),
        score=0.0,
        **view.images.parameters(),
    )
