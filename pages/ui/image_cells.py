"""An image of the store as a cell of the gallery."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui.image_layers import StoredImage
from pages.ui.layers import Layer
from pages.ui.links import link
from pages.ui.payload import GalleryItem
from pages.ui.thumbnails import thumbnail


def image_cell(
    image: StoredImage, badges: Sequence[str], layers: Sequence[Layer], **state: object
) -> GalleryItem:
    """Return an image as a cell that leads to it on Masks.

    Args:
        image: of the store.
        badges: a few short words or figures.
        layers: drawn over the thumbnail.
        state: more parameters of the link.
    """
    return GalleryItem(
        id=str(image.id),
        href=link("Masks", image=image.id, **state),
        caption=image.name,
        badges=badges,
        thumbnail=thumbnail(str(image.file)),
        width=image.width,
        height=image.height,
        layers=layers,
    )
