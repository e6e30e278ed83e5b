"""Addresses of pages and of what they show."""

from __future__ import annotations

from urllib.parse import urlencode

from core.scoring.properties import PROPERTIES

# The parameters of the sidebar, which travel from page to page.
SHARED = ("dataset", "split", "runs", "class", "tags", *PROPERTIES)


def link(page: str, **parameters: object) -> str:
    """Return the address of a page, relative to the app's root.

    Args:
        page: as in the address: the file name without number and ending, such as "Masks".
        parameters: what the page is to show; lists repeat their name, None is left out.

    Example:
        >>> link("Masks", image=12, runs=["a b", "c&d"])
        'Masks?image=12&runs=a+b&runs=c%26d'
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{page}?{urlencode(given, doseq=True)}" if given else page
