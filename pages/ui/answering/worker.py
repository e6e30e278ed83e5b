"""One process in which the systems of a framework stay loaded, asked one thing at a time."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import IO

from core.exchange import Message, receive, send
from pages.ui.background import ROOT

COMMAND = ("-m", "training", "answer")
START_SECONDS, ANSWER_SECONDS = 240.0, 300.0
TAIL_BYTES = 600
Question = tuple[Message, "Future[Message]"]


class WorkerLostError(Exception):
    """The process ended, or was ended, before it answered; one sentence for the visitor."""


class Worker:
    """Starts its process when the first question comes, and anew when it is gone.

    It ends by itself when nobody asks for a while, and with this server, however that ends: then
    the pipe it reads from has no other end any more.

    Attributes:
        doing: what it is doing, in a few words, or "".
        since: when that began, of `time.monotonic`.
        restarts: how often its process had gone while nobody waited for it.
        thread: in which questions wait for their turn.
    """

    def __init__(
        self, framework: str, seconds: float = ANSWER_SECONDS, command: Sequence[str] = COMMAND
    ) -> None:
        """Start nothing yet.

        Args:
            framework: "torch", "tensorflow" or "none".
            seconds: how long an answer may take, loading included.
            command: what follows `python`; the framework comes after it.
        """
        self._framework = framework
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as this lives
        self._questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self.doing, self.since, self.restarts = "", time.monotonic(), 0
        # a daemon: a server that is asked to end does not wait for an answer
        self.thread = threading.Thread(target=self._work, name=f"{framework} answers", daemon=True)
        self.thread.start()

    @property
    def waiting(self) -> int:
        """Return how many questions wait for their turn."""
        return self._questions.qsize()

    @property
    def pid(self) -> int | None:
        """Return the number of its process, or None where none is at work."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def ask(self, question: Message) -> Future[Message]:
        """Put a question into the queue.

        Returns:
            Its reply, or a `WorkerLostError`.
        """
        reply: Future[Message] = Future()
        self._questions.put((question, reply))
        return reply

    def close(self) -> None:
        """End the process once the questions before this are answered."""
        self._questions.put(None)

    def _work(self) -> None:
        while (asked := self._questions.get()) is not None:
            question, reply = asked
            try:
                reply.set_result(self._answer(question))
            except Exception as error:  # noqa: BLE001 - told to whoever waits, the thread goes on
                reply.set_exception(error)
            self._says("")
        self._end()
        self._log.close()

    def _answer(self, question: Message) -> Message:
        fresh = self._process is None
        try:
            return self._asked(question)
        except (EOFError, BrokenPipeError) as error:
            idle = self._process is not None and self._process.wait() == 0
            told = self._ended()
            # it may end for want of questions in the moment that one comes
            if idle and not fresh:
                self.restarts += 1
                return self._asked(question)
            raise WorkerLostError(told) from error
        except TimeoutError as error:
            self._end()
            raise WorkerLostError(
                f"The process of {self._framework} took too long and was ended. It starts again "
                "with the next question."
            ) from error

    def _asked(self, question: Message) -> Message:
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - it was started with pipes
        send(process.stdin.fileno(), question)
        return self._replied(process, self._seconds)

    def _started(self) -> subprocess.Popen[bytes]:
        """Return the process; a new one where there is none, or it is gone."""
        if self._process is not None and self._process.poll() is not None:
            self.restarts += 1
            self._end()
        if self._process is None:
            self._says(f"starting up {self._framework}")
            self._process = subprocess.Popen(
                [sys.executable, *self._command, self._framework],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                bufsize=0,
                start_new_session=True,
            )
            self._replied(self._process, START_SECONDS)
        return self._process

    def _replied(self, process: subprocess.Popen[bytes], seconds: float) -> Message:
        """Wait for a reply, and take note of what is being done meanwhile."""
        deadline = time.monotonic() + seconds
        assert process.stdout is not None  # noqa: S101 - it was started with pipes
        while "reply" not in (message := receive(process.stdout.fileno(), deadline)).header:
            self._says(str(message.header.get("doing", "")))
        return message

    def _says(self, doing: str) -> None:
        self.doing, self.since = doing, time.monotonic()

    def _ended(self) -> str:
        """Return how the process ended, as the visitor is told."""
        status = None if self._process is None else self._process.wait()
        words = self._last_words()
        self._end()
        return (
            f"The process of {self._framework} ended before it answered (exit status {status}): "
            f"{words} It starts again with the next question."
        )

    def _last_words(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - TAIL_BYTES))
        lines = self._log.read().decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing, so memory may have run out."

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._log.seek(0)
        self._log.truncate()
