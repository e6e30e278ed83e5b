"""Imports point one way: pages -> core <- training, and upwards inside core."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FRAMEWORKS = {
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "keras_hub",
    "ultralytics",
    "open_clip",
}
FORBIDDEN = {
    "core": {"pages", "training", "streamlit", "segment_anything", *FRAMEWORKS},
    "pages": {"training", "duckdb", "segment_anything", *FRAMEWORKS},
    "training": {"pages", "streamlit"},
}
SOURCES = [(layer, path) for layer in FORBIDDEN for path in sorted((ROOT / layer).rglob("*.py"))]

# Inside core a module imports only from rows above its own.
ROWS = [
    {"compiled_code", "words"},
    {"structures", "errors"},
    {"geometry", "charts", "exchange", "jobs", "notes", "previews", "targets"},
    {"external_scores", "readers", "metrics", "store"},
    {"fusion", "datasets", "writers"},
    {"evaluate", "scoring"},
    {"report"},
    {"commands"},
    {"__main__"},
]
ROW_OF = {name: row for row, names in enumerate(ROWS) for name in names}
CORE_SOURCES = [
    path for path in sorted((ROOT / "core").rglob("*.py")) if path.name != "__init__.py"
]

HEAVY = {*FRAMEWORKS, "sklearn", "skimage", "matplotlib", "scipy", "timm"}


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def identity(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("layer", "path"), SOURCES, ids=identity)
def test_module_keeps_to_its_layer(layer: str, path: Path) -> None:
    assert not {name.split(".")[0] for name in imported_names(path)} & FORBIDDEN[layer]


@pytest.mark.parametrize("path", CORE_SOURCES, ids=identity)
def test_core_imports_only_rows_above(path: Path) -> None:
    own = path.relative_to(ROOT / "core").parts[0].removesuffix(".py")
    used = {
        name.split(".")[1]
        for name in imported_names(path)
        if name.startswith("core.") and name.split(".")[1] != "__version__"
    }
    too_low = {name for name in used - {own} if ROW_OF[name] >= ROW_OF[own]}
    assert not too_low, f"core/{own} may not import {sorted(too_low)}"


@pytest.mark.parametrize("path", [p for _, p in SOURCES] + [ROOT / "Home.py"], ids=identity)
def test_file_fits_one_screen_of_thought(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_command_line_and_the_pages_load_no_framework() -> None:
    modules = ["core.__main__", "pages.ui.shell", "pages.ui.server"]
    code = (
        f"import sys, importlib\n[importlib.import_module(m) for m in {modules!r}]\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
