"""Leafing through images: links to the one before and after, and back to where the list is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.ui.links import SHARED
from pages.ui.modules import joined

_FOLDER = Path(__file__).parent
_SHARED_STYLE = _FOLDER.parent / "web" / "component.css"
_mount = st.components.v2.component(
    "overlook_leaf",
    html=(_FOLDER / "leaf.html").read_text(encoding="utf-8"),
    css="".join(path.read_text(encoding="utf-8") for path in (_SHARED_STYLE, _FOLDER / "leaf.css")),
    js=joined(_FOLDER / "leaf.js"),
)


def leaf(
    place: str,
    before: str | None,
    after: str | None,
    whole: str | None,
    key: str,
    carried: Sequence[str] = SHARED,
) -> None:
    """Show links that open in place, in a new tab, or by the keys p and n.

    Args:
        place: a few words: where the image stands.
        before: address of the image before, from `links.link`, or None if this is the first.
        after: address of the image after, or None if this is the last.
        whole: address of the whole list, or None if it has no page.
        key: of this component on its page.
        carried: query parameters of the current address that links take along.
    """
    links = {"before": before, "after": after, "whole": whole}
    shown = {"place": place, "links": links, "carried": list(carried)}
    _mount(data=shown, key=key, height="content")
