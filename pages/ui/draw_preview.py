"""What a training sees of images: previews of its draws, and a form that has one drawn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core import jobs
from core.errors import UsageError
from core.jobs import read_job
from core.previews import (
    SETTINGS,
    SYSTEMS,
    Preview,
    grid_path,
    preview_job,
    previews_folder,
    read_previews,
)
from pages.ui import background, store
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.preview_picture import picture
from pages.ui.selection import Selection
from pages.ui.words import counted, literal

LOG_LINES = 8
SWITCHES = {"flip": mark("Mirror"), "shuffle_colours": mark("Exchange colours")}
RANGES = {
    "zoom": (mark("Zoom, up to ×"), 1.0, 10.0),
    "shift": (mark("Shift, up to"), 0.0, 1.0),
    "brightness": (mark("Brightness, ±"), 0.0, 1.0),
    "contrast": (mark("Contrast, ±"), 0.0, 1.0),
}
AS_FIT = mark("as fit")
_ASKED = "preview asked for at"


def show(choice: Selection) -> None:
    """Show the newest preview of the split, or the one chosen, and the form."""
    folder = previews_folder(store.current().path)
    found = read_previews(folder, choice.dataset, choice.split)
    st.header(say("What a training sees"))
    job = preview_job(store.current().path)
    if found:
        _choose_new(found[0], job)
        labels = {_label(each): each for each in reversed(found)}
        shown = st.selectbox(
            say("Preview"), list(reversed(labels)), key="preview", bind="query-params", width=460
        )
        _show_one(folder, labels[shown])
    with st.expander(say("Have one drawn"), expanded=not found):
        _form(choice)
    if background.is_busy(job):
        _watch(job)
    else:
        _tell_failure(job)


def _choose_new(newest: Preview, job: Path) -> None:
    """Choose the preview that was asked for on this page, once it is there."""
    asked = st.session_state.get(_ASKED)
    if asked is not None and not background.is_busy(job):
        del st.session_state[_ASKED]
        if newest.drawn > asked:
            st.session_state["preview"] = _label(newest)


def _label(preview: Preview) -> str:
    by = say("of a training") if preview.trained else "drawn"
    at = preview.drawn[:19].replace("T", " ")
    return f"{preview.system} · {by} {at}"


def _show_one(folder: Path, preview: Preview) -> None:
    paths = [grid_path(folder, preview, kind) for kind in ("photos", "labels")]
    drawn = picture(preview, *map(str, paths), preview.drawn)
    if drawn is None:
        st.warning(say("The files of this preview are gone: have it drawn again."))
        return
    st.image(drawn, width="content")
    told = ", ".join(f"{name} {preview.settings[name]}" for name in SETTINGS)
    st.caption(
        say(
            "Left the image as the training holds it, right {draws}; below each what "
            "is learnt of it, in the colours of the classes (blank: nothing is "
            "learnt there). {told}, seed {seed}. Images: {images}.",
            draws=counted(preview.draws, "draw"),
            told=literal(told),
            seed=preview.seed,
            images=literal(", ".join(preview.images)),
        )
    )


def _form(choice: Selection) -> None:
    with st.form("preview form", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            system = st.selectbox(say("System"), SYSTEMS, width=180)
            images = st.number_input(say("Images"), 1, 32, 4, width=110)
            draws = st.number_input(say("Draws of each"), 1, 16, 4, width=130)
            seed = st.number_input(say("Seed"), 0, 2**32 - 1, 0, width=110)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            given: dict[str, object] = {
                name: st.number_input(
                    say(title), least, most, None, 0.05, placeholder=say(AS_FIT), width=140
                )
                for name, (title, least, most) in RANGES.items()
            }
            for name, title in SWITCHES.items():
                given[name] = st.selectbox(
                    say(title),
                    ("yes", "no"),
                    index=None,
                    placeholder=say(AS_FIT),
                    format_func=say,
                    width=120,
                )
        wanted = st.form_submit_button(say("Draw"), icon=":material/casino:")
    st.caption(
        say(
            "Empty fields are as `fit` would take them: as the weights that ship "
            "learnt, on their own images, else the defaults. From a terminal, with "
            "every setting of the training: `python -m training preview --help`"
        )
    )
    if wanted:
        _start(choice, system, {"images": images, "draws": draws, "seed": seed}, given)


def _start(
    choice: Selection, system: str, numbers: dict[str, int], given: dict[str, object]
) -> None:
    path = store.current().path
    place = [
        "--store",
        str(path),
        f"--dataset={choice.dataset}",
        f"--split={choice.split}",
    ]
    arguments = ["-m", "training", "preview", system, *place]
    arguments += [f"--{name}={number}" for name, number in numbers.items()]
    for name, value in given.items():
        if value is not None:
            arguments += ["--set", f"{name}={value}"]
    st.session_state[_ASKED] = datetime.now(UTC).isoformat()
    try:
        background.start(preview_job(path), arguments)
    except UsageError as error:
        st.error(retell(str(error)), icon=":material/warning:")
        return
    st.rerun()


@st.fragment(run_every="1s")
def _watch(folder: Path) -> None:
    """Show how far it is; the page is drawn anew when it ends."""
    if not background.is_busy(folder):
        st.rerun(scope="app")
    job = read_job(folder)
    if job is None or job.status != jobs.RUNNING:
        st.progress(0.0, text=say("Starting …"))
    else:
        text = say("{done} of {images}", done=job.done, images=counted(job.total, "image"))
        st.progress(job.done / max(job.total, 1), text=text)


def _tell_failure(folder: Path) -> None:
    """Say why the last preview that this server started did not come about."""
    if background.status(folder) in (None, 0):
        return
    job = read_job(folder)
    note = retell(job.note) if job is not None and job.status == jobs.FAILED else ""
    st.error(note or say("No preview was drawn."), icon=":material/warning:")
    log = background.tail(folder, LOG_LINES)
    if log and not note:
        st.code(log, language=None, wrap_lines=True)
