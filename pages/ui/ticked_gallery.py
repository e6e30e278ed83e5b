"""A gallery whose cells can be ticked, and what can be done with the images of those cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.notes import MOST_LETTERS, TAG, Entry, Place
from core.scoring.run_contents import bundle, require_placed_objects
from core.store.rows import image_ids
from pages.ui import notebook, store, ticked
from pages.ui.download import csv_button
from pages.ui.gallery import gallery
from pages.ui.image_layers import StoredImage, stored_images
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.ticked import Ticked
from pages.ui.words import counted, literal

MOST_MEGABYTES: Final = 200
BAR_HEIGHT: Final = 56
HINTS = {
    "image": mark("Nothing is selected: tick images to tag, list or export their images."),
    "object": mark("Nothing is selected: tick objects to tag, list or export their images."),
}
KEYS = mark("""Click a tick; with Shift it selects all from the last one on. With the keyboard:

- **space** selects the one in focus, **Ctrl-A** all of the page, **Esc** nothing
- the selection stays while you turn pages, sort, or open an image and come back""")


@dataclass(frozen=True, eq=False)
class TickedList:
    """A list whose cells can be ticked.

    Attributes:
        split: row of `catalogue.datasets`.
        noun: what a cell shows one of.
        marks: the ticked cells.
        columns: returns more columns of the list as a file, from the ids of cells.
    """

    split: pd.Series
    noun: str
    marks: Ticked
    columns: Callable[[Sequence[str]], dict[str, list[object]]] = lambda _: {}

    def images(self) -> list[StoredImage]:
        """Return the image of each ticked cell; those that were removed are left out."""
        keys = store.ask(
            image_ids, dataset=int(self.split["dataset_id"]), split=self.split["split"]
        )
        asked = [keys[file_id] for file_id in map(image_of, self.marks.ids) if file_id in keys]
        known = {image.key: image for image in stored_images(sorted(set(asked)))}
        return [known[key] for key in asked]

    def table(self) -> pd.DataFrame:
        """Return a row a ticked cell: image, image_id, file, width, height, own tags and more."""
        images = self.images()
        there = {image.id for image in images}
        ids = [each for each in self.marks.ids if image_of(each) in there]
        own = notebook.own_tags(self.split["dataset"])
        at = [(tag, image) for split, tag, image in own if split == self.split["split"]]
        return pd.DataFrame(
            {
                "image": [image.name for image in images],
                "image_id": [image.id for image in images],
                "file": [str(image.file) for image in images],
                "width": [image.width for image in images],
                "height": [image.height for image in images],
                "own_tags": [
                    "; ".join(tag for tag, file_id in at if file_id == image.id) for image in images
                ],
                **self.columns(ids),
            }
        )


def of_split(
    split: pd.Series,
    noun: str = "image",
    columns: Callable[[Sequence[str]], dict[str, list[object]]] = lambda _: {},
) -> TickedList:
    """Return the list of a split's images or objects.

    Args:
        split: row of `catalogue.datasets`.
        noun: what a cell shows one of.
        columns: see `TickedList`.
    """
    marks = ticked.of_list(noun, split["dataset"], split["split"])
    return TickedList(split, noun, marks, columns)


def image_of(cell: str) -> int:
    """Return the id of a cell's image in the data set's files, with which the cell's id begins."""
    return int(cell.split(" ", 1)[0])


@st.fragment
def show(payload: bytes, listed: TickedList, key: str) -> None:
    """Draw what can be done with the ticked cells, and the gallery.

    Args:
        payload: of `pack_gallery`, selectable, with the header of the list's marks.
        listed: the list.
        key: of the gallery on its page.
    """
    drawn = listed.marks.turn
    # a bar of one height, so that the first tick moves nothing
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", height=BAR_HEIGHT, border=False
    ):
        _bar(listed)
    gallery(payload, key=key, on_selected=lambda: _report(listed, key))
    if listed.marks.turn != drawn:
        st.rerun()


def _report(listed: TickedList, key: str) -> None:
    listed.marks.report(st.session_state[key].get("selected", []))


