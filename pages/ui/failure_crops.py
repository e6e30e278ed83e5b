"""Failing objects as cells of the gallery, each cut out with what surrounds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics.errors import BACKGROUND_IOU, Kind
from core.structures import Objects
from pages.ui import failure_controls, store, ticked_gallery
from pages.ui.crops import LEAST_SURROUNDINGS, SURROUNDINGS, cropped, window_around
from pages.ui.failure_choice import MASKS
from pages.ui.failure_rows import error_objects
from pages.ui.failure_search import Search
from pages.ui.image_layers import (
    ANNOTATION,
    OUTCOMES,
    StoredImage,
    annotated_objects,
    kept,
    predicted_objects,
    stored_images,
    view_classes,
    without_masks,
)
from pages.ui.language import mark, say
from pages.ui.layers import Layer
from pages.ui.links import link
from pages.ui.object_link import ObjectLink
from pages.ui.palette import ANNOTATION_COLOUR
from pages.ui.payload import GalleryItem, pack_gallery
from pages.ui.thumbnails import crop

PREDICTION: Final = mark("prediction")
SUREST, LARGEST, SMALLEST, BY_IMAGE = ORDERS = (
    mark("surest object first"),
    mark("largest object first"),
    mark("smallest object first"),
    mark("image by image"),
)

Found = Mapping[int, Objects]
Row = tuple  # named as the columns of `error_objects`, with class_ for class


def show(search: Search, worst: pd.DataFrame) -> None:
    """Draw the order and the pager, and the objects of a page.

    Args:
        search: by boxes or masks.
        worst: its images, from `worst_images`.
    """
    objects = error_objects(search)
    with st.container(horizontal=True, vertical_alignment="center"):
        order = st.selectbox(
            say("Order of the objects"),
            ORDERS,
            key="sorted",
            bind="query-params",
            format_func=say,
            label_visibility="collapsed",
            width=220,
        )
        page, size = failure_controls.page(len(objects))
    shown = ordered(objects, worst, order).iloc[(page - 1) * size : page * size]
    listed = ticked_gallery.of_split(search.split, "object", columns_of)
    payload = pack_gallery(
        crop_cells(search, shown),
        view_classes(search.split),
        annotation_beneath=True,
        outlined=True,
        noun=listed.noun,
        chosen=listed.marks.header(),
    )
    ticked_gallery.show(payload, listed, key="failing objects")
    st.caption(_rule(order, search.wanted.order))


def ordered(objects: pd.DataFrame, worst: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return failing objects in an order.

    Args:
        objects: from `error_objects`: the surest first, then the largest missed ones.
        worst: image_id of their images, in the order of the page.
        order: one of `ORDERS`.
    """
    if order == BY_IMAGE:
        places = pd.Series(range(len(worst)), index=worst["image_id"])
        first = objects["image_id"].map(places).argsort(kind="stable")
        return objects.iloc[first.to_numpy()]
    if order == SUREST:
        return objects
    return objects.sort_values("area", ascending=order == SMALLEST, kind="stable")


def crop_cells(search: Search, objects: pd.DataFrame) -> list[GalleryItem]:
    """Return a cell for each failing object: what was predicted there, what is annotated.

    Args:
        search: by boxes or masks.
        objects: rows of `error_objects`, in the order shown.
    """
    images = stored_images(objects["image_id"].unique())
    known = {image.key: image for image in images}
    truth = annotated_objects(search.split, images)
    predicted = _predicted(search, objects, known)
    names = store.classes(search.choice.dataset).set_index("class")["name"].to_dict()
    several = len(search.runs) > 1
    return [
        _cell(
            known[row.image_id],
            row,
            _sides(search, row, truth, predicted),
            [*badges(row, names), *[search.run_names[row.run_id]] * several],
            search.wanted.as_text(),
            search.run_names[row.run_id],
        )
        for row in objects.rename(columns={"class": "class_"}).itertuples(index=False)
    ]


def columns_of(cells: Sequence[str]) -> dict[str, list[object]]:
    """Return run, kind and object of some cells, by their ids.

    Args:
        cells: ids as of `crop_cells`.
    """
    parts = [cell.split(" ", 3)[1:] for cell in cells]
    names = dict(zip(*(store.runs()[name] for name in ("run_id", "run")), strict=True))
    return {
        "run": [names.get(int(run), "") for run, _, _ in parts],
        "kind": [kind for _, _, kind in parts],
        "object": [int(position) for _, position, _ in parts],
    }


