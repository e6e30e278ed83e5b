"""The images that systems are tried on: of a data set in the store, or sent by the visitor."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.readers.images import UPLOAD_BYTES, UPLOAD_PIXELS, check_upload
from core.readers.uploads import limits
from core.store.queries import image_view
from core.structures import ImageRecord
from pages.ui import store, thumbnails
from pages.ui.image_filter import kept_images
from pages.ui.image_layers import StoredImage, stored_images
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.words import literal

MOST_IMAGES = 8
MOST_OFFERED = 1000
STORED, SENT = mark("of the data set"), mark("your own")
MIB = 2**20
ENDINGS = ["jpg", "jpeg", "png", "bmp", "webp"]


@dataclass(frozen=True)
class Tried:
    """An image that systems are tried on.

    Attributes:
        record: its id, name and size.
        content: bytes of its file.
        shown: bytes that a browser shows.
        stored: where the store knows it, or None of an image that was sent.
    """

    record: ImageRecord
    content: bytes = field(repr=False)
    shown: bytes | None = field(repr=False)
    stored: StoredImage | None = None

    @property
    def key(self) -> str:
        """Return what names it in the browser."""
        if self.stored is not None:
            return f"stored {self.stored.key}"
        return f"sent {hashlib.sha256(self.content).hexdigest()[:16]}"


def choose(split: pd.Series) -> list[Tried]:
    """Let the visitor choose images, and return them; an image that cannot be used is named.

    Args:
        split: row of `catalogue.datasets`.
    """
    origins = [STORED, SENT] if limits().megabytes else [STORED]
    origin = st.segmented_control(
        say("Images"),
        origins,
        key="origin",
        bind="query-params",
        format_func=say,
        required=True,
        default=STORED,
    )
    return _stored(split) if origin == STORED else _sent()


def one_of(images: Sequence[Tried]) -> Tried:
    """Return the image to look at; let the visitor choose where there are several."""
    if len(images) == 1:
        return images[0]
    place = st.pills(
        say("Look at"),
        range(len(images)),
        format_func=lambda place: literal(images[place].record.name),
        required=True,
        default=0,
        key=f"look at {'|'.join(each.key for each in images)}",
    )
    return images[place]


def _stored(split: pd.Series) -> list[Tried]:
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    kept = kept_images()
    every = kept or tuple(store.ask(image_view.split_images, **place)["image_id"].tolist())
    offered = store.ask(image_view.image_records, images=tuple(every[:MOST_OFFERED]))
    texts = list(offered["name"].drop_duplicates())
    if "images" not in st.session_state and not st.query_params.get_all("images"):
        asked = st.query_params.get("image")
        st.session_state["images"] = [asked] if asked else texts[:1]
    chosen = st.multiselect(
        say("Names or ids"),
        texts,
        key="images",
        bind="query-params",
        max_selections=MOST_IMAGES,
        accept_new_options=True,
        help=say(
            "Up to {most_images}. Any image of the split, by its name or id: type it.",
            most_images=MOST_IMAGES,
        ),
        placeholder=say("Type a name or an id"),
    )
    found = [_find(place, text) for text in chosen]
    return [each for each in found if each is not None]


def _find(place: dict[str, object], text: str) -> Tried | None:
    keys = store.ask(image_view.find_image, **place, text=text)["image_id"].tolist()
    if not keys:
        st.warning(
            say("There is no image {text} in this split.", text=literal(text)),
            icon=":material/search_off:",
        )
        return None
    (image,) = stored_images(keys[:1])
    content = thumbnails.stored_bytes(Path(image.file))
    if content is None:
        st.warning(
            say(
                "The file of {name} cannot be read: {file}.",
                name=literal(image.name),
                file=literal(str(image.file)),
            ),
            icon=":material/broken_image:",
        )
        return None
    record = ImageRecord(image.id, image.name, image.file.name, image.height, image.width)
    return Tried(record, content, thumbnails.photograph(str(image.file)), image)


def _sent() -> list[Tried]:
    files = st.file_uploader(
        say(
            "Up to {most_images} images of at most {upload_bytes} MiB and "
            "{upload_pixels} million pixels each",
            most_images=MOST_IMAGES,
            upload_bytes=UPLOAD_BYTES // MIB,
            upload_pixels=UPLOAD_PIXELS // 10**6,
        ),
        type=ENDINGS,
        accept_multiple_files=True,
        max_upload_size=UPLOAD_BYTES // MIB,
        key="sent images",
        help=say(
            "They stay in this server's memory as long as this page is open, and are not stored."
        ),
    )
    st.caption(say("Answers speak of the classes of the data set that is chosen at the left."))
    if len(files) > MOST_IMAGES:
        st.warning(
            say(
                "{files} images were sent; the first {most_images} are used.",
                files=len(files),
                most_images=MOST_IMAGES,
            ),
            icon=":material/filter_8:",
        )
    found = [_checked(file.name, file.getvalue(), n) for n, file in enumerate(files[:MOST_IMAGES])]
    return [each for each in found if each is not None]


def _checked(name: str, content: bytes, place: int) -> Tried | None:
    try:
        height, width = check_upload(content)
    except UsageError as error:
        st.warning(
            say("{name} is left out: {error}.", name=literal(name), error=retell(str(error))),
            icon=":material/broken_image:",
        )
        return None
    return Tried(ImageRecord(place + 1, Path(name).stem, name, height, width), content, content)
