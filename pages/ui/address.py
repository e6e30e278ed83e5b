"""What of a link is not here: said once, because widgets fall back without a word."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui.language import current, in_every_language, mark, say
from pages.ui.words import literal

_LAST = "overlook_last_address"
# read from the address by the page itself, which says what it cannot find
READ_BY_PAGES = ("image", "list", "object", "upload", "look")
NOUNS = {"dataset": mark("data set"), "runs": mark("run"), "p": mark("page")}
# what these say is a name from data, the same in every language
NAMES = frozenset(
    {
        "dataset",
        "split",
        "runs",
        "class",
        "classes",
        "image",
        "list",
        "object",
        "tags",
        "run",
        "images",
        "systems",
        "words",
        "truth",
        "predicted",
        "answered_by",
        "error_class",
    }
)

Asked = dict[str, list[str]]


def in_language() -> None:
    """Have the address say its choices in the visitor's language; a link may be in another.

    Widgets know a choice in the address by the words on the screen. Begins the script anew where
    a word changes.
    """
    said = {name: st.query_params.get_all(name) for name in st.query_params}
    spoken = {
        name: values if name in NAMES else [in_every_language(text)[current()] for text in values]
        for name, values in said.items()
    }
    if spoken != said:
        st.query_params.from_dict(spoken)
        st.rerun()


def newly_asked() -> Asked:
    """Return the parameters of the address that differ from those of the run before.

    What stays was there before, or is what a visitor chose; only the rest can come from a link.
    """
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    last = st.session_state.get(_LAST, {})
    st.session_state[_LAST] = asked
    return {name: values for name, values in asked.items() if last.get(name) != values}


def write(parameters: Mapping[str, str]) -> None:
    """Write what nobody asked for into the address, before widgets are bound to it.

    Args:
        parameters: name to value; all at once, as each change of the address is a step of Back.
    """
    if any(st.query_params.get(name) != value for name, value in parameters.items()):
        st.query_params.update(parameters)
        last = st.session_state.get(_LAST, {})
        st.session_state[_LAST] = last | {name: [value] for name, value in parameters.items()}


def name_unmet(asked: Asked) -> None:
    """Say which parameters of the address the widgets do not show, if any.

    Args:
        asked: some of `newly_asked`, which was called before the widgets were drawn.
    """
    lost = [
        f"{say(NOUNS.get(name, name))} {value}" for name, value in unmet(asked, st.session_state)
    ]
    if lost:
        st.toast(
            say("Not here, so left out of this view: {names}.", names=literal(", ".join(lost))),
            icon=":material/link_off:",
            duration="infinite",
        )


def unmet(asked: Asked, chosen: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return name and value of what was asked and is not what widgets show.

    Args:
        asked: values of each parameter.
        chosen: what widgets show, by parameter.
    """
    return [
        (name, value)
        for name, values in asked.items()
        if name not in READ_BY_PAGES
        for value in values
        if not _shows(chosen.get(name), value)
    ]


def _shows(shown: object, value: str) -> bool:
    """Whether a widget's value, or one of its values, is what the text of an address says."""
    if isinstance(shown, list | tuple):
        return not value or any(_shows(each, value) for each in shown)
    if shown is None:
        return not value
    if isinstance(shown, bool):
        return value.lower() == str(shown).lower()
    if isinstance(shown, int | float):
        return _is_number(value, shown)
    return value in in_every_language(str(shown)).values()


def _is_number(text: str, number: float) -> bool:
    try:
        return float(text) == number
    except ValueError:
        return False
