"""The images one can leaf through on the page Masks: a list of failures, or the data set."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

import pandas as pd
import streamlit as st

from core.store.queries import image_view
from pages.ui import failure_choice, image_filter, store
from pages.ui.failure_choice import FailureChoice
from pages.ui.failure_rows import worst_images
from pages.ui.failure_search import search_of
from pages.ui.image_filter import kept_images
from pages.ui.image_layers import StoredImage, stored_images
from pages.ui.language import say
from pages.ui.leaf import Frame, leaf
from pages.ui.links import SHARED, link
from pages.ui.object_link import ObjectLink
from pages.ui.selection import Selection
from pages.ui.thumbnails import thumbnail
from pages.ui.words import literal

MOST_FOUND = 8
FRAME_SIZE = (84, 63)
SHOWN_BEFORE, SHOWN_AFTER = 3, 9
SEARCH = "find image"
# the widget of this page that chooses boxes or masks, kept in the address
OBJECTS = "objects"


@dataclass(frozen=True)
class ImageList:
    """Images in an order.

    Attributes:
        keys: image_id of the images, in order.
        title: what the list is.
        failures: the filters it comes from, or None if it is the data set.
    """

    keys: tuple[int, ...]
    title: str
    failures: FailureChoice | None = None


def came_from() -> FailureChoice | None:
    """Return the list of failures that the address speaks of, or None."""
    text = st.query_params.get("list")
    return failure_choice.from_text(text) if text and parse_qs(text) else None


def current(choice: Selection, split: pd.Series, runs: pd.DataFrame) -> ImageList:
    """Return the list the visitor came from, or the data set in its own order.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones.
    """
    wanted = came_from()
    search = None if wanted is None else search_of(choice, split, runs, wanted)
    if search is not None and not search.runs.empty:
        keys = worst_images(search)["image_id"]
        return ImageList(
            tuple(keys.tolist()),
            say("failures by {by}, {order}", by=say(wanted.by), order=say(wanted.order)),
            wanted,
        )
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    every = tuple(store.ask(image_view.split_images, **place)["image_id"].tolist())
    return ImageList(kept_images() or every, say("data set"))


def asked_for(split: pd.Series, listed: ImageList) -> StoredImage:
    """Return the image of the address, else the first of the list; name it if it does not exist.

    Args:
        split: row of `catalogue.datasets`.
        listed: the list to leaf through; if it is empty the first image of the split stands in.
    """
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    asked, keys = st.query_params.get("image"), list(listed.keys[:1])
    if asked:
        found = store.ask(image_view.find_image, **place, text=asked)["image_id"].tolist()
        if not found:
            st.warning(
                say(
                    "There is no image with the name or id {asked} in {dataset}, split "
                    "{split}. The first one is shown; find another by its name.",
                    asked=literal(asked),
                    dataset=literal(split["dataset"]),
                    split=literal(split["split"]),
                ),
                icon=":material/search_off:",
            )
        keys = found or keys
    return stored_images(keys or store.ask(image_view.split_images, **place)["image_id"][:1])[0]


def address(choice: Selection, image: StoredImage, chosen: ObjectLink | None = None) -> str:
    """Return the address of this view, with little left to standard values: those may change.

    Args:
        choice: of the sidebar.
        image: the one shown.
        chosen: the object that is selected, if the page's own address names one.
    """
    came = came_from()
    return link(
        "Masks",
        dataset=choice.dataset,
        split=choice.split,
        runs=choice.runs,
        **{"class": choice.class_name, OBJECTS: st.session_state.get(OBJECTS)},
        image=image.id,
        list=None if came is None else came.as_text(),
        object=None if chosen is None else chosen.as_text(),
        **image_filter.parameters(),
    )


def leaf_through(image: StoredImage, listed: ImageList) -> None:
    """Draw where the image stands in the list, and the way to its neighbours.

    Args:
        image: the one shown.
        listed: where it may stand.
    """
    place = _place(image, listed)
    text = None if listed.failures is None else listed.failures.as_text()
    count = f"{len(listed.keys):,}"
    where = (
        say("{done} of {total}", done=f"{place + 1:,}", total=count)
        if place is not None
        else say("not among the {count}", count=count)
    )
    before, after = _around(place, listed.keys)
    strip = [image, *stored_images([*before, *after])]
    strip.sort(key=lambda each: [*before, image.key, *after].index(each.key))
    leaf(
        f"{where} · {listed.title}",
        [_frame(each, text) for each in strip],
        strip.index(image),
        None if listed.failures is None else link("Failures", **listed.failures.parameters()),
        key="leaf",
        carried=(*SHARED, OBJECTS),
    )


def likely_next(image: StoredImage, listed: ImageList) -> list[StoredImage]:
    """Return the images that are a key or two away, the likeliest first."""
    before, after = _around(_place(image, listed), listed.keys)
    return stored_images([*after[:2], *before[-1:]])


def _frame(image: StoredImage, text: str | None) -> Frame:
    small = thumbnail(str(image.file), *FRAME_SIZE)
    return Frame(str(image.key), link("Masks", image=image.id, list=text), image.name, small)


def search_box() -> str:
    """Draw the search and return what is looked for, or ""."""
    return st.text_input(
        say("Find an image"),
        key=SEARCH,
        type="search",
        placeholder=say("Find an image by name or id"),
        label_visibility="collapsed",
        width=240,
    )


def offer(split: pd.Series, text: str) -> None:
    """Show the images that a search finds, each as a button that opens it.

    Args:
        split: row of `catalogue.datasets`.
        text: part of a name, or an id.
    """
    found = store.ask(
        image_view.search_images,
        dataset=int(split["dataset_id"]),
        split=split["split"],
        text=text.strip(),
        most=MOST_FOUND + 1,
    )
    if found.empty:
        st.info(
            say("No image's name holds {text}.", text=literal(text)), icon=":material/search_off:"
        )
    with st.container(horizontal=True):
        for row in found.head(MOST_FOUND).itertuples(index=False):
            st.button(
                literal(row.name), key=f"found {row.image_id}", on_click=_show, args=(row.image_id,)
            )
        if len(found) > MOST_FOUND:
            st.caption(say("… and more: type more of the name."))


def _show(key: int) -> None:
    """Put an image into the address, from where the page takes it."""
    st.query_params["image"] = str(stored_images([key])[0].id)
    st.session_state[SEARCH] = ""


def _place(image: StoredImage, listed: ImageList) -> int | None:
    return listed.keys.index(image.key) if image.key in listed.keys else None


def _around(place: int | None, keys: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Keys of the images shortly before and after a place; beside no place stand the first."""
    if place is None:
        return [], list(keys[:SHOWN_AFTER])
    before = keys[max(0, place - SHOWN_BEFORE) : place]
    return list(before), list(keys[place + 1 : place + 1 + SHOWN_AFTER])
