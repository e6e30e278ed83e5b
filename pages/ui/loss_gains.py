"""What the difference of two runs in IoU is made of: which kind of wrong pixels one has less of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.charts.class_differences import class_differences
from core.metrics.pixel_errors import KINDS
from core.metrics.significance import LEVEL
from core.scoring import Choice, RunScores, method
from core.scoring.loss_gains import WHOLE, LossTrial, begin_losses, loss_gains
from pages.ui import growing, states
from pages.ui.certainty import CORRECTIONS
from pages.ui.class_gains import Pair
from pages.ui.download import csv_button
from pages.ui.failure_choice import PIXELS, FailureChoice
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.paragraphs import retell
from pages.ui.score_failures import failures
from pages.ui.selection import Selection
from pages.ui.words import counted, literal

COUNTED = f"{KINDS[0]}_error"  # the score of every run whose kinds are counted
ROOM = 250  # of sentence and caption, pixels


class Subject(NamedTuple):
    """Whose IoU is looked at.

    Attributes:
        class_name: of a class, or None for the mean over the classes.
        class_index: of it, or -1.
        names: of all classes that are looked at, which are those corrected over.
    """

    class_name: str | None
    class_index: int
    names: frozenset[str]


def subject_of(class_name: str | None, cells: pd.DataFrame) -> Subject:
    """Return the subject of a class, or of the mean over the classes.

    Args:
        class_name: None for the mean.
        cells: of `class_table.long`, of the classes that are looked at.
    """
    index = cells.loc[cells["name"] == class_name, "class"]
    return Subject(class_name, int(index.iloc[0]) if len(index) else -1, frozenset(cells["name"]))


def show(
    choice: Selection,
    scores: Sequence[RunScores],
    pair: Pair,
    subject: Subject,
    images: Sequence[int] | None,
    how: Choice,
) -> None:
    """Draw what each kind of wrong pixels has of the difference; nothing where it is not known.

    Args:
        choice: data set and split.
        scores: of the runs shown.
        pair: the two runs, and the correction.
        subject: the class, or the mean over the classes.
        images: on which the runs are scored, or None for all.
        how: they are scored.
    """
    known = {one.run for one in scores if one.scores[COUNTED] is not None}
    if not {pair.first, pair.second} <= known:
        return
    st.subheader(say("Which wrong pixels make the difference"))
    draw = partial(_draw, choice=choice, pair=pair, subject=subject)
    asked = {"runs": (pair.first, pair.second), "images": images, "choice": how}
    room = states.chart_room(1 + len(KINDS), more=ROOM)
    growing.watch(draw, begin=begin_losses, room=room, **asked)
    _show_ways(choice, pair, subject)


def _draw(trial: LossTrial, choice: Selection, pair: Pair, subject: Subject) -> None:
    found = loss_gains(trial, CORRECTIONS[pair.correction], subject.names, only=subject.class_index)
    rows = found.assign(sure=found["p_adjusted"] < LEVEL)
    if rows.empty:
        st.info(
            say(
                "{first} and {second} do not both have this score: {title}.",
                first=literal(pair.first),
                second=literal(pair.second),
                title=literal(subject.class_name or WHOLE),
            ),
            icon=":material/search_off:",
        )
        return
    st.markdown(_sentence(rows, pair, subject.class_name))
    st.plotly_chart(
        class_differences(
            rows.assign(name=rows["part"].map(say), few=~rows["reliable"]),
            pair.first,
            pair.second,
            say("IoU gained"),
            say,
        ),
        alt=say(
            "What each kind of wrong pixels has of the difference in IoU between {first} and "
            "{second}",
            first=pair.first,
            second=pair.second,
        ),
    )
    st.caption(
        say(
            "A gain is a share of the union that is no longer wrong, in points of IoU; the gains "
            "of the kinds make that of the IoU. The class is the one chosen above. "
            "Filled: p below {level} after {correction}'s correction over {compared}. {method}.",
            level=LEVEL,
            correction=pair.correction,
            compared=_compared(subject),
            method=retell(method(trial.whole)),
        )
    )
    csv_button(found, f"{choice.dataset} {choice.split} wrong pixels {pair.first} to {pair.second}")


def _sentence(rows: pd.DataFrame, pair: Pair, class_name: str | None) -> str:
    points = 100 * rows.set_index("part")["difference"]
    return say(
        "**{subject}:** {second} minus {first} {whole:+.1f} points of IoU: {parts}.",
        subject=say("Mean over the classes") if class_name is None else literal(class_name),
        second=literal(pair.second),
        first=literal(pair.first),
        whole=points[WHOLE],
        parts=", ".join(f"{say(kind)} {points[kind]:+.1f}" for kind in KINDS),
    )


def _compared(subject: Subject) -> str:
    if subject.class_name is None:
        return say("the three kinds")
    classes = counted(len(subject.names), "class", "classes")
    return say("the kinds of {classes}", classes=classes)


def _show_ways(choice: Selection, pair: Pair, subject: Subject) -> None:
    """Show a link to the images behind each kind, for both runs."""
    runs = [pair.first, pair.second]
    sentence = say("the images with most of such pixels, of both runs")
    links = []
    for kind in KINDS:
        wanted = FailureChoice(by=PIXELS, wrong=(kind,))
        links.append(
            (
                say(kind),
                sentence,
                failures(choice.dataset, choice.split, runs, wanted, subject.class_name),
            )
        )
    link_list(links, key="wrong pixels of two runs")
