"""What the server does before its first visitor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

STARTED = """
import asyncio, gc, threading
from pages.ui.server import WARMING_UP, lifespan

async def start():
    async with lifespan(None):
        for each in threading.enumerate():
            if each.name == WARMING_UP:
                each.join()

asyncio.run(start())
from core.geometry import kernels
print(*kernels.write_counts.signatures)
print(gc.get_freeze_count() > 100_000, gc.get_threshold()[2] > 100)
"""


def test_a_server_loads_the_compiled_kernels_beside_its_start():
    """In a process of its own: what is frozen stays so."""
    ended = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kernel, frozen = ended.stdout.splitlines()
    assert "int64" in kernel
    assert frozen == "True True"
