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
from core.metrics.kernels import accumulation, image_sums, ranking
print(*kernels.write_counts.signatures)
needed = (
    *(ranking.order_by_class_and_score, ranking.breaks_ties_by_image),
    *(accumulation.accumulate_classes, image_sums.sum_images),
)
print(*(len(kernel.signatures) for kernel in needed))
print(gc.get_freeze_count() > 100_000, gc.get_threshold()[2] > 100)
"""


def test_a_server_loads_the_compiled_kernels_beside_its_start():
    """In a process of its own: what is frozen stays so."""
    ended = subprocess.run(
        [sys.executable, "-c", STARTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kernel, needed, frozen = ended.stdout.splitlines()
    assert "int64" in kernel
    assert needed == "1 1 1 1"
    assert frozen == "True True"
