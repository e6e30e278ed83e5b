"""How a run stands: at work, dead, stopped, done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from pages.ui.language import mark, say
from pages.ui.words import ago, counted, literal

SILENT_SECONDS = 60
WORDS = {
    "running": mark("at work"),
    "dead": mark("dead"),
    "stopped": mark("stopped"),
    "failed": mark("failed"),
    "done": mark("done"),
    "done_with_rejects": mark("done, images left out"),
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
    return say(
        "At work on {host} (process {pid}): {answered:,} of {images}, last sign of life {ago}.",
        host=literal(run["host"]),
        pid=run["pid"],
        answered=run["images"],
        images=counted(int(run["expected_images"]), "image"),
        ago=ago(run["heartbeat"]),
    )


def _dead(run: pd.Series) -> str:
    last = run["created"] if pd.isna(run["heartbeat"]) else run["heartbeat"]
    return say(
        "The job is gone: its last sign of life was {ago}. {answered:,} of "
        "{images} are kept; the same command goes on from "
        "there.",
        ago=ago(last),
        answered=run["images"],
        images=counted(int(run["expected_images"]), "image"),
    )


def _stopped(run: pd.Series) -> str:
    return say(
        "Stopped {ago} after {answered:,} of {images}; the same command goes on from there.",
        ago=ago(run["finished"]),
        answered=run["images"],
        images=counted(int(run["expected_images"]), "image"),
    )


def _done(run: pd.Series) -> str:
    left_out = (
        say("; {entries} left out", entries=counted(int(run["rejected"]), "entry", "entries"))
        if run["rejected"]
        else ""
    )
    return say(
        "Done: {answered:,} of {images} answered{left_out}.",
        answered=run["images"],
        images=counted(int(run["expected_images"]), "image"),
        left_out=left_out,
    )


def _failed(run: pd.Series) -> str:
    return say(
        "Failed {ago}; kept: {images}.",
        ago=ago(run["finished"]),
        images=counted(int(run["images"]), "image"),
    )


_SENTENCES: dict[str, Callable[[pd.Series], str]] = {
    "running": _running,
    "dead": _dead,
    "stopped": _stopped,
    "failed": _failed,
    "done": _done,
    "done_with_rejects": _done,
}
