"""How far a job is: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from core.words import counted

SECONDS_A_LINE = 10.0


class Progress:
    """Counts images; use it as a context."""

    def __init__(self, title: str, total: int, done: int) -> None:
        """Start at `done` of `total` images."""
        self._title = title
        self._total = total
        self._done = self._first = done
        self._rejected = 0
        self._started = self._spoken = time.monotonic()
        self._bar = (
            tqdm(total=total, initial=done, desc=title, unit="image", file=sys.stderr)
            if sys.stderr.isatty()
            else None
        )

    def __enter__(self) -> Progress:
        """Show it."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the bar where it ended, or say it in a last line."""
        if self._bar is not None:
            self._bar.close()
        else:
            self._line()

    def update(self, images: int, rejected: int = 0) -> None:
        """Say that more images are done, some of them in vain."""
        self._done += images
        self._rejected += rejected
        if self._bar is not None:
            self._bar.set_postfix({"rejected": self._rejected} if self._rejected else {})
            self._bar.update(images)
        elif time.monotonic() - self._spoken >= SECONDS_A_LINE:
            self._line()

    def say(self, sentence: str) -> None:
        """Print a sentence without disturbing the bar."""
        tqdm.write(sentence, file=sys.stderr)

    def _line(self) -> None:
        self._spoken = time.monotonic()
        rate = (self._done - self._first) / max(self._spoken - self._started, 1e-9)
        rejected = f", {self._rejected} rejected" if self._rejected else ""
        print(
            f"{self._title}: {self._done} of {counted(self._total, 'image')}{rejected}, "
            f"{rate:.1f} a second",
            file=sys.stderr,
            flush=True,
        )
