"""Systems in TensorFlow, each file of cases in a process of its own.

TensorFlow before torchvision crashes a process, so the cases are not collected with the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tensorflow

CASES = Path(__file__).parent / "keras_cases"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["answer", "digits", "unet_keras", "tfrecords"])
def test_cases(name: str):
    arguments = ["-q", "-p", "no:cacheprovider", "--no-header", str(CASES / f"cases_{name}.py")]
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
