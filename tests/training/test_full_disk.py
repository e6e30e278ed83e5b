"""A job that meets a full disk says so, and goes on where it was once there is room."""

from __future__ import annotations

import resource
import subprocess

import pytest

from tests.training import fake

# bytes that a file may have: too few for the job's number, for a part, for its rows in the store
ROOMS = (0, 1_500, 9_000)


@pytest.mark.parametrize("room", ROOMS)
def test_a_job_on_a_full_disk_ends_and_can_be_started_again(bench, room) -> None:
    command = fake.command(*bench.arguments())
    done = subprocess.run(
        command,
        cwd=fake.ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, -1)),
    )
    assert done.returncode == 1
    assert "Make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert bench.predict() == 0
    assert bench.status() == "done"
    assert len(bench.answers()[0]) == 10
