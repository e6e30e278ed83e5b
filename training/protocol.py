"""What a system is: images in, predictions out, with settings that are kept with the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from core.structures import ImageRecord, Prediction


class Input(Protocol):
    """What a system is given of one image: mostly a `Photograph`."""

    @property
    def record(self) -> ImageRecord:
        """Return which image it is."""


@dataclass(frozen=True, eq=False)
class Photograph:
    """One image with its pixels.

    Attributes:
        record: which image it is.
        pixels: (H, W, 3) uint8 red, green, blue, as stored.
        turned: the file carries an EXIF rotation, which was not applied.
    """

    record: ImageRecord
    pixels: NDArray[np.uint8]
    turned: bool = False


@dataclass(frozen=True)
class WeightsNeed:
    """One file of weights that a system works with.

    Attributes:
        stage: the network it belongs to, a word; `--weights STAGE=FILE` names it.
        default: name of the file that is looked for where the user names none.
        known: all official names.
        address: where the official files are: their folder, which ends with a slash, or else the
            page that lists them. Empty where the files ship with Overlook or are trained with it.
    """

    stage: str
    default: str
    known: tuple[str, ...]
    address: str

    def address_of(self, name: str) -> str:
        """Return where the official file of a name is, or the page that tells it."""
        return f"{self.address}{name}" if self.address.endswith("/") else self.address


@dataclass(frozen=True)
class Outputs:
    """Which parts the predictions of a loaded system have.

    Attributes:
        boxes: objects.
        masks: those objects have masks.
        label_maps: the class of each pixel.
        labels: probabilities of the classes that the image shows.
    """

    boxes: bool = False
    masks: bool = False
    label_maps: bool = False
    labels: bool = False


class System(Protocol):
    """One way of answering images; its class is what `SYSTEMS` names.

    Class attributes must be there without importing any framework; `__init__` imports and loads.

    Attributes:
        title: what it is, a phrase without a full stop.
        stages: the networks it is made of, in the order they act.
        packages: what must be installed, as imported; their versions are kept with the run.
        weights: the files it works with.
        settings_type: a frozen dataclass of all that changes its predictions. Every field has a
            default and is made by `training.settings.setting`; `batch` is among them: how many
            images it is given at a time.
    """

    title: ClassVar[str]
    stages: ClassVar[tuple[str, ...]]
    packages: ClassVar[tuple[str, ...]]
    weights: ClassVar[tuple[WeightsNeed, ...]]
    settings_type: ClassVar[type[Any]]

    def __init__(
        self,
        settings: Any,  # noqa: ANN401 - an instance of settings_type
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load.

        Args:
            settings: an instance of `settings_type`.
            weights: stage to a file that may be trusted.
            categories: names of the data set's classes; predictions speak of their indices.
            device: "auto", "cpu", "cuda:0".

        Raises:
            UsageError: a file is unusable, the device is not there, or no class is in common.
        """

    @property
    def outputs(self) -> Outputs:
        """Return what its predictions hold, as loaded."""

    @property
    def device(self) -> str:
        """Return where it runs, such as "cpu" or "cuda:0 NVIDIA H100"."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the user should know before it starts, one sentence each."""

    def predict(self, inputs: Sequence[Any]) -> list[Prediction]:
        """Return one prediction for each input, in their order.

        The answer to an image may not depend on the others, not in the last bit: a job that was
        stopped and goes on puts the images together anew. The job measures the time.

        Args:
            inputs: at most `settings.batch`, as the system's feed gives them: photographs, where
                it names no other (see `training.feed`).
        """

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        """Fetch an official file of weights into a folder, with a progress bar.

        Raises:
            WorkFailedError: it could not be fetched.
        """