def badges(row: Row, names: Mapping[int, str]) -> list[str]:
    """Return class and score, kind, and overlap of a failing object.

    Args:
        row: of `error_objects`.
        names: of the classes, by their index.
    """
    name = names[row.class_]
    if row.kind == Kind.MISSED:
        return [name, say(row.kind)]
    sure = [f"{name} {row.score:.2f}", say(row.kind)]
    if row.nearest < 0:
        return sure
    other = names[int(row.nearest_class)]
    overlap = f"IoU {100 * row.nearest_iou:.0f} %"
    if other == name:
        return [*sure, overlap]
    return [*sure, say("{overlap} with {other}", overlap=overlap, other=other)]


def _predicted(
    search: Search, objects: pd.DataFrame, known: Mapping[int, StoredImage]
) -> dict[int, Found]:
    """What each run predicted on those images where one of its predictions is shown."""
    wrong = objects[objects["kind"] != Kind.MISSED]
    runs = search.runs.set_index("run_id", drop=False)
    return {
        int(key): predicted_objects(
            runs.loc[key], [known[i] for i in sorted(of_run["image_id"].unique())]
        )
        for key, of_run in wrong.groupby("run_id")
    }


def _sides(
    search: Search, row: Row, truth: Found, predicted: Mapping[int, Found]
) -> tuple[Objects | None, Objects | None]:
    """The annotation and the prediction that a failing object is, as far as there are both."""
    if row.kind == Kind.MISSED:
        return _only(search, truth[row.image_id], row.object_index), None
    found = _only(search, predicted[row.run_id][row.image_id], row.object_index)
    if row.nearest < 0:
        return None, found
    return _only(search, truth[row.image_id], int(row.nearest)), found


def _only(search: Search, objects: Objects, position: int) -> Objects:
    one = kept(objects, np.array([position]))
    return one if search.wanted.by == MASKS else without_masks(one)


def _cell(
    image: StoredImage,
    row: Row,
    sides: tuple[Objects | None, Objects | None],
    shown: Sequence[str],
    wanted: str,
    run: str,
) -> GalleryItem:
    """A failing object as a cell that leads to its image on Masks, where it is selected."""
    truth, found = sides
    chosen = ObjectLink(ANNOTATION if found is None else run, int(row.object_index))
    near = truth if found is None or row.nearest_iou >= BACKGROUND_IOU else None
    boxes = np.concatenate([each.boxes for each in (near, found) if each is not None])
    window = window_around(boxes, image.width, image.height)
    annotation, prediction = (None if each is None else cropped(each, window) for each in sides)
    layers = [
        Layer(ANNOTATION, ANNOTATION_COLOUR, objects=annotation),
        Layer(say(PREDICTION), ANNOTATION_COLOUR, missed=[0])
        if prediction is None
        else Layer(
            say(PREDICTION),
            ANNOTATION_COLOUR,
            objects=prediction,
            outcomes=[OUTCOMES[Kind(row.kind)]],
            notes=[row.kind],
        ),
    ]
    return GalleryItem(
        id=f"{image.id} {row.run_id} {row.object_index} {row.kind}",
        href=link("Masks", image=image.id, list=wanted, object=chosen.as_text()),
        caption=image.name,
        badges=shown,
        thumbnail=crop(str(image.file), window, image.width, image.height),
        width=window.width,
        height=window.height,
        layers=layers,
    )


def _rule(order: str, order_of_images: str) -> str:
    """Say how objects are cut out, drawn and ordered."""
    orders = {
        SUREST: say(
            "First comes the prediction with the highest score; missed objects have "
            "none and follow, the largest first."
        ),
        LARGEST: say("By the area of the prediction or missed object."),
        SMALLEST: say("By the area of the prediction or missed object."),
        BY_IMAGE: say(
            "Objects of an image stand together, images by {order_of_images}.",
            order_of_images=say(order_of_images),
        ),
    }
    drawn = say(
        "Around each object {share:.0f} % of its width and height is shown on each side, at least "
        "{pixels} pixels, as far as the image goes. White: the annotation that was missed, or that "
        "the prediction overlaps most; in the colour of its class: the prediction.",
        share=100 * SURROUNDINGS,
        pixels=LEAST_SURROUNDINGS,
    )
    return f"{drawn} {orders[order]}"
