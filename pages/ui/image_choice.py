"""The images on which runs are held against each other, and how links name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pages.ui import image_filter
from pages.ui.common_ground import answered_alike, in_ranges
from pages.ui.subset import Keys


@dataclass(frozen=True)
class ImageChoice:
    """The images that count.

    Attributes:
        keys: their image_id, or None for all of the split.
        answered_by: runs that each have answered them, where they answered different ones.
    """

    keys: Keys
    answered_by: tuple[str, ...]

    def parameters(self) -> dict[str, object]:
        """Return the query parameters by which the page Failures chooses the same images."""
        return {"answered_by": self.answered_by} | image_filter.parameters()


def image_choice(runs: Sequence[str]) -> ImageChoice:
    """Return the images that all runs answered and the sidebar keeps; without any the page ends.

    Args:
        runs: names of runs of the split.
    """
    common = answered_alike(tuple(runs))
    return ImageChoice(in_ranges(common, runs), () if common is None else tuple(runs))
