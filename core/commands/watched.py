"""Imports that a page watches: how far they are, written where it looks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from core import jobs
from core.errors import UsageError
from core.jobs import AtWorkError, JobRecord, only_one
from core.structures import Annotation

Each = TypeVar("Each")
READING = "reading and checking"
Reach = Callable[[str, int], None]


def add_progress_option(parser: argparse.ArgumentParser) -> None:
    """Add `--progress`."""
    parser.add_argument(
        "--progress", type=Path, metavar="DIR", help="write how far it is there, for a page"
    )


class Watched:
    """A command at work; without a folder nobody watches it."""

    def __init__(self, folder: Path | None) -> None:
        """Begin with reading, of which nothing is known yet.

        Args:
            folder: of the job, or None.
        """
        self._folder = folder
        self._record = None if folder is None else JobRecord(folder, {READING: 1})

    def steps(self, totals: Mapping[str, int]) -> None:
        """Say which steps follow, with the images of each; all is read now."""
        if self._folder is not None:
            self._record = JobRecord(self._folder, {READING: 1, **totals})
            self._record.reach(READING, 1)

    def reach(self, step: str, done: int) -> None:
        """Say how many images of a step are done."""
        if self._record is not None:
            self._record.reach(step, done)

    def counted(self, step: str, each: Iterable[Each]) -> Iterator[Each]:
        """Yield what is given, and say how many were asked for."""
        for done, one in enumerate(each, start=1):
            yield one
            self.reach(step, done)

    def end(self, status: str, note: str = "") -> None:
        """Say how it ended."""
        if self._record is not None:
            self._record.end(status, note)


class WatchedBar:
    """What an evaluation tells its progress to."""

    def __init__(self, watched: Watched, step: str) -> None:
        """Tell it to a step of a command."""
        self.total: float | None = None
        self._watched = watched
        self._step = step
        self._done = 0

    def update(self, n: float) -> None:
        """Add images that are done."""
        self._done += int(n)
        self._watched.reach(self._step, self._done)


class CountedAnnotations(Mapping[int, Annotation]):
    """Annotations that say how many of them were asked for; a store asks for each in turn."""

    def __init__(self, annotations: Mapping[int, Annotation], watched: Watched, step: str) -> None:
        """Count into a step of a command."""
        self._annotations = annotations
        self._watched = watched
        self._step = step
        self._place = {image_id: done for done, image_id in enumerate(annotations, start=1)}

    def __getitem__(self, image_id: int) -> Annotation:
        """Return the annotation of an image."""
        annotation = self._annotations[image_id]
        self._watched.reach(self._step, self._place[image_id])
        return annotation

    def __iter__(self) -> Iterator[int]:
        """Iterate over the image ids."""
        return iter(self._annotations)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._annotations)


@contextmanager
def watching(folder: Path | None) -> Iterator[Watched]:
    """Be the only import at work in a folder, and leave there how it ended.

    Args:
        folder: of the job; None where nobody watches.

    Raises:
        UsageError: another import is at work there.
    """
    if folder is None:
        yield Watched(None)
        return
    try:
        with only_one(folder):
            watched = Watched(folder)
            try:
                yield watched
            except BaseException as error:
                stopped = isinstance(error, KeyboardInterrupt)
                watched.end(jobs.STOPPED if stopped else jobs.FAILED, str(error))
                raise
            watched.end(jobs.DONE)
    except AtWorkError as error:
        raise UsageError(
            f"Another import is at work in {folder} ({error}). Wait until it has ended."
        ) from error
