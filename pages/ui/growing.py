"""Resampling beside the page: what is drawn so far is shown at once, and gets finer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from threading import Lock, Thread
from typing import Any, Protocol, Self

import streamlit as st

from core.scoring import begin_trial
from pages.ui import store
from pages.ui.language import say

STEP = 50
PATIENCE = 0.3
ABANDONED = 10.0


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
    """A trial that a thread goes on with for as long as somebody looks, one processor at most."""

    def __init__(self, trial: Grown) -> None:
        """Begin with the trial as it is."""
        self._trial = trial
        self._lock = Lock()
        self._worker: Thread | None = None
        self._asked = time.monotonic()

    def grown(self, patience: float | None) -> Grown:
        """Return the trial as far as it is; see that the work goes on if it is not complete.

        Args:
            patience: how long to wait for its end, seconds; None for as long as it takes.
        """
        self._asked = time.monotonic()
        with self._lock:
            idle = self._worker is None or not self._worker.is_alive()
            if idle and not self._trial.complete:
                self._worker = Thread(target=self._grow, daemon=True, name="resampling")
                self._worker.start()
        if self._worker is not None:
            self._worker.join(patience)
        return self._trial

    def _grow(self) -> None:
        while not self._trial.complete and time.monotonic() - self._asked < ABANDONED:
            self._trial = self._trial.extended(self._trial.done + STEP, threads=1)


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
    **asked: Any,  # noqa: ANN401
) -> None:
    """Draw a trial as far as it is, again every second until it is complete.

    Args:
        draw: what to show of it.
        begin: a question that returns a trial of which nothing is drawn yet.
        told: what to say of how far it is.
        asked: its parameters, hashable.
    """
    growing = store.keep(_begun(begin), **asked)
    trial = growing.grown(PATIENCE)
    if trial.complete:
        draw(trial)
    else:
        _watched(draw, told, growing)


@st.fragment(run_every="1s")
def _watched(draw: Callable[[Any], None], told: Callable[[Any], str], growing: Growing) -> None:
    trial = growing.grown(0)
    if trial.complete:
        st.rerun(scope="app")
    draw(trial)
    st.progress(trial.done / trial.enough, text=told(trial))


def _begun(begin: Callable[..., Grown]) -> Callable[..., Growing]:
    """Return the question of the same name whose answer grows."""

    @wraps(begin)
    def begun(cursor: Any, **asked: Any) -> Growing:  # noqa: ANN401
        return Growing(begin(cursor, **asked))

    return begun
