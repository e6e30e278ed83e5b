"""Some images with what is said of them, before it is imported: do boxes and classes sit right?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.structures import BACKGROUND_NAME, Annotation, Dataset, Prediction
from pages.ui.gallery import gallery
from pages.ui.image_layers import ANNOTATION
from pages.ui.import_check import Check
from pages.ui.language import say
from pages.ui.layers import Classes, Layer
from pages.ui.links import link
from pages.ui.palette import ANNOTATION_COLOUR, class_colours
from pages.ui.payload import GalleryItem, pack_gallery, pack_view
from pages.ui.thumbnails import photograph, thumbnail
from pages.ui.viewer import viewer
from pages.ui.words import counted, literal

LOOK = "look"
MOST = 12
LOOKED_THROUGH = 500
Said = Annotation | Prediction


def show(check: Check) -> None:
    """Show a few images that hold as many classes as possible, and the chosen one large."""
    dataset = check.dataset
    if dataset is None:
        return
    said = _said(check, dataset)
    if not said:
        return
    classes, layer_name = _classes(dataset), _layer_name(check)
    st.caption(
        say(
            "Do boxes, masks and classes sit where they should? These images hold as "
            "many classes as {images} can; choose one to see it large, hover for "
            "names.",
            images=counted(len(said), "image"),
        )
    )
    cells = [_cell(dataset, each, layer_name) for each in said]
    payload = pack_gallery(cells, classes, selectable=False, carried=tuple(st.query_params))
    gallery(payload, key="import preview", height=440)
    chosen = [each for each in said if str(each.image.id) == st.query_params.get(LOOK)]
    shown = chosen[0] if chosen else said[0]
    st.markdown(f"**{literal(shown.image.path)}**")
    view = pack_view(
        photograph(str(dataset.images_folder / shown.image.path)),
        shown.image.width,
        shown.image.height,
        classes,
        [_layer(shown, layer_name)],
        annotated=check.predictions is None,
        title=shown.image.name,
        image=str(shown.image.id),
    )
    viewer(view, key="import view", height=560)


def _said(check: Check, dataset: Dataset) -> list[Said]:
    if check.predictions is not None:
        return _telling(check.predictions[:LOOKED_THROUGH])
    images = dataset.images[:LOOKED_THROUGH]
    first = dataset.annotations[images[0].id] if images else None
    if first is not None and first.objects is None:  # maps are decoded one by one: a few of all
        step = max(1, len(dataset.images) // MOST)
        return [dataset.annotations[image.id] for image in dataset.images[::step]][:MOST]
    return _telling([dataset.annotations[image.id] for image in images])


def _telling(said: Sequence[Said]) -> list[Said]:
    """Return a few that hold as many classes as possible, in their order."""
    found: list[int] = []
    seen: set[int] = set()
    for position, each in enumerate(said):
        own = set() if each.objects is None else set(each.objects.categories.tolist())
        if own - seen and len(found) < MOST:
            found.append(position)
            seen |= own
    rest = (position for position in range(len(said)) if position not in set(found))
    for position in rest:
        if len(found) >= MOST:
            break
        found.append(position)
    return [said[position] for position in sorted(found)]


def _classes(dataset: Dataset) -> Classes:
    names = [category.name for category in dataset.categories]
    background = dataset.background
    if background is None:
        background = len(names)
        names.append(BACKGROUND_NAME)
    return tuple(zip(range(len(names)), names, class_colours(len(names), background), strict=True))


def _layer_name(check: Check) -> str:
    return ANNOTATION if check.predictions is None else say("prediction")


def _layer(said: Said, name: str) -> Layer:
    return Layer(name, ANNOTATION_COLOUR, said.label_map, said.objects)


def _cell(dataset: Dataset, said: Said, name: str) -> GalleryItem:
    image = said.image
    objects = said.objects
    return GalleryItem(
        id=str(image.id),
        href=link("Import_data", look=image.id),
        caption=image.name,
        badges=[] if objects is None else [counted(len(objects), "object")],
        thumbnail=thumbnail(str(dataset.images_folder / image.path)),
        width=image.width,
        height=image.height,
        layers=[_layer(said, name)],
    )
