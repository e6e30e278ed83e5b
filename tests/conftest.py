"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.store import memory
from core.store.memory import Memory
from tests.drive import COCO_RUNS, command_line

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set SHARED_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def coco_store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the 188 COCO images and three detectors, filled by the commands."""
    store = tmp_path_factory.mktemp("coco") / "evaluation.duckdb"
    core = command_line(store)
    coco = shared_data / "coco_val2017"
    core(
        *("import", "coco-val", "--format", "coco", "--split", "val"),
        *("--annotations", coco / "instances.json", "--images", coco / "images"),
    )
    for name, file in COCO_RUNS.items():
        core(
            *("import-run", name, "--dataset", "coco-val", "--split", "val"),
            *("--format", "coco-results", coco / "results" / file),
        )
    core("evaluate")
    return store


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be remembered of what the store was asked before the test."""
    monkeypatch.setattr(memory, "_memory", Memory())
