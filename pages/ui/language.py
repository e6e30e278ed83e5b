"""The language of the pages: English in the code, other languages from `languages/`.

A text for the screen goes through `say`: its English is what a translation is looked up by, and
what is shown where there is none. A text that stands in a constant is told by `mark`, so that the
catalogue knows it, and goes through `say` where it is drawn. Paragraphs of the core are told
again by `pages.ui.paragraphs`. Names from data and commands are the same in every language.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

FOLDER: Final = Path(__file__).with_name("languages")
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "es": "Español"}
COOKIE: Final = "overlook_language"
_CHOSEN, _TO_KEEP, _WIDGET = "overlook_language", "overlook_language_to_keep", "language"
_YEAR = 365 * 24 * 3600


def say(text: str, /, **values: object) -> str:
    """Return a text of the pages in the visitor's language, its fields filled in.

    Args:
        text: in English, with fields in braces as of `str.format` if there are values.
        values: of the fields.

    Example:
        >>> say("{shown} of {all:,} images", shown=3, all=1692)
        '3 of 1,692 images'
    """
    translated = catalogue(current()).get(text, text)
    return translated.format(**values) if values else translated


def mark(text: str, /) -> str:
    """Return a text as it is: `say` gets it from where it is kept.

    Example:
        >>> mark("Data set")
        'Data set'
    """
    return text


def current() -> str:
    """Return the language of this visitor, one of `LANGUAGES`.

    It is what was chosen in this browser, or what the browser asks for; English where nobody
    looks.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    chosen = st.session_state.get(_CHOSEN)
    if chosen is None:
        asked = (st.context.cookies.get(COOKIE), (st.context.locale or "")[:2])
        chosen = next((code for code in asked if code in LANGUAGES), ENGLISH)
        st.session_state[_CHOSEN] = chosen
    return str(chosen)


def draw() -> None:
    """Draw the choice of the language into the sidebar; the browser keeps it for a year."""
    with st.sidebar:
        st.segmented_control(
            say("Language"),
            list(LANGUAGES),
            key=_WIDGET,
            default=current(),
            format_func=LANGUAGES.__getitem__,
            required=True,
            on_change=_choose,
        )
    _tell_browser(to_keep=st.session_state.pop(_TO_KEEP, False))


def _tell_browser(*, to_keep: bool) -> None:
    """Have screen readers speak the language, and the browser remember it."""
    code = current()
    if not to_keep and code == ENGLISH:
        return
    script = f"document.documentElement.lang = {json.dumps(code)};"
    if to_keep:
        cookie = f"{COOKIE}={code}; max-age={_YEAR}; path=/; SameSite=Lax"
        script += f"document.cookie = {json.dumps(cookie)};"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def _choose() -> None:
    # the widget forgets on pages that do not draw it
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
    st.session_state[_TO_KEEP] = True


def in_every_language(text: str) -> dict[str, str]:
    """Return a text of the catalogue by language.

    Args:
        text: in any of the languages.
    """
    english = text if text in _known() else _english().get(text, text)
    return {code: catalogue(code).get(english, english) for code in LANGUAGES}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations into a language by their English; none for English itself."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


@cache
def _known() -> frozenset[str]:
    return frozenset(english for code in LANGUAGES for english in catalogue(code))


@cache
def _english() -> dict[str, str]:
    return {there: english for code in LANGUAGES for english, there in catalogue(code).items()}
