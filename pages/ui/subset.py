"""Filters that pages share: which images, classes and sizes count; all kept in the address."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.scoring import SIZES
from core.store.queries import catalogue
from pages.ui import store
from pages.ui.selection import Selection

Keys = tuple[int, ...] | None


def in_all(*chosen: Keys) -> Keys:
    """Return the images that every filter keeps; None, which keeps all, if each is None."""
    sets = [set(keys) for keys in chosen if keys is not None]
    return tuple(sorted(set.intersection(*sets))) if sets else None


def tagged_images(split: pd.Series) -> Keys:
    """Draw the choice of tags, if the split has any; return the images they keep.

    Args:
        split: row of `catalogue.datasets`.
    """
    place = {"dataset_id": int(split["dataset_id"]), "split": split["split"]}
    tags = store.ask(catalogue.tags, **place)
    if tags.empty:
        return None
    chosen = st.multiselect(
        "Tags of the images",
        list(tags["tag"]),
        key="tags",
        bind="query-params",
        placeholder="All images",
        width=340,
        help="Images that carry at least one of them.",
    )
    if not chosen:
        return None
    return tuple(store.ask(catalogue.tagged_images, **place, tags=tuple(chosen))["image_id"])


def class_filter(choice: Selection, names: list[str]) -> list[str]:
    """Draw the choice of classes and return the names chosen; none stands for all.

    Args:
        choice: of the sidebar; its class stands alone.
        names: of the classes, by index.
    """
    classes = st.multiselect(
        "Classes",
        names,
        key="classes",
        bind="query-params",
        placeholder=choice.class_name or f"All {len(names)} classes",
        disabled=choice.class_name is not None,
        width=340,
        help="Scores are means over these. A class chosen in the sidebar stands alone.",
    )
    return [choice.class_name] if choice.class_name else classes


def size_filter() -> str:
    """Draw the choice of a size of objects and return it, one of `SIZES`."""
    return st.segmented_control(
        "Size of objects",
        SIZES,
        required=True,
        key="size",
        bind="query-params",
        default=SIZES[0],
        help="Area of the objects, by COCO's limits of 32² and 96² square pixels.",
    )
