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

from tests.benchmarks.first_visit import first_visit
from tests.benchmarks.race import Timing
from tests.pages.made_up import full_store

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "ultralytics", "open_clip", "segment_anything")
COLD, WARM = 1.5, 0.3
TURNS = 3


def rows(folder: Path, images: int, store: Path | None = None) -> Iterator[Timing]:
    """Yield rows for each page: first of a fresh server, then in a process of its own as filtered.

    Args:
        folder: for a made-up store.
        images: of no account here.
        store: a store to look at instead.
    """
    path = store or full_store(folder / "pages.duckdb").path
    for page in [ROOT / "Home.py", *sorted((ROOT / "pages").glob("*.py"))]:
        turns = [_clicked(page, path) for _ in range(1 if store else TURNS)]
        visits = [first_visit(_address(page), path) for _ in turns]
        loaded = sorted({name for turn in turns for name in turn["loaded"]})
        yield Timing(
            f"{page.stem}: first answer of a fresh server",
            "",
            median(seconds for seconds, _ in visits),
            agrees=not loaded,
            limit=COLD,
            note=f"by the clock; {median(cpu for _, cpu in visits):.3g} CPU s; "
            + (", ".join(loaded) or "no framework imported"),
        )
        for change in turns[0]["changes"]:
            own, every = (median(turn["changes"][change][at] for turn in turns) for at in (0, 1))
            note = f"{every:.3g} s with the threads beside it"
            work = f"{page.stem}: {change}"
            yield Timing(work, f"allowed: {WARM:g} s", own, WARM, None, 1.0, note)


def _address(page: Path) -> str:
    return page.stem.partition("_")[2]


def _clicked(page: Path, store: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.page_clicks", str(page), *FRAMEWORKS]
    surroundings = {**os.environ, "EVALUATION_STORE": str(store)}
    ended = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout.splitlines()[-1])
