"""Ctrl-C and SIGTERM as a wish that the job grants at the end of a batch."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

STOPPING = (signal.SIGINT, signal.SIGTERM)


class StopWish:
    """Notes the first signal; a second one stops at once. Use it as a context."""

    def __init__(self) -> None:
        """Nobody wished it yet."""
        self.received: signal.Signals | None = None

    def __enter__(self) -> StopWish:
        """Take the signals."""
        self._before = {each: signal.signal(each, self._note) for each in STOPPING}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signal calls it
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)

    @property
    def reason(self) -> str:
        """Return what was received, as it is told to the user."""
        return "Ctrl-C" if self.received == signal.SIGINT else "SIGTERM"
