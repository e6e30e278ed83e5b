"""The mask viewer: one image, the annotation and every run, compared in the browser."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.modules import joined

_FOLDER = Path(__file__).parent
_SHARED_STYLE = _FOLDER.parent / "web" / "component.css"
_mount = st.components.v2.component(
    "overlook_viewer",
    html=(_FOLDER / "viewer.html").read_text(encoding="utf-8"),
    css="".join(
        path.read_text(encoding="utf-8") for path in (_SHARED_STYLE, _FOLDER / "viewer.css")
    ),
    js=joined(_FOLDER / "viewer.js"),
)


def viewer(payload: bytes, key: str, height: int = 720, threshold: float = 0.0) -> float:
    """Show what `payload.pack_view` packed and return the least score the visitor has set.

    Args:
        payload: from `pack_view`; a new one with the same key keeps the visitor's settings.
        key: of this viewer on its page.
        height: in CSS pixels.
        threshold: the answer until the slider is moved.
    """
    shown = _mount(
        data=payload,
        key=key,
        height=height,
        default={"threshold": threshold},
        on_threshold_change=lambda: None,
    )
    return float(shown.threshold)


def threshold_of(key: str, threshold: float) -> float:
    """Return what `viewer` is going to answer, before it is drawn, for `pack_view`.

    Args:
        key: of the viewer.
        threshold: as given to `viewer`.
    """
    return float(st.session_state.get(key, {}).get("threshold", threshold))
