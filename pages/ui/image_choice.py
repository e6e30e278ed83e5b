"""The images on which runs are held against each other, and how links name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.ui import image_filter
from pages.ui.common_ground import answered_alike, in_ranges
from pages.ui.subset import Keys, images_with, in_all


@dataclass(frozen=True)
class ImageChoice:
    """The images that count.

    Attributes:
        keys: their image_id, or None for all of the split.
        tags: of which they carry at least one, or none.
        answered_by: runs that each have answered them, where they answered different ones.
    """

    keys: Keys
    tags: tuple[str, ...]
    answered_by: tuple[str, ...]

    def parameters(self) -> dict[str, object]:
        """Return the query parameters by which the page Failures chooses the same images."""
        own = {"tags": self.tags, "answered_by": self.answered_by}
        return own | image_filter.parameters()


def image_choice(split: pd.Series, runs: Sequence[str], tags: tuple[str, ...]) -> ImageChoice:
    """Return the images that all runs answered and the tags keep; without any the page ends.

    Args:
        split: row of `catalogue.datasets`.
        runs: names of runs of the split.
        tags: as of `subset.tag_filter`.
    """
    common = answered_alike(tuple(runs))
    keys = in_all(in_ranges(common, runs), images_with(split, tags))
    if keys == ():
        st.info(
            "No image that the runs answered carries these tags. Choose others.",
            icon=":material/search_off:",
        )
        st.stop()
    return ImageChoice(keys, tags, () if common is None else tuple(runs))
