"""The first visitor of a fresh server, who asks for one page."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.load.server import serving
from tests.load.visitor import Seen, Session, connected


def first_visit(page: str, store: Path) -> tuple[float, float]:
    """Return the seconds from the click to the end of the answer, and the server's CPU seconds.

    The server is healthy, and nobody was there before.

    Args:
        page: its address, "" for Home.
        store: to look at.
    """
    with tempfile.TemporaryDirectory() as folder, serving(store, Path(folder)) as server:
        before = server.cpu_seconds()
        seconds, faults = asyncio.run(_answered(server.url, page))
        took = server.cpu_seconds() - before
        assert not (faults := faults + server.faults()), faults
    return seconds, took


async def _answered(url: str, page: str) -> tuple[float, list[str]]:
    seen = Seen()
    async with connected(url) as socket:
        began = time.monotonic()
        await Session(socket, seen).open(page)
        return time.monotonic() - began, seen.faults
