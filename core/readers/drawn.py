"""One object as somebody drew it on an image."""

from __future__ import annotations

from dataclasses import dataclass

from core.readers.outlines import Outline


@dataclass(frozen=True)
class Drawn:
    """One object as it was drawn.

    Attributes:
        place: where it stands, as faults name it.
        image_id: of its image.
        class_name: what it is.
        outline: where it is.
        crowd: it is a region that scores pass over, see `Objects.crowd`.
    """

    place: str
    image_id: int
    class_name: str
    outline: Outline
    crowd: bool = False
