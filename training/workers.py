"""Commands side by side, each in a process of its own, as frameworks must not meet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Command:
    """One of them.

    Attributes:
        name: of its log.
        arguments: what follows `python`.
        after: names of commands that have to be over, however they ended.
    """

    name: str
    arguments: tuple[str, ...]
    after: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ended:
    """A command that is over.

    Attributes:
        command: which.
        status: its exit status.
        log: what it printed.
    """

    command: Command
    status: int
    log: Path


class Workers:
    """Starts commands in their order, so that never more than some are at work.

    They share the machine, so each works with one thread. The user's Ctrl-C does not reach them:
    whoever watches them asks them to stop, once.
    """

    def __init__(self, commands: Sequence[Command], most: int, logs: Path) -> None:
        """Start nothing yet.

        Args:
            commands: what is to be done.
            most: how many at a time.
            logs: the folder in which NAME.log takes what each command prints.
        """
        self._waiting = list(commands)
        self._most = most
        self._logs = logs
        self._running: dict[Command, subprocess.Popen[bytes]] = {}

    @property
    def busy(self) -> bool:
        """Return whether there is anything to wait for."""
        return bool(self._waiting or self._running)

    def ended(self) -> list[Ended]:
        """Return the commands that ended since the last call, and start the next in their place."""
        over = {
            each: code for each, job in self._running.items() if (code := job.poll()) is not None
        }
        for command in over:
            del self._running[command]
        while len(self._running) < self._most and (command := self._next()):
            self._waiting.remove(command)
            self._running[command] = self._start(command)
        return [Ended(each, code, self._log(each)) for each, code in over.items()]

    def stop(self) -> None:
        """Start no other command, and ask those at work to stop as soon as they can."""
        self._waiting.clear()
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End whatever is still at work; what it had stored stays."""
        self._waiting.clear()
        self._send(signal.SIGKILL)
        for job in self._running.values():
            job.wait()

    def _next(self) -> Command | None:
        """Return the first command that need not wait for another."""
        unfinished = {each.name for each in (*self._waiting, *self._running)}
        return next((each for each in self._waiting if not each.after & unfinished), None)

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log(command).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command.arguments],
                env={"OMP_NUM_THREADS": "1", **os.environ},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def _log(self, command: Command) -> Path:
        return self._logs / f"{command.name}.log"

    def _send(self, number: signal.Signals) -> None:
        for job in self._running.values():
            job.send_signal(number)
