"""Which images count, by what they are like: ranges in the sidebar, kept in the address."""

from __future__ import annotations

from shlex import quote
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.scoring.properties import PROPERTIES, image_properties, images_within
from pages.ui import contents, selection, store
from pages.ui.words import counted

Range = tuple[float, float]
_KEPT, _RANGES = "overlook_images_kept", "overlook_image_ranges"


def draw() -> None:
    """Draw the ranges into the sidebar and keep the images they leave for `kept_images`."""
    st.session_state[_KEPT], st.session_state[_RANGES] = None, {}
    choice = selection.current()
    if choice is None:
        return
    split = contents.split_of(choice)
    properties = properties_of(split)
    with st.sidebar, st.expander("Images", icon=":material/filter_alt:"):
        ranges = {name: _range(name, properties[name]) for name in PROPERTIES}
        _tell_unmeasured(split, properties)
    narrowed = {name: chosen for name, chosen in ranges.items() if chosen is not None}
    if not narrowed:
        return
    kept = images_within(properties, narrowed)
    st.session_state[_KEPT], st.session_state[_RANGES] = kept, narrowed
    objects = properties.loc[properties["image_id"].isin(kept), "object_count"].sum()
    with st.sidebar:
        st.caption(
            f"**{len(kept):,} of {counted(len(properties), 'image')}** count, with "
            f"{counted(int(objects), 'object')}: "
            + "; ".join(told(name, chosen) for name, chosen in narrowed.items())
            + "."
        )
        whole = {name: limits(name, properties[name]) for name in narrowed}
        st.button(
            "All images",
            on_click=st.session_state.update,
            args=(whole,),
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
    """Return the image_id of the images that the ranges leave, or None for all.

    Where they leave none, the page ends with words.
    """
    kept = st.session_state.get(_KEPT)
    if kept == ():
        none_left()
    return kept


def parameters() -> dict[str, Range]:
    """Return the query parameters that keep these ranges on another page."""
    return dict(st.session_state.get(_RANGES, {}))


def none_left() -> NoReturn:
    """End the page: no image passes the ranges."""
    st.info(
        "No image that the runs answered lies in these ranges. Widen those under Images in the "
        "sidebar.",
        icon=":material/filter_alt_off:",
    )
    st.stop()


def told(name: str, chosen: Range) -> str:
    """Return a range in words, as in "Brightness 0 to 70.5"."""
    return f"{PROPERTIES[name].title.split(',')[0]} {chosen[0]:g} to {chosen[1]:g}"


def limits(name: str, values: pd.Series) -> Range:
    """Return the lowest and highest value that a range of this property can have."""
    most = PROPERTIES[name].most
    return 0.0, float(values.max()) if most is None else most


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
        described.title,
        *whole,
        # what the session says would otherwise be told to contradict the standard value
        None if name in st.session_state else whole,
        described.step,
        key=name,
        bind="query-params",
        format="%.1f" if described.step < 1 else "%.0f",
        help=f"{described.definition} Here {known.min():g} to {known.max():g}.",
    )
    return None if chosen == whole else chosen


def _tell_unmeasured(split: pd.Series, properties: pd.DataFrame) -> None:
    unknown = int(properties["brightness"].isna().sum())
    if unknown:
        st.caption(
            f"Not known of {counted(unknown, 'image')}: brightness and contrast, whose ranges "
            "leave these out. The photograph is missing, or was never measured. To measure:"
        )
        st.code(
            f"python -m core properties {quote(split['dataset'])} --split {quote(split['split'])}",
            language="bash",
            wrap_lines=True,
        )
