"""Compiled code where nothing can be kept: a read-only copy of the sources still computes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ_ONLY = stat.S_IRUSR | stat.S_IXUSR
# root writes into any folder, until it gives that right up
AS_OTHERS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
PAINT = """
import os, tempfile
import core
print(os.environ.get("NUMBA_CACHE_DIR", ""))
from core.geometry import rle
print(rle.area(rle.encode(__import__("numpy").ones((3, 4), bool))))
print(len(os.listdir(tempfile.gettempdir())))
"""


@pytest.fixture
def installed(tmp_path):
    """Return a function that runs a script on a copy of core in which nothing can be written."""
    if os.geteuid() == 0 and shutil.which(AS_OTHERS[0]) is None:
        pytest.skip("root can give up no right here")
    sources = tmp_path / "installed"
    shutil.copytree(
        ROOT / "core", sources / "core", ignore=shutil.ignore_patterns("__pycache__", "sql")
    )
    for folder in (sources, *(path for path in sources.rglob("*") if path.is_dir())):
        folder.chmod(READ_ONLY)
    (tmp_path / "tmp").mkdir()

    def run(home: Path, **variables: str) -> list[str]:
        kept = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
        }
        environment = {**kept, "HOME": str(home), "TMPDIR": str(tmp_path / "tmp"), **variables}
        done = subprocess.run(
            [*(AS_OTHERS if os.geteuid() == 0 else []), sys.executable, "-B", "-c", PAINT],
            cwd=sources,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    yield run
    for folder in (sources, *(path for path in sources.rglob("*") if path.is_dir())):
        folder.chmod(stat.S_IRWXU)


def home(tmp_path: Path, mode: int) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(mode)
    return tmp_path / "home"


def test_without_a_folder_to_keep_it_code_is_compiled_for_the_process_alone(installed, tmp_path):
    folder, area, entries = installed(home(tmp_path, READ_ONLY))
    assert (Path(folder).parent, area, entries) == (tmp_path / "tmp", "12", "1")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_that_is_named_but_cannot_be_written_is_not_taken(installed, tmp_path):
    nowhere = home(tmp_path, READ_ONLY)
    folder, area, _ = installed(nowhere, NUMBA_CACHE_DIR=str(nowhere / "kept"))
    assert (Path(folder).parent, area) == (tmp_path / "tmp", "12")


def test_otherwise_numba_keeps_it_where_it_would(installed, tmp_path):
    place = home(tmp_path, stat.S_IRWXU)
    assert installed(place) == ["", "12", "0"]
    assert list((place / ".cache" / "numba").iterdir())
