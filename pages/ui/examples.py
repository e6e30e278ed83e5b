"""Images of one class with their annotations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.geometry import label_runs
from core.store import rows
from core.store.columns import objects_of
from core.store.queries import explore, image_view
from core.structures import BACKGROUND_NAME, ObjectTable
from pages.ui import contents, store
from pages.ui.gallery import gallery
from pages.ui.layers import Classes, Layer
from pages.ui.links import link
from pages.ui.palette import ANNOTATION_COLOUR, class_colours
from pages.ui.payload import GalleryItem, pack_gallery
from pages.ui.thumbnails import thumbnail
from pages.ui.words import counted

MOST = 24


def show(split: pd.Series, class_index: int, class_name: str) -> None:
    """Show the images on which a class is largest, or say that there are none."""
    found = _found(split, class_index)
    if found.empty:
        st.info(f"No image holds the class {class_name}.", icon=":material/search_off:")
        return
    images = tuple(int(key) for key in found["image_id"])
    records = store.ask(image_view.image_records, images=images).set_index("image_id")
    layers = _layers(split, images, records)
    cells = [
        _cell(records.loc[image_id], layers[image_id], _badge(amount))
        for image_id, amount in zip(images, found.iloc[:, 1:].itertuples(index=False), strict=True)
    ]
    payload = pack_gallery(cells, _classes(split), selectable=False)
    gallery(payload, key="examples", height=520)


def _found(split: pd.Series, class_index: int) -> pd.DataFrame:
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    question = explore.pixel_examples if contents.counts_pixels(split) else explore.class_examples
    return store.ask(question, **place, class_=class_index, most=MOST)


def _badge(amount: tuple[int, ...]) -> str:
    noun = amount._fields[0].removesuffix("s")
    return counted(int(amount[0]), noun)


def _cell(record: pd.Series, layer: Layer, badge: str) -> GalleryItem:
    return GalleryItem(
        id=str(record["source_id"]),
        href=link("Masks", image=record["source_id"]),
        caption=record["name"],
        badges=[badge],
        thumbnail=thumbnail(str(Path(record["images_folder"]) / record["path"])),
        width=int(record["width"]),
        height=int(record["height"]),
        layers=[layer],
    )


def _layers(split: pd.Series, images: Sequence[int], records: pd.DataFrame) -> dict[int, Layer]:
    """Return the annotation of each image: its label map where there is one, else its objects."""
    if split["has_label_maps"]:
        maps = store.ask(image_view.annotation_maps, images=images)
        return {
            row.image_id: Layer(
                "annotation",
                ANNOTATION_COLOUR,
                label_runs.decode(
                    bytes(row.label_map), *records.loc[row.image_id, ["height", "width"]]
                ),
            )
            for row in maps.itertuples()
        }
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    table = store.ask(rows.truth_table, **place, image_ids=images)
    return {image_id: _object_layer(table, image_id, records.loc[image_id]) for image_id in images}


def _object_layer(table: ObjectTable, image_id: int, record: pd.Series) -> Layer:
    own = slice(*np.searchsorted(table.images, [image_id, image_id + 1]))
    objects = objects_of(table, own, int(record["height"]), int(record["width"]))
    return Layer("annotation", ANNOTATION_COLOUR, objects=objects)


def _classes(split: pd.Series) -> Classes:
    names = list(store.classes(split["dataset"])["name"])
    background = None if pd.isna(split["background"]) else int(split["background"])
    if split["maps_painted"] and background is None:
        background = len(names)
        names.append(BACKGROUND_NAME)
    colours = class_colours(len(names), background)
    return [(i, name, colours[i]) for i, name in enumerate(names)]
