"""Which systems are tried, and what they look for."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.structures import BACKGROUND_NAME
from pages.ui import store
from pages.ui.answering.pool import Listed, listed
from pages.ui.language import mark, say
from pages.ui.layers import Classes
from pages.ui.palette import class_colours

MOST_WORDS, LONGEST_WORD = 40, 80
NOT_LISTED = mark(
    "The systems could not be listed. See why with `python -m training "
    "list`: most often the packages of requirements.txt are not all "
    "installed."
)


def choose(choice_runs: pd.DataFrame) -> list[Listed]:
    """Let the visitor choose among the systems whose weights are here.

    Args:
        choice_runs: rows of `catalogue.runs` of the split: their systems are chosen at first.
    """
    try:
        with st.spinner(say("Looking which systems are here …")):
            known = listed()
    except (subprocess.SubprocessError, OSError, ValueError):
        st.error(say(NOT_LISTED), icon=":material/warning:")
        st.stop()
    names = [each.name for each in known]
    if "systems" not in st.session_state and not st.query_params.get_all("systems"):
        ran = set(choice_runs["system"]) if len(choice_runs) else set()
        st.session_state["systems"] = [name for name in names if name in ran] or names
    chosen = st.multiselect(
        say("Systems"),
        names,
        key="systems",
        bind="query-params",
        help="\n".join(f"- **{each.name}**: {each.title}" for each in known),
        placeholder=say("Choose systems"),
    )
    return [each for each in known if each.name in chosen]


def words(chosen: Sequence[Listed]) -> tuple[str, ...]:
    """Return what the visitor wants found by systems that find whatever can be named; () for none.

    Args:
        chosen: the systems; without one that takes words nothing is drawn.
    """
    takers = [each.name for each in chosen if each.any_words]
    if not takers:
        return ()
    text = st.text_input(
        say("Words for {takers}", takers=", ".join(takers)),
        key="words",
        bind="query-params",
        max_chars=MOST_WORDS * LONGEST_WORD,
        placeholder=say("The data set's classes; or your own, with commas: red circle, star, cat"),
        help=say(
            "What it is to look for, instead of the data set's classes. Captions are made of it."
        ),
    )
    parts = [part.strip()[:LONGEST_WORD] for part in text.split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_WORDS]


def classes_of(split: pd.Series, extra: Sequence[str]) -> Classes:
    """Return index, name and colour of all that answers may speak of.

    First the data set's classes, then the background of painted maps, then the visitor's words.
    """
    names = list(store.classes(split["dataset"])["name"])
    background = None if pd.isna(split["background"]) else int(split["background"])
    if background is None:
        background = len(names)
        names.append(BACKGROUND_NAME)
    names += [word for word in extra if word not in names]
    colours = class_colours(len(names), background)
    return tuple(zip(range(len(names)), names, colours, strict=True))
