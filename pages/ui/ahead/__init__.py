"""Images sent before they are asked for, so that the next one is shown at once."""

from __future__ import annotations

from pathlib import Path

from pages.ui.component import component

_mount = component(Path(__file__).parent, shared_style=False)


def ahead(payload: bytes, key: str) -> None:
    """Keep what `payload.pack_view` packed in the browser; nothing is drawn.

    Args:
        payload: with a context and an image.
        key: of this component on its page.
    """
    _mount(data=payload, key=key, height="content")
