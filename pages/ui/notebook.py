"""Tags, notes and saved views on screen: written down beside the store, undone at a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.notes import MOST_LETTERS, NOTE, TAG, VIEW, Entry, Notes, Place
from core.scoring.image_filter import OwnTags
from pages.ui import selection, store
from pages.ui.image_layers import StoredImage
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.paragraphs import retell
from pages.ui.words import literal

_LAST = "overlook_last_change"
Written = TypeVar("Written")


def notes() -> Notes:
    """Return the notes beside the store that this server shows."""
    return Notes.beside(store.current().path)


def own_tags(dataset: str, *, tell: bool = False) -> OwnTags:
    """Return the tags that people wrote down on a data set; none where they cannot be read.

    Args:
        dataset: its name.
        tell: whether to say in the sidebar why they cannot.
    """
    try:
        return notes().tags(dataset)
    except UsageError as error:
        if tell:
            st.sidebar.warning(literal(retell(str(error))), icon=":material/warning:")
        return ()


def on_image(split: pd.Series, image: StoredImage) -> None:
    """Draw what was written down of an image, and the way to add to it.

    Args:
        split: row of `catalogue.datasets`.
        image: the one shown.
    """
    place = Place(split["dataset"], split["split"], image.id)
    written = [
        entry
        for kind in (TAG, NOTE)
        for entry in notes().entries(kind, place.dataset, place.split)
        if entry.place == place
    ]
    with st.expander(say("Tags and notes"), expanded=bool(written), icon=":material/edit_note:"):
        for index, entry in enumerate(written):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{say(entry.kind)}** {literal(entry.text)}")
                change_button(say("Remove"), f"remove {index}", notes().remove, [entry])
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for kind in (TAG, NOTE):
                _field(
                    say("New {kind}", kind=say(kind)),
                    kind,
                    lambda text, of=kind: Entry(of, place, text),
                )
        undo_button("undo on image")


def save_view() -> None:
    """Draw, into the sidebar, the field that gives the view of this moment a name."""
    choice = selection.current()
    if choice is None:
        return
    page = urlsplit(st.context.url or "").path.rsplit("/", 1)[-1]
    kept = {name: st.query_params.get_all(name) for name in st.query_params}
    # standard values are not in the address, and may be others tomorrow
    address = link(page, **{**kept, "dataset": choice.dataset, "split": choice.split})
    with st.sidebar.popover(say("Save this view"), icon=":material/bookmark_add:"):
        _field(say("Name"), VIEW, lambda text: Entry(VIEW, Place(), text, address))
        st.caption(say("It then stands on Home. A name that is there is replaced."))
        undo_button("undo view")


def saved_views() -> None:
    """Draw the list of saved views, if there are any."""
    views = notes().entries(VIEW)
    if not views:
        return
    st.header(say("Saved views"))
    link_list([(say("view"), view.text, view.link) for view in views], key="saved views")
    with st.popover(say("Remove a view"), icon=":material/delete:"):
        for index, view in enumerate(views):
            change_button(view.text, f"remove view {index}", notes().remove, [view])
    undo_button("undo removal")


def _field(label: str, kind: str, entry_of: Callable[[str], Entry]) -> None:
    """Draw a field whose text becomes an entry when it is entered."""
    key = f"new {kind}"
    st.text_input(
        label,
        key=key,
        max_chars=MOST_LETTERS[kind],
        on_change=_enter,
        args=(key, entry_of),
        width=260,
    )


def _enter(key: str, entry_of: Callable[[str], Entry]) -> None:
    text = st.session_state[key].strip()
    st.session_state[key] = ""
    if text:
        keep(notes().add, [entry_of(text)])


def change_button(
    label: str,
    key: str,
    change: Callable[[Sequence[Written]], int | None],
    entries: list[Written],
) -> None:
    """Draw a button that adds or removes entries; it cannot be clicked where there are none.

    Args:
        label: any text; it is shown as it is.
        key: of the button on its page.
        change: `Notes.add`, `Notes.remove` or another change that `Notes.undo` takes back.
        entries: what is added or removed.
    """
    clicked = st.button(
        literal(label),
        key=key,
        on_click=keep,
        args=(change, entries),
        type="tertiary",
        disabled=not entries,
    )
    if clicked:
        st.rerun()  # tags stand in the sidebar too, which a fragment does not draw


def keep(change: Callable[[Sequence[Written]], int | None], entries: list[Written]) -> None:
    """Make a change, tell what is wrong with it, and remember it to be undone."""
    try:
        st.session_state[_LAST] = change(entries)
    except UsageError as error:
        st.toast(literal(retell(str(error))), icon=":material/error:")


def undo_button(key: str) -> None:
    """Offer to take this visitor's last change back, if there is one."""
    number = st.session_state.get(_LAST)
    if number is not None:
        undone = st.button(
            say("Undo the last change"),
            key=key,
            on_click=_take_back,
            args=(number,),
            type="tertiary",
            icon=":material/undo:",
        )
        if undone:
            st.rerun()


def _take_back(number: int) -> None:
    notes().undo(number)
    st.session_state[_LAST] = None
