"""A visitor: a session of its own over Streamlit's websocket, who clicks, looks, clicks again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

LONGEST_WAIT = 120.0
FINISHED = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_SUCCESSFULLY")


@dataclass(frozen=True)
class Offer:
    """What there is to look at in the store.

    Attributes:
        dataset: name of the data set.
        split: of it.
        runs: names of the runs on that split.
        classes: names of its classes.
        images: ids of its images.
    """

    dataset: str
    split: str
    runs: tuple[str, ...]
    classes: tuple[str, ...]
    images: tuple[int, ...]


@dataclass
class Seen:
    """What all visitors saw.

    Attributes:
        answers: page and seconds from the click to the end of the answer.
        faults: whatever should not have been, each a sentence.
    """

    answers: list[tuple[str, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Session:
    """One session: its websocket, the pages it was offered, and what it saw."""

    def __init__(self, socket: ClientConnection, seen: Seen) -> None:
        """Take an open socket; pages are unknown until the first answer."""
        self._socket, self._seen = socket, seen
        self.pages: dict[str, str] = {"": ""}  # its address to what Streamlit calls it

    async def open(self, page: str, parameters: str = "") -> None:
        """Ask for a page by its address and wait for the end of the answer."""
        asked = BackMsg()
        asked.rerun_script.query_string = parameters
        asked.rerun_script.page_script_hash = self.pages.get(page, "")
        asked.rerun_script.page_name = page
        await self._socket.send(asked.SerializeToString())
        async with asyncio.timeout(LONGEST_WAIT):
            while not self._read(page, await self._socket.recv()):
                pass

    async def wait(self, seconds: float) -> None:
        """Take in what the server sends by itself, as a browser does."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._read("what came by itself", await self._socket.recv())
        except TimeoutError:
            pass

    def _read(self, page: str, content: str | bytes) -> bool:
        """Note what is wrong in a message, and tell whether it ends an answer."""
        assert isinstance(content, bytes)
        message = ForwardMsg.FromString(content)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.pages = {each.url_pathname: each.page_script_hash
                           for each in message.navigation.app_pages}  # fmt: skip
        elif kind == "page_not_found":
            self._seen.faults.append(f"{page}: there is no such page")
        self._seen.faults += [f"{page}: {each}" for each in exceptions(message)]
        if kind == "script_finished" and message.script_finished != FINISHED:
            self._seen.faults.append(f"{page}: the script ended as {message.script_finished}")
        return kind == "script_finished"


class Visitor:
    """One session that goes through the pages at random."""

    def __init__(self, url: str, offer: Offer, seed: int, seen: Seen) -> None:
        """Take the address of the dashboard, and a number that decides the way through it."""
        self._url, self._offer, self._seen = url, offer, seen
        self._chance = random.Random(seed)

    async def visit(self, until: float, pause: float) -> None:
        """Click through pages up to a moment of the monotonic clock, `pause` s apart on average."""
        await asyncio.sleep(self._chance.uniform(0, pause))
        try:
            async with connected(self._url) as socket:
                session = Session(socket, self._seen)
                while time.monotonic() < until:
                    page = self._chance.choice(list(session.pages))
                    began = time.monotonic()
                    await session.open(page, self._parameters())
                    self._seen.answers.append((page or "Home", time.monotonic() - began))
                    await session.wait(self._chance.uniform(0.5, 1.5) * pause)
        except (ConnectionClosed, OSError, TimeoutError) as error:
            self._seen.faults.append(f"a session ended: {error!r}")

    def _parameters(self) -> str:
        offer, chance = self._offer, self._chance
        runs = chance.sample(offer.runs, min(len(offer.runs), chance.randint(1, 4)))
        asked: dict[str, object] = {"dataset": offer.dataset, "split": offer.split, "runs": runs}
        if chance.random() < 0.5:
            asked["class"] = chance.choice(offer.classes)
        if chance.random() < 0.5:
            asked["image"] = chance.choice(offer.images)
        return urlencode(asked, doseq=True)


def connected(url: str) -> connect:
    """Return a context: the socket of a new session of the dashboard at an address."""
    stream = url.replace("http://", "ws://") + "/_stcore/stream"
    return connect(stream, subprotocols=["streamlit"], max_size=None)


def exceptions(message: ForwardMsg) -> Iterator[str]:
    """Yield the errors that a message would show."""
    if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            yield f"{element.exception.type}: {element.exception.message}"
