"""An object of an image in an address: the one that is selected when the page Masks opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from core.structures import Objects
from pages.ui.image_layers import ANNOTATION, StoredImage
from pages.ui.language import say
from pages.ui.mask_layers import Judged
from pages.ui.viewer import Selected
from pages.ui.words import literal

OBJECT = "object"


class ObjectLink(NamedTuple):
    """An object of one image.

    Attributes:
        layer: whose it is: a run, or the annotation.
        position: of the object in the layer's objects.
    """

    layer: str
    position: int

    def as_text(self) -> str:
        """Return the object as one value of an address."""
        return f"{self.position} {self.layer}"


def from_text(text: str) -> ObjectLink | None:
    """Return the object that `as_text` wrote, or None of any other text."""
    position, _, layer = text.partition(" ")
    return ObjectLink(layer, int(position)) if position.isdecimal() and layer else None


def asked_for(truth: Objects | None, found: Sequence[Judged]) -> ObjectLink | None:
    """Return the object that the address names; say so if there is none.

    Args:
        truth: the annotated objects of the image, if it has any.
        found: the answers of the runs shown.
    """
    text = st.query_params.get(OBJECT)
    if not text:
        return None
    objects = {each.run["run"]: each.objects for each in found} | {ANNOTATION: truth}
    asked = from_text(text)
    there = None if asked is None else objects.get(asked.layer)
    if asked is None or there is None or asked.position >= len(there):
        st.caption(
            say(
                "The object of the link is not here, so none is selected: {text}.",
                text=literal(text),
            )
        )
        return None
    return asked


def selected(
    image: StoredImage, linked: ObjectLink | None, clicked: Selected | None
) -> Selected | None:
    """Return the object that is selected: the one clicked on this image, else the link's.

    Args:
        image: the one shown.
        linked: of the address.
        clicked: what the viewer tells, perhaps of an image before.
    """
    if clicked is not None and clicked.image == str(image.key):
        return clicked
    return None if linked is None else Selected(str(image.key), *linked)
