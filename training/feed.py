"""What a system is fed: photographs, or whatever else the answers come from."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from core.store.connection import Store
from core.store.rejected import Rejected
from core.structures import Dataset, ImageRecord
from training.images import read_ahead
from training.protocol import Input, System


class Feed(Protocol):
    """The inputs of a system on one split.

    A class of systems that answers from something other than photographs names its feed in a
    class attribute `feed`.
    """

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Add the options that say where the inputs come from."""

    @classmethod
    def of(
        cls,
        store: Store,
        dataset: Dataset,
        weights: Mapping[str, Path],
        options: argparse.Namespace,
    ) -> Feed:
        """Settle where the inputs come from, before any framework is loaded.

        Raises:
            UsageError: they are not there, or may not be used.
        """

    @property
    def settings(self) -> Mapping[str, object]:
        """Return what of it changes the answers, to be kept with the run; JSON."""

    def read(
        self, records: Sequence[ImageRecord], ahead: int
    ) -> Generator[Input | Rejected, None, None]:
        """Yield what the system is given for each image, in their order.

        Args:
            records: the images.
            ahead: how many may wait in memory.
        """


class Photographs:
    """The images of a split themselves."""

    settings: Mapping[str, object] = {}

    def __init__(self, folder: Path) -> None:
        """Read nothing yet; paths of images start in `folder`."""
        self._folder = folder

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Add none: the data set says where its images are."""

    @classmethod
    def of(
        cls,
        store: Store,  # noqa: ARG003 - as all feeds
        dataset: Dataset,
        weights: Mapping[str, Path],  # noqa: ARG003
        options: argparse.Namespace,  # noqa: ARG003
    ) -> Photographs:
        """Take the folder of the data set."""
        return cls(dataset.images_folder)

    def read(
        self, records: Sequence[ImageRecord], ahead: int
    ) -> Generator[Input | Rejected, None, None]:
        """Yield the photographs, decoded while the system is at work."""
        return read_ahead(self._folder, records, ahead)


def feed_type(kind: type[System]) -> Any:  # noqa: ANN401 - the class of a `Feed`
    """Return what feeds a class of systems: `Photographs`, unless it names another."""
    return getattr(kind, "feed", Photographs)
