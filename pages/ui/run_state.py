"""How a run stands: at work, dead, stopped, done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from pages.ui.words import ago, counted, literal

SILENT_SECONDS = 60
WORDS = {
    "running": "at work",
    "dead": "dead",
    "stopped": "stopped",
    "failed": "failed",
    "done": "done",
    "done_with_rejects": "done, images left out",
}


def state(run: pd.Series, now: datetime | None = None) -> str:
    """Return one of `WORDS`: the stored status, but "dead" where a job gave no sign of life.

    Args:
        run: a row of `catalogue.runs`.
        now: the moment of asking, with its time zone.
    """
    if run["status"] != "running":
        return str(run["status"])
    last = run["created"] if pd.isna(run["heartbeat"]) else run["heartbeat"]
    silent = ((now or datetime.now(UTC)) - last).total_seconds()
    return "dead" if silent > SILENT_SECONDS else "running"


def explained(run: pd.Series) -> str:
    """Return how the run stands, in a sentence."""
    return _SENTENCES[state(run)](run)


def _running(run: pd.Series) -> str:
    return (
        f"At work on {literal(run['host'])} (process {run['pid']}): {run['images']:,} of "
        f"{run['expected_images']:,} images, last sign of life {ago(run['heartbeat'])}."
    )


def _dead(run: pd.Series) -> str:
    last = run["created"] if pd.isna(run["heartbeat"]) else run["heartbeat"]
    return (
        f"The job is gone: its last sign of life was {ago(last)}. {run['images']:,} of "
        f"{run['expected_images']:,} images are kept; the same command goes on from there."
    )


def _stopped(run: pd.Series) -> str:
    return (
        f"Stopped {ago(run['finished'])} after {run['images']:,} of {run['expected_images']:,} "
        "images; the same command goes on from there."
    )


def _done(run: pd.Series) -> str:
    left_out = (
        f"; {counted(int(run['rejected']), 'entry', 'entries')} left out" if run["rejected"] else ""
    )
    return f"Done: {run['images']:,} of {run['expected_images']:,} images answered{left_out}."


def _failed(run: pd.Series) -> str:
    return f"Failed {ago(run['finished'])}; {run['images']:,} images are kept."


_SENTENCES: dict[str, Callable[[pd.Series], str]] = {
    "running": _running,
    "dead": _dead,
    "stopped": _stopped,
    "failed": _failed,
    "done": _done,
    "done_with_rejects": _done,
}
