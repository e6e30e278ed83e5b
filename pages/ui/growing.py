"""Resampling beside the page: what is drawn so far is shown at once, and gets finer."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any, Protocol, Self

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import UsageError
from core.scoring import begin_trial
from pages.ui import store
from pages.ui.language import say

STEP = 50
PATIENCE: float | None = 0.1  # seconds that a run of a page waits in all for what may be drawn soon
ABANDONED = 10.0
_TOGETHER = "overlook_growing_together"
_turn = Lock()  # of one resampling thread at a time, beside those that answer pages


class Grown(Protocol):
    """What is worked out bit by bit: a `core.scoring.Trial` or its like."""

    @property
    def done(self) -> int:
        """Return how much is done."""

    @property
    def enough(self) -> int:
        """Return how much has to be."""

    @property
    def complete(self) -> bool:
        """Return whether that much is."""

    def extended(self, done: int, threads: int | None = None) -> Self:
        """Return it with at least so much done."""


class Growing:
    """A trial that a thread begins, and goes on with for as long as somebody looks."""

    def __init__(self, begin: Callable[[], Grown]) -> None:
        """Begin nothing yet.

        Args:
            begin: returns the trial of which nothing is drawn.
        """
        self._begin = begin
        self._trial: Grown | None = None
        self._refused: UsageError | None = None
        self._lock = Lock()
        self._worker: Thread | None = None
        self._asked = time.monotonic()

    @property
    def complete(self) -> bool:
        """Return whether there is no more to do."""
        return self._refused is not None or (self._trial is not None and self._trial.complete)

    def grown(self, patience: float | None) -> Grown | None:
        """Return the trial as far as it is; see that the work goes on if it is not complete.

        Args:
            patience: how long to wait for its end, seconds; None for as long as it takes.

        Returns:
            The trial, or None where it is not yet begun.

        Raises:
            UsageError: it cannot be begun.
        """
        self._asked = time.monotonic()
        with self._lock:
            idle = self._worker is None or not self._worker.is_alive()
            if idle and not self.complete:
                self._worker = Thread(target=self._work, daemon=True, name="resampling")
                self._worker.start()
        if self._worker is not None:
            self._worker.join(patience)
        if self._refused is not None:
            raise self._refused
        return self._trial

    def _work(self) -> None:
        try:
            self._trial = self._trial or self._begin()
        except UsageError as error:
            self._refused = error
            return
        self._grow(self._trial)

    def _grow(self, trial: Grown) -> None:
        while not trial.complete and time.monotonic() - self._asked < ABANDONED:
            with _turn:
                trial = self._trial = trial.extended(trial.done + STEP, threads=1)


def drawing(trial: Grown) -> str:
    """Return how many draws were made, and of how many."""
    return say(
        "Drawing the images anew: {drawn:,} of {enough:,} times",
        drawn=trial.done,
        enough=trial.enough,
    )


def watch(
    draw: Callable[[Any], None],
    begin: Callable[..., Grown] = begin_trial,
    told: Callable[[Any], str] = drawing,
    *,
    room: int = 0,
    **asked: Any,  # noqa: ANN401
) -> None:
    """Draw a trial as far as it is, again every second until it is complete.

    Args:
        draw: what to show of it.
        begin: a question that returns a trial of which nothing is drawn yet.
        told: what to say of how far it is.
        room: about how high that is which `draw` shows, pixels; kept free until there is something
            to show, so that what stands below does not jump.
        asked: its parameters, hashable.
    """
    growing = store.keep(Growing, begin, **asked)
    together = _together()
    together.watched.append(growing)
    trial = _told(growing, together.patience())
    if trial is not None and trial.complete:
        draw(trial)
    else:
        _watched(draw, told, growing, together.watched, room)


@st.fragment(run_every="2s")
def _watched(
    draw: Callable[[Any], None],
    told: Callable[[Any], str],
    growing: Growing,
    together: list[Growing],
    room: int,
) -> None:
    trial = _told(growing, 0)
    if all(each.complete for each in together):
        st.rerun(scope="app")
    if trial is None:
        st.progress(0.0, text=say("Drawing images at random …"))
        if room:
            st.skeleton(height=room)
        return
    draw(trial)
    if not trial.complete:
        st.progress(trial.done / trial.enough, text=told(trial))


def _told(growing: Growing, patience: float | None) -> Grown | None:
    """Return a trial as far as it is; what it cannot be begun for ends the page with a sentence."""
    try:
        return growing.grown(patience)
    except UsageError as error:
        store.refuse(error)


class _Together:
    """What one run of a page watches: once all is drawn the page is drawn anew."""

    def __init__(self) -> None:
        self.watched: list[Growing] = []
        self._begun = time.monotonic()

    def patience(self) -> float | None:
        """Return how long to wait for the next: sections share what a page may wait."""
        return None if PATIENCE is None else max(0.0, self._begun + PATIENCE - time.monotonic())


def _together() -> _Together:
    """Return what this run of the page watches."""
    context = get_script_run_ctx(suppress_warning=True)
    run = None if context is None else context.parallel_coordinator
    if run is None:
        return _Together()
    seen_by, together = getattr(context, _TOGETHER, (None, None))
    if together is None or seen_by is not run:
        together = _Together()
        setattr(context, _TOGETHER, (run, together))
    return together
