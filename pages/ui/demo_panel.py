"""The embedded demo from the page: build it, watch it, stop it."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core import jobs
from core.errors import UsageError
from core.jobs import Job, demo_job, read_job
from pages.ui import background, store
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.tables import draw_table
from pages.ui.words import counted

LOG_LINES = 12
ABOUT = mark(
    "Small systems of every kind on made-up images: handwritten digits and "
    "drawn shapes on photographs. Nothing is downloaded; what is built "
    "already is kept."
)
TAKES = mark("It takes 2 to 4 minutes; you can look around meanwhile.")


def offer(key: str) -> None:
    """Show what the demo is, with a button that builds it."""
    st.markdown(f"{say(ABOUT)} {say(TAKES)}")
    if st.button(say("Build the demo"), key=key, icon=":material/play_arrow:", type="primary"):
        _start()
    st.caption(say("The same from a terminal: `python -m training demo`"))


def menu(datasets: pd.DataFrame) -> None:
    """Offer the demo beside a title, unless all of it is there.

    Args:
        datasets: of the store.
    """
    folder = demo_job(store.current().path)
    job = read_job(folder)
    complete = job is not None and job.status == jobs.DONE and "demo" in set(datasets["dataset"])
    if not complete and not background.is_busy(folder):
        with st.popover(say("Demo data"), icon=":material/science:"):
            offer("demo in menu")


def show() -> bool:
    """Show how far the demo is, or that it ended early; return whether it is being built."""
    folder = demo_job(store.current().path)
    if background.is_busy(folder):
        _watch()
        return True
    job = read_job(folder)
    died = job is None and background.status(folder) not in (None, 0)
    if died or (job is not None and job.status in (jobs.STOPPED, jobs.FAILED)):
        _ended_early(job)
    return False


@st.fragment(run_every="2s")
def _watch() -> None:
    """Show a job at work; the page is drawn anew when it ends, or when it fills an empty store."""
    folder = demo_job(store.current().path)
    if not background.is_busy(folder):
        st.rerun(scope="app")
    if st.session_state.get("selection") is None and not store.datasets().empty:
        st.rerun(scope="app")
    job = read_job(folder)
    with st.container(border=True):
        st.markdown(say("**The demo is being built**"))
        if job is None or job.status != jobs.RUNNING:
            st.progress(0.0, text=say("Starting …"))
        else:
            st.progress(job.done / max(job.total, 1), text=_told(job))
        if st.button(say("Stop"), key="stop demo", icon=":material/stop:"):
            background.stop(folder)
            st.toast(say("Stopping: what is answered is being stored."))
        _details(job)


def _ended_early(job: Job | None) -> None:
    folder = demo_job(store.current().path)
    why = retell(job.note) if job is not None else say("It could not be started.")
    far = f" {_told(job)}." if job is not None else ""
    st.warning(
        say("The demo is not complete. {why}{far}", why=why, far=far), icon=":material/warning:"
    )
    with st.container(horizontal=True):
        if st.button(say("Go on with the demo"), key="go on", icon=":material/play_arrow:"):
            _start()
        if st.button(say("Leave it so"), key="leave"):
            jobs.discard(folder)
            background.forget(folder)
            st.rerun()
    _details(job)


def _details(job: Job | None) -> None:
    """Show the steps, and the last lines of the log."""
    with st.expander(say("Steps and log")):
        if job is not None:
            draw_table(
                pd.DataFrame(
                    {
                        "step": [step.name for step in job.steps],
                        "done": [100 * step.done / max(step.total, 1) for step in job.steps],
                        "images": [
                            say("{done} of {total}", done=step.done, total=step.total)
                            for step in job.steps
                        ],
                    }
                ),
                hide_index=True,
                height=280,
                column_config={
                    "done": st.column_config.ProgressColumn(
                        format="%.0f %%", min_value=0, max_value=100
                    )
                },
                alt=say("Steps of the demo"),
            )
        log = background.tail(demo_job(store.current().path), LOG_LINES)
        if log:
            st.code(log, language=None, wrap_lines=True)
        else:
            st.caption(say("There is no log: it was started in a terminal, which shows it."))


def _told(job: Job) -> str:
    steps = sum(step.done >= step.total for step in job.steps)
    passed = int(((job.ended or datetime.now(UTC)) - job.began).total_seconds())
    return say(
        "{done:,} of {images}, {done_steps} of {all_steps} steps, {minutes}:{seconds:02d} min",
        done=job.done,
        images=counted(job.total, "image"),
        done_steps=steps,
        all_steps=len(job.steps),
        minutes=passed // 60,
        seconds=passed % 60,
    )


def _start() -> None:
    path = store.current().path
    try:
        background.start(demo_job(path), ["-m", "training", "demo", "--store", str(path)])
    except UsageError as error:
        st.error(retell(str(error)), icon=":material/warning:")
        return
    st.rerun()
