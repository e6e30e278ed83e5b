"""An image to point at: what a visitor means by points and a box, and the mask that answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.structures import Rle
from pages.ui.component import component
from pages.ui.payload import pack_photograph

MOST_POINTS = 64
_mount = component(Path(__file__).parent)


@dataclass(frozen=True)
class Prompt:
    """What SAM is asked about, in pixels of the image.

    Attributes:
        points: x, y, and 1 on what is meant, 0 on what is not.
        box: left, top, right, bottom, or None.
    """

    points: tuple[tuple[float, float, int], ...] = ()
    box: tuple[float, float, float, float] | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is asked."""
        return not self.points and self.box is None


def prompter(
    photograph: bytes | None, image: str, width: int, height: int, mask: Rle | None, key: str
) -> None:
    """Show an image to point at; `prompt_of` tells what was pointed at.

    Args:
        photograph: as `payload.pack_view` takes it.
        image: names it.
        width: columns, in pixels.
        height: rows, in pixels.
        mask: the answer to what was pointed at, drawn over the image.
        key: of this component on its page.
    """
    asked = prompt_of(key, image, width, height)
    header = {
        "image": image,
        "width": width,
        "height": height,
        "mask": None if mask is None else mask.counts.decode("ascii"),
        "points": [list(point) for point in asked.points],
        "box": asked.box,
    }
    _mount(
        data=pack_photograph(photograph, header),
        key=key,
        height="content",
        default={"prompt": None},
        on_prompt_change=lambda: None,
    )


def prompt_of(key: str, image: str, width: int, height: int) -> Prompt:
    """Return what was pointed at in an image; nothing where it was another image.

    What the browser sent is held within the image; what is no prompt counts as none.
    """
    sent = st.session_state.get(key, {}).get("prompt")
    if not isinstance(sent, dict) or sent.get("image") != image:
        return Prompt()
    try:
        points = [
            (_within(x, width), _within(y, height), int(bool(meant)))
            for x, y, meant in sent["points"][:MOST_POINTS]
        ]
        return Prompt(tuple(points), _box(sent["box"], width, height))
    except (KeyError, TypeError, ValueError):
        return Prompt()


def _box(
    corners: list[float] | None, width: int, height: int
) -> tuple[float, float, float, float] | None:
    if corners is None:
        return None
    left, top, right, bottom = corners
    return (
        _within(left, width),
        _within(top, height),
        _within(right, width),
        _within(bottom, height),
    )


def _within(value: float, size: int) -> float:
    return min(max(float(value), 0.0), float(size))
