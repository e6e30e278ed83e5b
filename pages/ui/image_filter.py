"""Which images count, by what they are like and their tags: in the sidebar, kept in the address."""

from __future__ import annotations

from shlex import quote
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.scoring.image_filter import (
    EVERY_IMAGE,
    ImageFilter,
    OwnTags,
    filtered_images,
    image_tags,
)
from core.scoring.properties import PROPERTIES, image_properties
from pages.ui import contents, notebook, selection, store
from pages.ui.language import say
from pages.ui.words import counted, literal

Range = tuple[float, float]
TAGS = "tags"
_KEPT, _WANTED = "overlook_images_kept", "overlook_images_wanted"


def draw() -> None:
    """Draw ranges and tags into the sidebar and keep the images they leave for `kept_images`."""
    st.session_state[_KEPT], st.session_state[_WANTED] = None, EVERY_IMAGE
    choice = selection.current()
    if choice is None:
        return
    split = contents.split_of(choice)
    properties = properties_of(split)
    own_tags = notebook.own_tags(choice.dataset, tell=True)
    with st.sidebar, st.expander(say("Images"), icon=":material/filter_alt:"):
        tags = _tags(split, own_tags)
        ranges = {name: _range(name, properties[name]) for name in PROPERTIES}
        _tell_unmeasured(split, properties)
    narrowed = tuple((name, *chosen) for name, chosen in ranges.items() if chosen is not None)
    wanted = ImageFilter(narrowed, tags, own_tags)
    if wanted.passes_all:
        return
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    kept = store.ask(filtered_images, **place, wanted=wanted)
    st.session_state[_KEPT], st.session_state[_WANTED] = kept, wanted
    objects = properties.loc[properties["image_id"].isin(kept), "object_count"].sum()
    with st.sidebar:
        st.caption(
            say(
                "**{kept:,} of {images}** count, with {objects}: {words}.",
                kept=len(kept),
                images=counted(len(properties), "image"),
                objects=counted(int(objects), "object"),
                words=literal(wanted.words(say)),
            )
        )
        whole = {name: limits(name, properties[name]) for name, *_ in narrowed}
        st.button(
            say("All images"),
            on_click=st.session_state.update,
            args=({**whole, TAGS: []},),
            icon=":material/filter_alt_off:",
        )


def properties_of(split: pd.Series) -> pd.DataFrame:
    """Return `image_properties` of a split.

    Args:
        split: row of `catalogue.datasets`.
    """
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    return store.ask(image_properties, **place)


def kept_images() -> tuple[int, ...] | None:
    """Return the image_id of the images that ranges and tags leave, or None for all.

    Where they leave none, the page ends with words.
    """
    kept = st.session_state.get(_KEPT)
    if kept == ():
        none_left()
    return kept


def wanted() -> ImageFilter:
    """Return which images count; of another split too."""
    return st.session_state.get(_WANTED, EVERY_IMAGE)


def parameters() -> dict[str, object]:
    """Return the query parameters that keep these images on another page."""
    chosen = wanted()
    ranges = {name: (low, high) for name, low, high in chosen.ranges}
    return ranges | ({TAGS: chosen.tags} if chosen.tags else {})


def none_left() -> NoReturn:
    """End the page: no image passes ranges and tags."""
    st.info(
        say(
            "No image that the runs answered lies in these ranges and carries these "
            "tags. Widen those under Images in the sidebar."
        ),
        icon=":material/filter_alt_off:",
    )
    st.stop()


def limits(name: str, values: pd.Series) -> Range:
    """Return the lowest and highest value that a range of this property can have."""
    most = PROPERTIES[name].most
    return 0.0, float(values.max()) if most is None else most


def _tags(split: pd.Series, own_tags: OwnTags) -> tuple[str, ...]:
    """Draw the choice of tags, if the split has any, and return those chosen."""
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    known = store.ask(image_tags, **place, own_tags=own_tags)
    kept = st.session_state.get(TAGS)
    # a tag of another data set, or one that was removed, would take the others with it
    if kept and not set(kept) <= set(known["tag"]):
        st.session_state[TAGS] = [tag for tag in kept if tag in set(known["tag"])]
    if known.empty:
        return ()
    own = known.loc[known["own"], "tag"]
    return tuple(
        st.multiselect(
            say("Tags"),
            list(known["tag"]),
            key=TAGS,
            bind="query-params",
            placeholder=say("All images"),
            help=say("Images that carry at least one of them, of the data set or an own one.")
            + say(" Own: {own}.", own=literal(", ".join(own))) * bool(len(own)),
        )
    )


def _range(name: str, values: pd.Series) -> Range | None:
    """Draw one range; return it, or None where it leaves everything out of play."""
    known = values.dropna()
    if known.nunique() < 2:
        return None
    whole = limits(name, known)
    described = PROPERTIES[name]
    # a range of another data set, kept by the session, may not exist here
    kept = st.session_state.get(name)
    if kept is not None and not whole[0] <= kept[0] <= kept[1] <= whole[1]:
        del st.session_state[name]
    chosen = st.slider(
        say(described.title),
        *whole,
        # what the session says would otherwise be told to contradict the standard value
        None if name in st.session_state else whole,
        described.step,
        key=name,
        bind="query-params",
        format="%.1f" if described.step < 1 else "%.0f",
        help=say(
            "{definition} Here {low:g} to {high:g}.",
            definition=say(described.definition),
            low=known.min(),
            high=known.max(),
        ),
    )
    return None if chosen == whole else chosen


def _tell_unmeasured(split: pd.Series, properties: pd.DataFrame) -> None:
    unknown = int(properties["brightness"].isna().sum())
    if unknown:
        st.caption(
            say(
                "Not known of {images}: brightness and contrast, whose ranges leave "
                "these out. The photograph is missing, or was never measured. To measure:",
                images=counted(unknown, "image"),
            )
        )
        st.code(
            f"python -m core properties {quote(split['dataset'])} --split {quote(split['split'])}",
            language="bash",
            wrap_lines=True,
        )
