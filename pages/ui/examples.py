"""Images of one class with their annotations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.store.queries import explore
from pages.ui import contents, store
from pages.ui.gallery import gallery
from pages.ui.image_cells import image_cell
from pages.ui.image_layers import (
    ANNOTATION,
    StoredImage,
    annotated_maps,
    annotated_objects,
    stored_images,
    view_classes,
)
from pages.ui.language import say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR
from pages.ui.payload import pack_gallery
from pages.ui.words import counted

MOST = 24


def show(split: pd.Series, class_index: int, class_name: str) -> None:
    """Show the images on which a class is largest, or say that there are none."""
    found = _found(split, class_index)
    if found.empty:
        st.info(
            say("No image holds the class {class_name}.", class_name=class_name),
            icon=":material/search_off:",
        )
        return
    images = stored_images(found["image_id"])
    layers = _layers(split, images)
    amounts = found.set_index("image_id").iloc[:, 0]
    noun = str(amounts.name).removesuffix("s")
    cells = [
        image_cell(image, [counted(int(amounts[image.key]), noun)], [layers[image.key]])
        for image in images
    ]
    payload = pack_gallery(cells, view_classes(split), selectable=False)
    gallery(payload, key="examples", height=520)


def _found(split: pd.Series, class_index: int) -> pd.DataFrame:
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    question = explore.pixel_examples if contents.counts_pixels(split) else explore.class_examples
    return store.ask(question, **place, class_=class_index, most=MOST)


def _layers(split: pd.Series, images: Sequence[StoredImage]) -> dict[int, Layer]:
    """Return the annotation of each image: its label map where there is one, else its objects."""
    if split["has_label_maps"]:
        maps = annotated_maps(images)
        return {key: Layer(ANNOTATION, ANNOTATION_COLOUR, maps[key]) for key in maps}
    found = annotated_objects(split, images)
    return {key: Layer(ANNOTATION, ANNOTATION_COLOUR, objects=found[key]) for key in found}
