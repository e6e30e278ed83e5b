"""Commands that a page starts and that go on without it: one at a time in a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import UsageError
from core.jobs import LOG, is_at_work, worker

ROOT = Path(__file__).resolve().parents[2]
TAIL_BYTES = 20_000

# What this server started last in each folder. Whoever else looks goes by the folder's lock; until
# the command has taken it, a few seconds after its start, only this server knows of it.
_started: dict[Path, subprocess.Popen[bytes]] = {}
_turn = threading.Lock()


def start(folder: Path, arguments: Sequence[str]) -> None:
    """Start `python ARGUMENTS` so that it outlives this server; its output goes to a log.

    Args:
        folder: of the job, whose lock the command takes.
        arguments: such as "-m", "training", "demo".

    Raises:
        UsageError: it is at work already, or the folder cannot be written.
    """
    with _turn:
        if is_busy(folder):
            raise UsageError("It is at work already: wait for it, or stop it.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / LOG).open("wb") as log:
                _started[folder] = subprocess.Popen(
                    [sys.executable, *arguments],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise UsageError(f"{folder} cannot be written ({error.strerror}).") from error


def is_busy(folder: Path) -> bool:
    """Return whether a command is at work in a folder, or on its way there."""
    mine = _started.get(folder)
    return is_at_work(folder) or (mine is not None and mine.poll() is None)


def stop(folder: Path) -> None:
    """Ask the command in a folder to stop as soon as it can, whoever started it."""
    pid = worker(folder)
    if pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    elif (mine := _started.get(folder)) is not None:
        mine.terminate()


def status(folder: Path) -> int | None:
    """Return the exit status of what this server started last in a folder, None if unknown."""
    mine = _started.get(folder)
    return None if mine is None else mine.poll()


def forget(folder: Path) -> None:
    """Forget what this server started last in a folder; it has ended."""
    _started.pop(folder, None)


def tail(folder: Path, lines: int) -> str:
    """Return the last lines that the command printed; "" where it was started in a terminal."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(log.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])
