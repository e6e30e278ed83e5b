"""HTML that cannot be broken by its contents: text is escaped unless it was made here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

_VOID_ELEMENTS: Final = {"img", "meta"}


class Markup(str):
    """HTML made by this module; every other string is text."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: object) -> Markup:
    """Return an element; its content is escaped where it is text.

    Args:
        name: of the element, a constant.
        content: text, or markup.
        attributes: by name, an underscore at the end left out and others as hyphens; None leaves
            the attribute out.
    """
    given = "".join(
        f' {_attribute(key)}="{escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID_ELEMENTS:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(content)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Return the parts one after the other, escaped where they are text."""
    return Markup("".join(p if isinstance(p, Markup) else escape(p) for p in parts))


def named(name: str) -> Markup:
    """Return a name from data: its direction of writing changes nothing around it."""
    return element("bdi", name)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Markup:
    """Return a table; the first cell of each row is its heading."""
    lines = [
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    ]
    head = element("tr", *(element("th", cell, scope="col") for cell in header))
    return element("table", element("thead", head), element("tbody", *lines))


def _attribute(key: str) -> str:
    # SVG writes this one attribute with a capital
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _written(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
