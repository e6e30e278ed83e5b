"""Resampling beside the page: what is drawn so far is shown at once, and gets finer."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any

import streamlit as st

from core.scoring import Trial, begin_trial
from pages.ui import store

STEP = 50
PATIENCE = 0.3
ABANDONED = 10.0


class Growing:
    """A trial that a thread goes on with for as long as somebody looks, one processor at most."""

    def __init__(self, trial: Trial) -> None:
        """Begin with the trial as it is."""
        self._trial = trial
        self._lock = Lock()
        self._worker: Thread | None = None
        self._asked = time.monotonic()

    def grown(self, patience: float | None) -> Trial:
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
            self._trial = self._trial.extended(self._trial.study.resamples + STEP, threads=1)


def watch(draw: Callable[[Trial], None], **asked: Any) -> None:  # noqa: ANN401
    """Draw a trial as far as it is, again every second until it is complete.

    Args:
        draw: what to show of it.
        asked: parameters of `begin_trial`, hashable.
    """
    growing = store.keep(_begun, **asked)
    trial = growing.grown(PATIENCE)
    if trial.complete:
        draw(trial)
    else:
        _watched(draw, growing)


@st.fragment(run_every="1s")
def _watched(draw: Callable[[Trial], None], growing: Growing) -> None:
    trial = growing.grown(0)
    if trial.complete:
        st.rerun(scope="app")
    draw(trial)
    drawn, enough = trial.study.resamples, trial.enough
    st.progress(drawn / enough, text=f"Drawing the images anew: {drawn:,} of {enough:,} times")


def _begun(cursor: Any, **asked: Any) -> Growing:  # noqa: ANN401
    return Growing(begin_trial(cursor, **asked))
