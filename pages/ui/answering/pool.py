"""Questions to systems, and their answers: remembered, so that a page drawn anew asks nobody."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.exchange import Message
from core.store.prediction_bytes import from_bytes
from core.structures import ImageRecord, Prediction, Rle
from pages.ui.answering.worker import Worker
from pages.ui.background import ROOT

KEPT_ANSWERS = 256
LIST_SECONDS = 120


@dataclass(frozen=True)
class Listed:
    """A system as `python -m training list --json` names it, with one way to load it.

    Attributes:
        system: its registry name.
        title: what it is.
        framework: whose process it answers in.
        any_words: whether it finds whatever can be named.
        segments_prompts: whether points and boxes can be asked about.
        preset: what the way to load it is called.
        weights: stage to file.
        settings: name to value.
    """

    system: str
    title: str
    framework: str
    any_words: bool
    segments_prompts: bool
    preset: str
    weights: Mapping[str, str]
    settings: Mapping[str, object]

    @property
    def name(self) -> str:
        """Return what it is called on the page."""
        return self.system if self.preset == "demo weights" else f"{self.system} ({self.preset})"


@dataclass(frozen=True)
class Question:
    """What a system is asked.

    Attributes:
        listed: the system.
        classes: names of the classes that it is to speak of.
        image: the image.
        content: bytes of its file.
        points: (x, y, whether it is on what is meant) in pixels, if SAM is asked.
        box: left, top, right, bottom in pixels, if SAM is asked about one.
    """

    listed: Listed
    classes: tuple[str, ...]
    image: ImageRecord
    content: bytes
    points: tuple[tuple[float, float, int], ...] = ()
    box: tuple[float, float, float, float] | None = None

    def message(self) -> Message:
        """Return it as `python -m training answer` reads it."""
        prompted = bool(self.points) or self.box is not None
        image = {name: getattr(self.image, name) for name in ("id", "name", "height", "width")}
        header = {
            "ask": "segment" if prompted else "answer",
            "system": self.listed.system,
            "weights": dict(self.listed.weights),
            "settings": dict(self.listed.settings),
            "classes": list(self.classes),
            "image": image,
            "points": [list(point) for point in self.points],
            "box": None if self.box is None else list(self.box),
        }
        return Message(header, self.content)


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back.

    Attributes:
        prediction: of the image, or None where there is none.
        mask: what SAM takes the points and the box for.
        quality: the IoU that SAM expects of the mask, in [0, 1].
        load_seconds: that loading took, or None where it was loaded before.
        notes: what the system says of itself, one sentence each.
        refused: why there is no answer, or "".
    """

    prediction: Prediction | None = None
    mask: Rle | None = None
    quality: float = 0.0
    load_seconds: float | None = None
    notes: tuple[str, ...] = ()
    refused: str = ""


class Pool:
    """The workers of this server and the answers that they gave last."""

    def __init__(self, start: Callable[[str], Any] = Worker) -> None:
        """Start nothing yet.

        Args:
            start: makes the worker of a framework.
        """
        self._start = start
        self._turn = threading.Lock()
        self.workers: dict[str, Any] = {}
        self._replies: OrderedDict[str, Future[Message]] = OrderedDict()

    def ask(self, question: Question) -> Future[Message]:
        """Return the reply to a question, on its way or there; the same question is asked once."""
        message = question.message()
        parts = json.dumps(message.header, sort_keys=True).encode()
        key = hashlib.sha256(parts + message.body).hexdigest()
        with self._turn:
            reply = self._replies.get(key)
            if reply is None or (reply.done() and reply.exception() is not None):
                framework = question.listed.framework
                if framework not in self.workers:
                    self.workers[framework] = self._start(framework)
                reply = self._replies[key] = self.workers[framework].ask(message)
            self._replies.move_to_end(key)
            while len(self._replies) > KEPT_ANSWERS:
                self._replies.popitem(last=False)
        return reply

    def doing(self) -> str:
        """Return what the workers are doing, with the seconds since it began."""
        now = time.monotonic()
        parts = [
            f"{worker.doing} ({now - worker.since:.0f} s)"
            + (f", {worker.waiting} waiting" if worker.waiting else "")
            for worker in self.workers.values()
            if worker.doing
        ]
        return " · ".join(parts)

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers.values():
            worker.close()


@st.cache_resource(show_spinner=False, on_release=Pool.close)
def pool() -> Pool:
    """Return the pool that all visitors share."""
    return Pool()


@st.cache_resource(show_spinner=False, ttl=600)
def listed() -> list[Listed]:
    """Return the systems that answer single images with weights that are here.

    Raises:
        subprocess.SubprocessError: the command that lists them failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "training", "list", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=LIST_SECONDS,
    )
    return [
        Listed(
            system=each["system"],
            title=each["title"],
            framework=each["framework"],
            any_words=each["any_words"],
            segments_prompts=each["segments_prompts"],
            preset=preset["name"],
            weights=preset["weights"],
            settings=preset["settings"],
        )
        for each in json.loads(done.stdout)
        if each["single_images"]
        for preset in each["presets"]
    ]


def answer_of(question: Question, reply: Future[Message]) -> Answer:
    """Return a reply that is there as what it says."""
    error = reply.exception()
    if error is not None:
        return Answer(refused=str(error))
    message = reply.result()
    header, image = message.header, question.image
    if header["reply"] == "refused":
        return Answer(refused=header["message"])
    more = {"load_seconds": header["load_seconds"], "notes": tuple(header["notes"])}
    if header["reply"] == "segmented":
        mask = Rle(image.height, image.width, message.body)
        return Answer(mask=mask, quality=header["quality"], **more)
    return Answer(prediction=from_bytes(message.body, image), **more)
