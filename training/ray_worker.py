"""A worker of a Ray cluster: images of a chunk through a system, answers into one part.

Nothing here imports Ray. What goes wrong is told in the reply, as a sentence: an exception would
reach the user as a traceback of another machine.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError, WorkFailedError
from core.store.part_folders import PartFolder, folder_at
from core.store.parts import part_rows
from core.store.rejected import Rejected
from core.structures import ImageRecord, Prediction
from training.feed import Photographs
from training.job import BATCHES_AHEAD, answer_all
from training.packages import package_versions
from training.prediction_plan import Plan
from training.protocol import System
from training.settings import differences
from training.weights import Weights, sha256_of


@dataclass(frozen=True, eq=False)
class Work:
    """All that a worker has to know.

    Attributes:
        name: of the system.
        kind: its class.
        settings: an instance of its `settings_type`.
        weights: stage to a file, which has to be at the same path for the worker.
        versions: package to version, which have to be the worker's as well.
        categories: names of the data set's classes.
        images: folder of the photographs.
        device: "auto" or "cpu".
        parts: address of the folder that takes the parts, or "" where none are written yet.
    """

    name: str
    kind: type[System]
    settings: Any
    weights: Mapping[str, Weights]
    versions: Mapping[str, str]
    categories: tuple[str, ...]
    images: Path
    device: str
    parts: str = ""
    below: str = ""


def work_of(plan: Plan, device: str, parts: str = "", below: str = "") -> Work:
    """Return what a worker has to know of a plan."""
    weights = {
        stage: Weights(each.path.absolute(), each.sha256) for stage, each in plan.weights.items()
    }
    return Work(
        name=plan.run.system,
        kind=plan.kind,
        settings=plan.settings,
        weights=weights,
        versions=plan.run.versions,
        categories=tuple(category.name for category in plan.dataset.categories),
        images=plan.dataset.images_folder.absolute(),
        device=device,
        parts=parts,
        below=below,
    )


def load(work: Work) -> System:
    """Load the system as the driver means it: the same code, weights and photographs.

    Raises:
        UsageError: something of it is another here, or not here.
    """
    found = package_versions(work.name, work.kind.packages)
    if other := differences(work.versions, found):
        raise UsageError(f"other versions of packages are installed ({'; '.join(other)})")
    for each in work.weights.values():
        if (sha256 := sha256_of(each.path)) != each.sha256:
            raise UsageError(f"{each.path} is another file there (SHA-256 {sha256})")
    if not work.images.is_dir():
        raise UsageError(f"there is no folder {work.images} with the data set's images")
    files = {stage: each.path for stage, each in work.weights.items()}
    return work.kind(work.settings, files, list(work.categories), work.device)


def describe(work: Work) -> dict[str, Any]:
    """Load the system once, and return its outputs, device and notes, or the fault."""
    try:
        system = load(work)
    except Exception as error:  # noqa: BLE001 - told by the driver
        return {"fault": _told(error)}
    return {
        "outputs": system.outputs,
        "device": system.device,
        "notes": tuple(system.notes),
        "fault": "",
    }


def as_chunk(name: str, records: Sequence[ImageRecord]) -> dict[str, str]:
    """Return images as they are sent to a worker, with the name of the part that they become."""
    return {"name": name, "records": json.dumps([astuple(record) for record in records])}


class Worker:
    """Answers chunks, one after the other; the system is loaded for the first."""

    def __init__(self, work: Work) -> None:
        """Load nothing yet."""
        self._work = work
        self._system: System | None = None

    def __call__(self, chunk: Mapping[str, str]) -> dict[str, Any]:
        """Answer the images of a chunk, and return how many; its part is written by then."""
        records = [
            ImageRecord(*fields, tags=tuple(tags)) for *fields, tags in json.loads(chunk["records"])
        ]
        reply = {
            "name": chunk["name"],
            "images": len(records),
            "rejected": 0,
            "turned": "",
            "host": socket.gethostname(),
            "fault": "",
        }
        try:
            folder = folder_at(self._work.parts, self._work.below)
            # a chunk comes again where the worker before died after it had written the part
            if not folder.exists(chunk["name"]):
                reply |= self._answer(folder, chunk["name"], records)
        except Exception as error:  # noqa: BLE001 - told by the driver
            reply["fault"] = _told(error)
        return reply

    def _answer(
        self, folder: PartFolder, name: str, records: Sequence[ImageRecord]
    ) -> dict[str, Any]:
        if self._system is None:
            self._system = load(self._work)
        batch, turned = self._work.settings.batch, ""
        predictions: list[Prediction] = []
        rejected: list[Rejected] = []
        feed = Photographs(self._work.images)
        with closing(feed.read(records, BATCHES_AHEAD * batch)) as inputs:
            for group in answer_all(self._system, inputs, batch, len(self._work.categories)):
                predictions += group.predictions
                rejected += group.rejected
                turned = turned or group.turned
        folder.write(name, part_rows(predictions, rejected))
        return {"rejected": len(rejected), "turned": turned}


def _told(error: Exception) -> str:
    lines = str(error).splitlines() or ["no reason given"]
    sentence = " ".join(lines) if isinstance(error, UsageError | WorkFailedError) else lines[0]
    kind = "" if isinstance(error, UsageError | WorkFailedError) else f"{type(error).__name__}: "
    return f"on {socket.gethostname()}: {kind}{sentence}"
