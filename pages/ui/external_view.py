"""Scores that others told, beside our own and never among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.external_scores import (
    MOST_LETTERS,
    ExternalScore,
    add_external,
    external_scores,
    remove_external,
)
from core.scoring.transfer import runs_elsewhere
from pages.ui import notebook, store
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.paragraphs import retell
from pages.ui.selection import Selection
from pages.ui.words import literal

MARK: Final = "◇"  # of what was told, wherever its number stands
FIELDS: Final = ("run", "metric", "value", "told_by", "told_on")


def show(choice: Selection, rows: pd.DataFrame) -> None:
    """Show what others told of the runs and of their systems on other splits, and take more.

    Args:
        choice: of the sidebar.
        rows: of `catalogue.runs`, those on the page.
    """
    everywhere = store.runs(choice.dataset)
    runs = list(rows["run"])
    others = store.ask(runs_elsewhere, dataset=choice.dataset, runs=tuple(runs))
    for elsewhere in others.values():
        runs += [name for name in elsewhere.values() if name not in runs]
    st.header(say("External scores"))
    st.caption(
        say(
            "As told by others, such as a leaderboard: none of them, marked {mark}, was measured "
            "here, and no other table or chart holds one. Kept with the notes beside the store.",
            mark=MARK,
        )
    )
    try:
        found = external_scores(notebook.notes(), runs)
    except UsageError as error:
        st.warning(literal(retell(str(error))), icon=":material/warning:")
        return
    if found:
        told = pd.DataFrame([asdict(each) for each in found])
        _table(told)
    with st.container(horizontal=True, vertical_alignment="center"):
        if found:
            csv_button(told, f"{choice.dataset} external scores")
        with st.popover(say("Write a score down"), icon=":material/add:"):
            _form(everywhere.set_index("run")["split"].loc[runs])
        if found:
            with st.popover(say("Remove a score"), icon=":material/delete:"):
                for index, score in enumerate(found):
                    label = f"{score.run}: {score.metric}, {score.told_by}"
                    notebook.change_button(label, f"remove external {index}", _remove, [score])
        notebook.undo_button("undo external")


def _table(table: pd.DataFrame) -> None:
    text = st.column_config.TextColumn
    st.dataframe(
        table.assign(value=100 * table["value"]),
        hide_index=True,
        column_order=["run", "split", "metric", "value", "told_by", "told_on"],
        column_config={
            "run": text(say("run"), pinned=True),
            "split": text(say("split")),
            "metric": text(say("metric"), help=say("as it is called there")),
            "value": st.column_config.NumberColumn(say("told, per cent"), format=f"{MARK} %.2f"),
            "told_by": text(say("as told by")),
            "told_on": text(say("on")),
        },
        alt=say("External scores, as told by others"),
    )


def _form(splits: pd.Series) -> None:
    """Draw the fields of a score; it is kept when the form is sent.

    Args:
        splits: split of each run that may be chosen, by the run.
    """
    with st.form("external", border=False):
        st.selectbox(say("Run"), list(splits.index), key="external run")
        st.text_input(
            say("Metric"),
            key="external metric",
            max_chars=MOST_LETTERS,
            placeholder=say("as it is called there"),
        )
        st.number_input(say("Per cent"), 0.0, 100.0, None, step=0.01, key="external value")
        st.text_input(
            say("As told by"),
            key="external told_by",
            max_chars=MOST_LETTERS,
            placeholder=say("name of the leaderboard"),
        )
        st.date_input(say("On"), datetime.now(UTC).date(), key="external told_on")
        st.form_submit_button(say("Write it down"), on_click=_keep, args=(splits.to_dict(),))


def _keep(splits: dict[str, str]) -> None:
    run, metric, value, told_by, told_on = (st.session_state[f"external {each}"] for each in FIELDS)
    if value is None or told_on is None:
        st.toast(say("A score has a value and a day."), icon=":material/error:")
        return
    try:
        score = ExternalScore(
            run=run,
            split=splits[run],
            metric=metric.strip(),
            value=value / 100,
            told_by=told_by.strip(),
            told_on=told_on.isoformat(),
        )
    except UsageError as error:
        st.toast(literal(retell(str(error))), icon=":material/error:")
        return
    notebook.keep(_add, [score])


def _add(scores: Sequence[ExternalScore]) -> int:
    return add_external(notebook.notes(), scores)


def _remove(scores: Sequence[ExternalScore]) -> int | None:
    return remove_external(notebook.notes(), scores)
