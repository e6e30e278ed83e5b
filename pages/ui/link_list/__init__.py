"""A list of real links into the app: they open in place, in a new tab, or are copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pages.ui.component import component

_mount = component(Path(__file__).parent, shared_style=False)


def link_list(links: Sequence[tuple[str, str, str]], key: str) -> None:
    """Show links one below the other.

    Streamlit's own page link loses the parameters that are bound to widgets.

    Args:
        links: (kind, sentence, address from `links.link`): the kind is one or two words.
        key: of this list on its page.
    """
    rows = [{"kind": kind, "text": text, "href": href} for kind, text, href in links]
    _mount(data={"links": rows}, key=key, height="content")
