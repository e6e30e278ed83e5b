"""The formats that can be asked for by name."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from core import readers
from core.errors import UsageError


@pytest.mark.parametrize("name", readers.DATASET_FORMATS)
def test_readers_of_data_sets_can_be_called_alike(name):
    parameters = inspect.signature(readers.dataset_reader(name)).parameters
    assert list(parameters)[1:4] == ["images_folder", "name", "split"]
    assert parameters["skip_bad"].default is False


@pytest.mark.parametrize("name", readers.RUN_FORMATS)
def test_readers_of_runs_can_be_called_alike(name):
    parameters = inspect.signature(readers.run_reader(name)).parameters
    assert list(parameters) == [next(iter(parameters)), "dataset", "skip_bad"]


@pytest.mark.parametrize("ask", [readers.dataset_reader, readers.run_reader])
def test_an_unknown_format_lists_the_known(ask):
    with pytest.raises(UsageError, match=r"no format 'yolo9'.*Known formats: .*coco.*label-png"):
        ask("yolo9")


def test_formats_are_imported_when_they_are_asked_for():
    code = "import sys, core.readers; print([m for m in sys.modules if 'core.readers.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
