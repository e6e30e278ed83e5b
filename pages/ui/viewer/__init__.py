"""The mask viewer: one image, the annotation and every run, compared in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui.component import component

_mount = component(Path(__file__).parent)


@dataclass(frozen=True)
class Selected:
    """An object that the visitor clicked, or that the address names.

    Attributes:
        image: of the payload.
        layer: its name, or "" where a click selected nothing.
        position: of the object in the layer's objects.
    """

    image: str
    layer: str
    position: int


def viewer(
    payload: bytes, key: str, height: int = 720, threshold: float = 0.0
) -> tuple[float, Selected | None]:
    """Show what `payload.pack_view` packed; return the least score and the object chosen in it.

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
        default={"threshold": threshold, "selected": None},
        on_threshold_change=lambda: None,
        on_selected_change=lambda: None,
    )
    chosen = shown.selected
    if chosen is None:
        return float(shown.threshold), None
    return float(shown.threshold), Selected(chosen["image"], chosen["layer"], chosen["object"])


def threshold_of(key: str, threshold: float) -> float:
    """Return what `viewer` is going to answer, before it is drawn, for `pack_view`.

    Args:
        key: of the viewer.
        threshold: as given to `viewer`.
    """
    return float(st.session_state.get(key, {}).get("threshold", threshold))
