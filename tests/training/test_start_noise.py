"""Remarks of libraries are kept from stderr while they load, faults never are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REMARKS = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795271519.421111    6778 port.cc:153] oneDNN custom operations are on.",
    "W0000 00:00:1795271519.421111 6778 cpu_feature_guard.cc:227] AVX2 FMA, in other operations.",
    "E0000 00:00:1795271524.485542    6778 cuda_platform.cc:52] failed call to cuInit: UNKNOWN",
    "[2026-11-21 17:50:09,533 I 13732 13732] logging.cc:303: Set ray log level to 3",
)
FAULTS = (
    "E0000 00:00:1795271524.485542    6778 register.cc:10] Unable to register cuDNN factory",
    "F0000 00:00:1795271524.485542    6778 tensor.cc:1] Check failed",
    "[2026-11-21 17:39:59,965 E 1472 1472] core_worker.cc:2465: the actor restart will fail",
    "UserWarning: I0000 is no remark",
    "W: a warning of another library",
)


def told(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def saying(after: str) -> str:
    """Return a program whose libraries say all lines while they load, and then `after` happens."""
    lines = "\n".join([*REMARKS, *FAULTS, ""]).encode()
    return (
        "import os; from training.stages.start_noise import without_remarks\n"
        "with without_remarks():\n"
        f"    os.write(2, {lines!r})\n"
        f"    {after}\n"
        "os.write(2, b'after\\n' + b'I0000 00:00:1.0 1 a.cc:1] a remark later\\n')\n"
    )


def test_faults_are_shown_and_remarks_are_not():
    done = told(saying("pass"))
    assert done.stderr.splitlines() == [
        *FAULTS,
        "after",
        "I0000 00:00:1.0 1 a.cc:1] a remark later",
    ]


def test_an_error_while_loading_is_shown_with_all_that_was_said_before():
    done = told(saying("import no_such_library"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[: len(FAULTS)] == list(FAULTS)
    assert "ModuleNotFoundError: No module named 'no_such_library'" in done.stderr


@pytest.mark.tensorflow
@pytest.mark.parametrize("level", [None, "0"], ids=["as it is", "with all remarks"])
def test_tensorflow_starts_without_a_word_unless_it_is_asked(level):
    environment = {} if level is None else {"TF_CPP_MIN_LOG_LEVEL": level}
    done = told(
        "from training.stages.keras_start import find_device, import_keras; import_keras(); "
        "print(find_device('cpu'))",
        **environment,
    )
    assert (done.returncode, done.stdout) == (0, "/CPU:0\n")
    assert (done.stderr == "") == (level is None)
