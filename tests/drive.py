"""Drives the product from its command line, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

COCO_RUNS = {
    "yolov8n": "yolov8n_int8_bbox.json",
    "yolov8n-seg": "yolov8n-seg_int8_segm.json",
    "yolox-nano": "yolox_nano_bbox.json",
}

Command = Callable[..., subprocess.CompletedProcess[str]]


def command_line(store: Path, module: str = "core") -> Command:
    """Return a function that runs `python -m MODULE …` on a store and fails loudly."""

    def call(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "EVALUATION_STORE": str(store)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    return call


def scores_of(store: Path, *arguments: object) -> dict[str, dict[str, object]]:
    """Return what `scores --json` prints, by run."""
    printed = command_line(store)("scores", *arguments, "--json").stdout
    return {entry["run"]: entry for entry in json.loads(printed)}
