"""Components of our own: one folder each, registered once for every language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import language
from pages.ui.modules import joined

_SHARED_STYLE = Path(__file__).parent / "web" / "component.css"
_NO_TEXTS = "const TEXTS = {};"
_HTML_TEXT = re.compile(r"\{\{(.+?)\}\}")


def component(folder: Path, *, shared_style: bool = True) -> Callable[..., Any]:
    """Return the function that mounts a component in the visitor's language.

    Args:
        folder: of the component, with a .js file and, if it draws, .html and .css files of the
            folder's name. In the .html, texts to translate stand in {{double braces}}; in
            modules, `say` of web/say.js translates.
        shared_style: whether web/component.css comes before its own.
    """
    html, css = (_text(folder / f"{folder.name}{ending}") for ending in (".html", ".css"))
    script = joined(folder / f"{folder.name}.js")
    mounts = {
        code: st.components.v2.component(
            f"overlook_{folder.name}_{code}",
            html=spoken_html(html, language.catalogue(code)),
            css=(_text(_SHARED_STYLE) if shared_style else "") + css,
            js=spoken_script(script, language.catalogue(code)),
        )
        for code in language.LANGUAGES
    }
    return lambda **settings: mounts[language.current()](**settings)


def spoken_html(html: str, texts: Mapping[str, str]) -> str:
    """Return HTML with its texts translated.

    Example:
        >>> spoken_html("<b>{{Next}}</b><i>{{Score}}</i>", {"Next": "Siguiente"})
        '<b>Siguiente</b><i>Score</i>'
    """
    return _HTML_TEXT.sub(lambda found: texts.get(found[1], found[1]), html)


def spoken_script(script: str, texts: Mapping[str, str]) -> str:
    """Return a script with its translations filled in: those of the texts that stand in it."""
    used = {text: there for text, there in texts.items() if json.dumps(text) in script}
    return script.replace(_NO_TEXTS, f"const TEXTS = {json.dumps(used)};")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
