"""Leafing through images: those before and after in a row, and back to where the list is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pages.ui.component import component
from pages.ui.links import SHARED

_mount = component(Path(__file__).parent)


@dataclass(frozen=True)
class Frame:
    """One image of the strip.

    Attributes:
        image: names it to the viewer.
        href: where it is shown, from `links.link`.
        name: of the image.
        thumbnail: JPEG bytes, or None if there is no photograph.
    """

    image: str
    href: str
    name: str
    thumbnail: bytes | None


def leaf(
    place: str,
    strip: Sequence[Frame],
    at: int,
    whole: str | None,
    key: str,
    carried: Sequence[str] = SHARED,
) -> None:
    """Show images in a row; they open in place, in a new tab, or by the keys p and n.

    Args:
        place: a few words: where the image stands.
        strip: the image with those before and after it in the list, in its order.
        at: position of the image in the strip.
        whole: address of the whole list, or None if it has no page.
        key: of this component on its page.
        carried: query parameters of the current address that links take along.
    """
    frames = [
        {**vars(each), "thumbnail": each.thumbnail and b64encode(each.thumbnail).decode()}
        for each in strip
    ]
    shown = {"place": place, "strip": frames, "at": at, "whole": whole, "carried": list(carried)}
    _mount(data=shown, key=key, height="content")
