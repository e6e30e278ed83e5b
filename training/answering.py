"""Single images answered by systems that stay loaded: what a request asks, and its reply."""

from __future__ import annotations

import gc
import json
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UsageError, WorkFailedError
from core.exchange import Message
from core.store.prediction_bytes import to_bytes
from core.store.rejected import Rejected
from core.structures import ImageRecord
from training.images import decode_photograph
from training.job import answer
from training.packages import package_versions
from training.presets import answers_photographs, framework_of
from training.protocol import Photograph, System
from training.systems import system_type
from training.weights import find_weights, local_weights

Tell = Callable[[str], None]
ANSWERED, SEGMENTED, REFUSED = "answered", "segmented", "refused"


@dataclass(frozen=True, eq=False)
class Loaded:
    """A system, ready.

    Attributes:
        system: itself.
        seconds: that loading took.
        class_count: of the classes that it speaks of.
    """

    system: System
    seconds: float
    class_count: int


class Answering:
    """Systems of one framework; those used last stay loaded.

    Of too many, or where the process has grown too large, the one that nobody asked for longest
    goes.
    """

    def __init__(self, framework: str, most: int, most_bytes: int) -> None:
        """Load nothing yet.

        Args:
            framework: as `presets.framework_of` names it.
            most: systems that stay loaded, at least 1.
            most_bytes: of memory; one system stays however large it is.
        """
        self._framework = framework
        self._most = most
        self._most_bytes = most_bytes
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()

    def reply(self, request: Message, tell: Tell) -> Message:
        """Return the reply to a request; whatever goes wrong is one that says so.

        Args:
            request: `ask` is "answer" or "segment"; `system`, `weights`, `settings` and `classes`
                say which system, `image` (id, name, height, width) what is in the body: the bytes
                of an image file. "segment" has `points` (x, y, whether it is on what is meant)
                and `box` (left, top, right, bottom) or null.
            tell: is told what is being done, in a few words.
        """
        try:
            return self._reply(request, tell)
        except (UsageError, WorkFailedError) as error:
            return _refused(str(error))
        except MemoryError:
            return _refused("There is not enough memory for it.")
        except Exception as error:  # noqa: BLE001 - whatever a network raises, the process goes on
            first = (str(error).splitlines() or ["no reason given"])[0]
            return _refused(f"It failed ({type(error).__name__}: {first}).")

    def _reply(self, request: Message, tell: Tell) -> Message:
        header = request.header
        photograph = _photograph(header["image"], request.body)
        loaded, fresh = self._ready(header, tell)
        tell(f"{header['system']} is answering")
        if header["ask"] == "segment":
            reply = _segmented(loaded.system, photograph, header)
        else:
            reply = _answered(loaded, photograph)
        reply.header["load_seconds"] = loaded.seconds if fresh else None
        reply.header["notes"] = list(loaded.system.notes)
        return reply

    def _ready(self, header: Mapping[str, Any], tell: Tell) -> tuple[Loaded, bool]:
        """Return the system that a request speaks of, and whether it had to be loaded."""
        parts = [header[name] for name in ("system", "weights", "settings", "classes")]
        key = json.dumps(parts, sort_keys=True)
        if key in self._loaded:
            self._loaded.move_to_end(key)
            return self._loaded[key], False
        tell(f"loading {header['system']}")
        # room first: two large systems need not be there at once
        self._drop(self._most - 1)
        self._loaded[key] = self._load(*parts)
        while len(self._loaded) > 1 and _resident_bytes() > self._most_bytes:
            self._drop(len(self._loaded) - 1)
        return self._loaded[key], True

    def _drop(self, left: int) -> None:
        while len(self._loaded) > left:
            self._loaded.popitem(last=False)
            gc.collect()

    def _load(
        self,
        name: str,
        weights: Mapping[str, str],
        settings: Mapping[str, object],
        classes: list[str],
    ) -> Loaded:
        started = time.perf_counter()
        kind = system_type(name)
        if framework_of(kind) != self._framework or not answers_photographs(kind):
            raise UsageError(f"The system {name} does not answer single images in this process.")
        package_versions(name, kind.packages)
        unknown = settings.keys() - asdict(kind.settings_type()).keys()
        if unknown:
            raise UsageError(f"The system {name} has no setting {sorted(unknown)[0]!r}.")
        files = {need.stage: _here(need, weights) for need in kind.weights}
        system = kind(kind.settings_type(**settings), files, classes, "auto")
        return Loaded(system, time.perf_counter() - started, len(classes))


def _here(need: Any, weights: Mapping[str, str]) -> Path:  # noqa: ANN401 - a WeightsNeed
    """Return a file of weights by its name: only files that are here, and may be loaded."""
    names = {path.name: path for path in local_weights(need)}
    name = weights.get(need.stage, "")
    if name not in names:
        raise UsageError(
            f"There is no file {name!r} for the stage {need.stage}; here are: "
            f"{', '.join(names) or 'none'}."
        )
    return find_weights(need, names[name], _no_download, trust=False).path


def _no_download(name: str, folder: Path) -> Path:
    raise WorkFailedError(f"{name} is not in {folder}")


def _photograph(image: Mapping[str, Any], content: bytes) -> Photograph:
    name = str(image["name"])
    record = ImageRecord(int(image["id"]), name, name, int(image["height"]), int(image["width"]))
    found = decode_photograph(BytesIO(content), record)
    if isinstance(found, Rejected):
        raise UsageError(f"The image cannot be used: {found.message}.")
    return found


def _answered(loaded: Loaded, photograph: Photograph) -> Message:
    predictions, rejected = answer(loaded.system, [photograph], loaded.class_count)
    if rejected:
        raise UsageError(f"{rejected[0].message}.")
    outputs = asdict(loaded.system.outputs)
    return Message({"reply": ANSWERED, "outputs": outputs}, to_bytes(predictions[0]))


def _segmented(system: System, photograph: Photograph, header: Mapping[str, Any]) -> Message:
    sam = getattr(system, "sam", None)
    if sam is None:
        raise UsageError(f"The system {header['system']} answers no points or boxes.")
    points = np.array(header["points"], np.float64).reshape(-1, 3)
    box = None if header["box"] is None else np.array(header["box"], np.float64)
    started = time.perf_counter()
    mask, quality = sam.prompted(photograph.pixels, points[:, :2], points[:, 2] > 0, box)
    seconds = time.perf_counter() - started
    return Message({"reply": SEGMENTED, "quality": quality, "seconds": seconds}, mask.counts)


def _refused(why: str) -> Message:
    return Message({"reply": REFUSED, "message": why})


def _resident_bytes() -> int:
    """Return the memory that this process holds; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
