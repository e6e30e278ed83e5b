"""Rows of the table: what each page's answers cost, and that it imports no framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.race import Timing
from tests.pages.made_up import full_store

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "ultralytics", "open_clip", "segment_anything")
COLD, WARM = 1.5, 0.3
TURNS = 3


def rows(folder: Path, images: int, store: Path | None = None) -> Iterator[Timing]:
    """Yield rows for each page: opened first in a new process, once more, after each filter.

    Args:
        folder: for a made-up store.
        images: of no account here.
        store: a store to look at instead.
    """
    path = store or full_store(folder / "pages.duckdb").path
    for page in [ROOT / "Home.py", *sorted((ROOT / "pages").glob("*.py"))]:
        turns = [_clicked(page, path) for _ in range(1 if store else TURNS)]
        loaded = sorted({name for turn in turns for name in turn["loaded"]})
        yield Timing(
            f"{page.stem}: start, import and first answer",
            f"allowed: {COLD:g} s",
            median(turn["cold"] for turn in turns),
            COLD,
            not loaded,
            1.0,
            ", ".join(loaded) or "no framework imported",
        )
        for change in turns[0]["changes"]:
            own, every = (median(turn["changes"][change][at] for turn in turns) for at in (0, 1))
            note = f"{every:.3g} s with the threads beside it"
            work = f"{page.stem}: {change}"
            yield Timing(work, f"allowed: {WARM:g} s", own, WARM, None, 1.0, note)


def _clicked(page: Path, store: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.page_clicks", str(page), *FRAMEWORKS]
    surroundings = {**os.environ, "EVALUATION_STORE": str(store)}
    ended = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout.splitlines()[-1])
