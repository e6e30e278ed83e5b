"""Where the files of an import are: sent by the browser, or in a folder of the server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.errors import UsageError
from core.readers import uploads
from core.readers.find_format import Found, find_formats
from core.readers.server_files import VARIABLE, allowed_folder, folder_within
from pages.ui import store
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.words import counted, literal

UPLOAD = "upload"
SECONDS_KEPT = 60
SENT, SERVER = mark("Upload"), mark("Folder on the server")


@dataclass(frozen=True)
class Place:
    """Files to import.

    Attributes:
        root: the folder they lie in.
        upload: identifier of the upload, or "" of a folder of the server.
    """

    root: Path
    upload: str = ""

    @property
    def name(self) -> str:
        """Return what a data set of these files may be called."""
        inside = [path for path in self.root.iterdir() if not path.name.startswith(".")]
        if self.upload and len(inside) == 1 and inside[0].is_dir():
            return inside[0].name
        return "my-data" if self.upload else self.root.name


@st.cache_resource(max_entries=8, ttl=SECONDS_KEPT, show_spinner=False)
def ways(place: Place) -> list[Found]:
    """Return the ways in which the files can be read, from memory for a while."""
    return find_formats(place.root)


def chosen_place() -> Place | None:
    """Ask where the files are; return them, or None while there are none."""
    where = st.segmented_control(
        say("Where the files are"),
        (SENT, SERVER),
        required=True,
        default=SENT,
        key="from",
        bind="query-params",
        format_func=say,
    )
    return _uploaded() if where == SENT else _on_server()


def _uploaded() -> Place | None:
    folder = uploads.uploads_folder(store.current().path)
    identifier = st.query_params.get(UPLOAD, "")
    files = uploads.files_of(folder, identifier)
    if files is not None:
        _tell_taken(folder, identifier, files)
        return Place(files, identifier)
    if identifier:
        st.warning(say("The upload of this link is gone: send the files again."))
    most = uploads.limits()
    if most.megabytes == 0:
        st.info(
            say(
                "This server takes no uploads ({variable}=0).",
                variable=uploads.LIMIT_VARIABLE,
            )
        )
        return None
    sent = st.file_uploader(
        say("A zip of the data set, or its files"),
        accept_multiple_files=True,
        key="files",
        help=say(
            "Photographs and annotations together. Of a zip the folders are kept; "
            "files sent one by one all lie in one folder."
        ),
    )
    st.caption(
        say(
            "Taken are {told}. The files stay beside the store, in `{folder}`: pages "
            "read the photographs there. Those of which nothing is imported go after "
            "a day.",
            told=retell(most.told()),
            folder=folder,
        )
    )
    if st.button(
        say("Read the files"), disabled=not sent, type="primary", icon=":material/upload:"
    ):
        try:
            with st.spinner(say("Taking the files …")):
                taken = uploads.take(folder, [(each.name, each) for each in sent], most)
        except UsageError as error:
            st.error(literal(retell(str(error))), icon=":material/warning:")
            return None
        st.query_params[UPLOAD] = taken
        st.rerun()
    return None


def _tell_taken(folder: Path, identifier: str, files: Path) -> None:
    sizes = [path.stat().st_size for path in files.rglob("*") if path.is_file()]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "{files}, {megabytes:,.1f} MB, in `{folder}`",
                files=counted(len(sizes), "file"),
                megabytes=sum(sizes) / 1e6,
                folder=files,
            ),
            width="stretch",
        )
        if st.button(say("Other files"), icon=":material/restart_alt:"):
            uploads.discard(folder, identifier)
            st.query_params.pop(UPLOAD, None)
            st.rerun()


def _on_server() -> Place | None:
    allowed = allowed_folder()
    if allowed is None:
        st.info(
            say(
                "This server reads no folders of its own for visitors. Whoever runs it "
                "can allow one, and all below it:"
            ),
            icon=":material/lock:",
        )
        st.code(f"{VARIABLE}=/srv/data make run", language="bash")
        return None
    given = st.text_input(
        say("Folder, in {allowed}", allowed=allowed), key="path", bind="query-params"
    )
    if not given:
        st.caption(say("It is read where it lies and nothing is copied, so it has to stay there."))
        return None
    try:
        return Place(folder_within(given, uploads.limits().files))
    except UsageError as error:
        st.error(literal(retell(str(error))), icon=":material/warning:")
        return None
