"""The import that a page started: how far it is, how it ended, where to look next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from core import jobs
from core.errors import UsageError
from core.jobs import Job, read_job
from core.readers.uploads import import_job
from pages.ui import background, store
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.paragraphs import retell
from pages.ui.words import counted, literal

ASKED = "asked.json"
LOG_LINES = 12


def start(arguments: Sequence[str], asked: Mapping[str, str]) -> bool:
    """Start an import in the background; return whether it began, else say why not.

    Args:
        arguments: of `python -m core`.
        asked: what it brings: "dataset" and "split", and of a run "run".
    """
    path = store.current().path
    folder = import_job(path)
    own = ["--store", str(path), "--progress", str(folder)]
    try:
        if background.is_busy(folder):
            raise UsageError(say("Another import is at work: wait for it, or stop it."))
        jobs.discard(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ASKED).write_text(json.dumps(dict(asked)), encoding="utf-8")
        background.start(folder, ["-m", "core", arguments[0], *own, *arguments[1:]])
    except (UsageError, OSError) as error:
        st.error(literal(retell(str(error))), icon=":material/warning:")
        return False
    return True


def show() -> bool:
    """Show the import at work, or how the last one ended; return whether one is at work."""
    folder = import_job(store.current().path)
    if background.is_busy(folder):
        _watch(folder)
        return True
    job = read_job(folder)
    failed = background.status(folder) not in (None, 0)
    if job is not None or failed:
        _ended(folder, job)
    return False


@st.fragment(run_every="1s")
def _watch(folder: Path) -> None:
    """Show how far it is; the page is drawn anew when it ends."""
    if not background.is_busy(folder):
        st.rerun(scope="app")
    job = read_job(folder)
    asked = _asked(folder)
    with st.container(border=True):
        st.markdown(say("**Importing {named}**", named=literal(_named(asked))))
        if job is None or job.status != jobs.RUNNING:
            st.progress(0.0, text=say("Starting …"))
        else:
            step = next((each for each in job.steps if each.done < each.total), job.steps[-1])
            told = say(
                "{name}: {done:,} of {images}",
                name=step.name,
                done=step.done,
                images=counted(step.total, "image"),
            )
            if step.name == job.steps[0].name:
                told = f"{step.name} …"
            st.progress(job.done / max(job.total, 1), text=told)
        if st.button(say("Stop"), key="stop import", icon=":material/stop:"):
            background.stop(folder)
        st.caption(say("It goes on without this page; close it, or look around."))


def _ended(folder: Path, job: Job | None) -> None:
    asked = _asked(folder)
    log = background.tail(folder, LOG_LINES)
    if job is not None and job.status == jobs.DONE:
        st.success(
            say("{named} is in the store.", named=literal(_named(asked))), icon=":material/check:"
        )
        link_list(_next(asked), key="imported")
    else:
        note = " ".join((retell(job.note) if job else say("It could not be started.")).split())
        words = {"named": literal(_named(asked)), "note": literal(note)}
        # what is stored comes first; photographs are measured and runs evaluated after it
        told = (
            say("{named} is in the store, but not all was done. {note}", **words)
            if _is_stored(asked)
            else say("{named} was not imported. {note}", **words)
        )
        st.error(told, icon=":material/warning:")
    with st.expander(say("What it said")):
        st.code(log or say("Nothing."), language=None, wrap_lines=True)
    if st.button(say("Close"), key="close import", icon=":material/close:"):
        jobs.discard(folder)
        background.forget(folder)
        st.rerun()


def _next(asked: Mapping[str, str]) -> list[tuple[str, str, str]]:
    place = {"dataset": asked.get("dataset"), "split": asked.get("split")}
    if "run" in asked:
        return [
            (say("run"), say("Its scores beside the others'"), link("Compare_systems", **place)),
            (
                say("run"),
                say("What made it, and what was left out"),
                link("Runs", run=asked["run"]),
            ),
        ]
    return [
        (
            say("data set"),
            say("Explore data: classes, sizes, examples"),
            link("Explore_data", **place),
        )
    ]


def _is_stored(asked: Mapping[str, str]) -> bool:
    if "run" in asked:
        return asked["run"] in set(store.runs()["run"])
    known = store.datasets()
    own = (known["dataset"] == asked.get("dataset")) & (known["split"] == asked.get("split"))
    return bool(own.any())


def _named(asked: Mapping[str, str]) -> str:
    name = f"{asked.get('dataset', say('The data'))} · {asked.get('split', '')}".rstrip(" ·")
    return say("{run} on {name}", run=asked["run"], name=name) if "run" in asked else name


def _asked(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / ASKED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
