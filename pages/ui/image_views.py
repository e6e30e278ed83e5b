"""Images packed for the viewer: the one that is shown, and those one is likely to ask for next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b

import pandas as pd
import streamlit as st

from pages.ui import image_list, mask_layers, store, thumbnails
from pages.ui.ahead import ahead
from pages.ui.image_layers import StoredImage, view_classes
from pages.ui.mask_layers import Judged
from pages.ui.object_link import ObjectLink
from pages.ui.payload import pack_view, with_settings
from pages.ui.selection import Selection


@dataclass(frozen=True, eq=False)
class Views:
    """How images of a split are shown.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones.
        by: "boxes" or "masks".
        threshold: where the slider of the least score stands.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    by: str
    threshold: float

    @property
    def context(self) -> str:
        """Return a name of all that a view depends on besides its image."""
        return _name_of(store.moment(), self.choice, self.by)

    @property
    def drawn(self) -> str:
        """Return a name of all that what is drawn depends on besides the image.

        The class of the sidebar is part of the address alone.
        """
        return _name_of(store.moment(), replace(self.choice, class_name=None), self.by)

    def packed(
        self,
        image: StoredImage,
        found: list[Judged] | None = None,
        chosen: ObjectLink | None = None,
    ) -> bytes:
        """Return the payload of an image for `viewer`, from memory if it was packed before.

        Args:
            image: of the split.
            found: what the runs answered, from `mask_layers.judged`; None asks the store.
            chosen: the object that is selected at first.
        """
        view = _packed(self.drawn, image.key, chosen, lambda: self._pack(image, found, chosen))
        return with_settings(
            view,
            threshold=self.threshold,
            address=image_list.address(self.choice, image, chosen),
            context=self.context,
        )

    def _pack(
        self, image: StoredImage, found: list[Judged] | None, chosen: ObjectLink | None
    ) -> bytes:
        if found is None:
            found, _ = mask_layers.judged(self.runs, self.split, image, self.by)
        return pack_view(
            thumbnails.photograph(str(image.file)),
            image.width,
            image.height,
            view_classes(self.split),
            mask_layers.layers(self.choice, self.split, image, found),
            title=image.name,
            image=str(image.key),
            chosen=chosen,
        )


def send_ahead(views: Views, image: StoredImage, listed: image_list.ImageList) -> None:
    """Send the images that the keys n and p lead to, after all else on the page is drawn."""
    for place, neighbour in enumerate(image_list.likely_next(image, listed)):
        ahead(views.packed(neighbour), key=f"ahead {place}")


def _name_of(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


@st.cache_data(max_entries=24, show_spinner=False)
def _packed(
    drawn: str,  # noqa: ARG001 - part of the key
    image: int,  # noqa: ARG001 - part of the key
    chosen: ObjectLink | None,  # noqa: ARG001 - part of the key
    _make: Callable[[], bytes],
) -> bytes:
    return _make()
