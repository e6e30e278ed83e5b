"""A list of real links into the app: they open in place, in a new tab, or are copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.ui.modules import joined

_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "overlook_link_list",
    html=(_FOLDER / "link_list.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "link_list.css").read_text(encoding="utf-8"),
    js=joined(_FOLDER / "link_list.js"),
)


def link_list(links: Sequence[tuple[str, str, str]], key: str) -> None:
    """Show links one below the other.

    Streamlit's own page link loses the parameters that are bound to widgets.

    Args:
        links: (kind, sentence, address from `links.link`): the kind is one or two words.
        key: of this list on its page.
    """
    rows = [{"kind": kind, "text": text, "href": href} for kind, text, href in links]
    _mount(data={"links": rows}, key=key, height="content")
