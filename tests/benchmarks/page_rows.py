"""Rows of the table: how long a page takes to open, and that it imports no framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.race import Timing
from tests.pages.made_up import full_store

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "ultralytics", "open_clip", "segment_anything")
COLD, WARM = 1.5, 0.3
TURNS = 3

# prints the CPU seconds of the first answer since the process began, and of the second
OPENED = """
import json, sys, time
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[1], default_timeout=60).run()
cold = time.process_time()
app.run()
warm = time.process_time() - cold
assert not app.exception, app.exception
loaded = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps([cold, warm, loaded]))
"""


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield two rows for each page: opened first in a new process, and once more."""
    store = full_store(folder / "pages.duckdb").path
    for page in [ROOT / "Home.py", *sorted((ROOT / "pages").glob("*.py"))]:
        turns = [_open(page, store) for _ in range(TURNS)]
        loaded = sorted({name for _, _, names in turns for name in names})
        frameworks = ", ".join(loaded) or "no framework imported"
        cold, warm = (sorted(turn[at] for turn in turns)[TURNS // 2] for at in (0, 1))
        yield Timing(
            f"{page.stem}: start, import and first answer",
            f"allowed: {COLD:g} s",
            cold,
            COLD,
            not loaded,
            1.0,
            frameworks,
        )
        yield Timing(f"{page.stem}: the next answer", f"allowed: {WARM:g} s", warm, WARM, None, 1.0)


def _open(page: Path, store: Path) -> tuple[float, float, list[str]]:
    command = [sys.executable, "-c", OPENED, str(page), json.dumps(FRAMEWORKS)]
    surroundings = {**os.environ, "EVALUATION_STORE": str(store), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    )
    cold, warm, loaded = json.loads(ended.stdout.splitlines()[-1])
    return cold, warm, loaded
