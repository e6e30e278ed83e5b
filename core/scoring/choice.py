"""How to score: which rule, which classes, which sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIZES: Final = ("all", "small", "medium", "large")


@dataclass(frozen=True)
class Choice:
    """How to score.

    Attributes:
        protocol: the rule of the semantic mIoU, a name in `core.metrics.PIXEL_PROTOCOLS`.
        classes: class indices whose scores are averaged, or None for all.
        size: of annotations and predictions that count in AP and AR, one of `SIZES`; COCO's
            limits of 32² and 96² square pixels. Pixels have no size: semantic scores are left
            out where it is not "all".
        with_background: whether the background class is averaged into semantic scores. Its
            pixels always count as errors of the other classes.
    """

    protocol: str = "mmseg"
    classes: tuple[int, ...] | None = None
    size: str = "all"
    with_background: bool = True

    def __post_init__(self) -> None:
        """Refuse an unknown size."""
        if self.size not in SIZES:
            raise ValueError(f"size is {self.size!r}, expected one of {', '.join(SIZES)}")