def _bar(listed: TickedList) -> None:
    there = listed.images()
    images = list({image.key: image for image in there}.values())
    if not images:
        st.caption(say(HINTS[listed.noun]), help=say(KEYS), width="content")
        notebook.undo_button("undo of ticked")
        return
    st.markdown(
        say(
            "**{amount} selected**"
            if listed.noun == "image"
            else "**{amount} selected** on {images}",
            amount=counted(len(there), listed.noun),
            images=counted(len(images), "image"),
        ),
        width="content",
    )
    _tagging(listed, images)
    csv_button(listed.table(), f"{listed.split['dataset']} {listed.split['split']} selected")
    _export(listed, images)


def _tagging(listed: TickedList, images: Sequence[StoredImage]) -> None:
    """Offer to tag the images, and to take tags away."""
    dataset, split = listed.split["dataset"], listed.split["split"]
    places = [Place(dataset, split, image.id) for image in images]
    own = notebook.own_tags(dataset)
    with st.popover(say("Tag"), icon=":material/sell:", type="tertiary"):
        tag = st.selectbox(
            say("Tag"),
            sorted({tag for _, tag, _ in own}),
            index=None,
            key="tag of ticked",
            placeholder=say("Choose a tag or write a new one"),
            accept_new_options=True,
        )
        text = (tag or "").strip()[: MOST_LETTERS[TAG]]
        notebook.change_button(
            say("Tag {images}", images=counted(len(images), "image")),
            "tag ticked",
            notebook.notes().add,
            [Entry(TAG, place, text) for place in places] if text else [],
        )
        ids = {image.id for image in images}
        carried = [t for at, t, file_id in own if at == split and file_id in ids]
        if carried:
            st.caption(say("Take away:"))
        for number, known in enumerate(dict.fromkeys(carried)):
            notebook.change_button(
                f"{known} ({carried.count(known)})",
                f"untag ticked {number}",
                notebook.notes().remove,
                [Entry(TAG, place, known) for place in places],
            )
        notebook.undo_button("undo of ticked")


def _export(listed: TickedList, images: Sequence[StoredImage]) -> None:
    """Offer annotations and all runs of the images as COCO files in one zip."""
    split = listed.split
    with st.popover(say("Export as COCO"), icon=":material/folder_zip:", type="tertiary"):
        try:
            require_placed_objects(split)
        except UsageError as error:
            st.caption(literal(retell(str(error))))
            return
        size = sum(image.file.stat().st_size for image in images if image.file.is_file()) / 1e6
        with_photographs = st.toggle(
            say("With the photographs ({size:,.1f} MB)", size=size),
            key="photographs of ticked",
            disabled=size > MOST_MEGABYTES,
            help=say(
                "At most {most} MB together; the command `python -m core "
                "export --format coco-bundle --photographs MB` takes more.",
                most=MOST_MEGABYTES,
            ),
        )
        keys = tuple(image.key for image in images)
        most = MOST_MEGABYTES * 10**6 if with_photographs and size <= MOST_MEGABYTES else None
        st.download_button(
            say("Download {images}", images=counted(len(images), "image")),
            lambda: bundle_of(split, keys, most),
            file_name=f"{split['dataset']} {split['split']} {len(images)} images.zip",
            mime="application/zip",
            key="bundle of ticked",
            on_click="ignore",
            icon=":material/download:",
        )
        st.caption(
            say(
                "One zip: annotations of these images as COCO instances, and the COCO "
                "results of every run of the split that has objects, to the last bit. "
                "Runs without objects are left out."
            )
        )


def bundle_of(split: pd.Series, images: Sequence[int], most_bytes: int | None) -> bytes:
    """Return the zip of some images, see `core.writers.bundle`.

    Args:
        split: row of `catalogue.datasets`.
        images: their image_id.
        most_bytes: how much the photographs may have together, or None to leave them out.
    """
    written = BytesIO()
    rows = store.runs(split["dataset"], split["split"])
    bundle(store.current(), rows, split, written, images=images, most_bytes=most_bytes)
    return written.getvalue()
