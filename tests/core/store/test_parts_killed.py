"""A job that is killed, at whatever moment, goes on where it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.store import parts
from core.store.check import check
from tests.core.store.spooled import count, ledger, written

ROOT = Path(__file__).resolve().parents[3]


KILLED_AT = {
    "after the part was written": "os.replace = os.replace",
    "inside the transaction": "parts._take_in = die",
    "before the commit": "parts._take_in = then_die(parts._take_in)",
    "before the file is deleted": "Path.unlink = die",
}


@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_job_that_is_killed_goes_on_where_it_was(job, tmp_path, moment):
    spool = tmp_path / "spool"
    spool.mkdir()
    path = written(spool, job.predictions)
    script = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from core.store import parts
from core.store.connection import Store
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def then_die(act):
    return lambda *given: (act(*given), die())
{KILLED_AT[moment]}
parts.commit_part(Store.at(Path({str(job.store.path)!r})), {job.run_id}, Path({str(path)!r}))
die()
"""
    if moment != "after the part was written":
        done = subprocess.run([sys.executable, "-c", script], check=False, timeout=30)
        assert done.returncode == -signal.SIGKILL
    known = moment == "before the file is deleted"
    assert len(ledger(job)) == known
    assert count(job, "prediction_image") == (5 if known else 0)
    assert parts.pending_parts(spool) == [path]
    assert parts.commit_part(job.store, job.run_id, path) is not known
    assert count(job, "prediction_image") == 5
    assert [images for _, images in ledger(job)] == [5]
    assert parts.pending_parts(spool) == []
    assert check(job.store) == []
