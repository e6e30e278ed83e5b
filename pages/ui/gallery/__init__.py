"""The gallery: a page of images with what was said about them, each a link."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pages.ui.component import component

_mount = component(Path(__file__).parent)


def gallery(
    payload: bytes,
    key: str,
    height: int = 760,
    on_selected: Callable[[], None] = lambda: None,
) -> list[str]:
    """Show what `payload.pack_gallery` packed and return the ids of the selected cells.

    Args:
        payload: from `pack_gallery`.
        key: of this gallery on its page.
        height: in CSS pixels; the grid scrolls inside.
        on_selected: called when the visitor selects or deselects a cell.
    """
    shown = _mount(
        data=payload,
        key=key,
        height=height,
        default={"selected": []},
        on_selected_change=on_selected,
    )
    return [str(cell) for cell in shown.selected]
