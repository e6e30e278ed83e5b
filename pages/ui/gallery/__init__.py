"""The gallery: a page of images with what was said about them, each a link."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.modules import joined

_FOLDER = Path(__file__).parent
_SHARED_STYLE = _FOLDER.parent / "web" / "component.css"
_mount = st.components.v2.component(
    "overlook_gallery",
    html=(_FOLDER / "gallery.html").read_text(encoding="utf-8"),
    css="".join(
        path.read_text(encoding="utf-8") for path in (_SHARED_STYLE, _FOLDER / "gallery.css")
    ),
    js=joined(_FOLDER / "gallery.js"),
)


def gallery(payload: bytes, key: str, height: int = 760) -> list[str]:
    """Show what `payload.pack_gallery` packed and return the ids of the selected cells.

    Args:
        payload: from `pack_gallery`.
        key: of this gallery on its page.
        height: in CSS pixels; the grid scrolls inside.
    """
    shown = _mount(
        data=payload,
        key=key,
        height=height,
        default={"selected": []},
        on_selected_change=lambda: None,
    )
    return [str(cell) for cell in shown.selected]
