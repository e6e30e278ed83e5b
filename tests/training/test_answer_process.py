"""The process that answers: what it writes to its pipe, and when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from core.exchange import receive, send
from tests.training import fake
from tests.training.test_answer import picture, request

PATIENCE = 60.0
# a system that prints, with weights that may be loaded
CODE = (
    "import sys; from training import __main__, systems, weights; "
    "systems.SYSTEMS['fake'] = 'tests.training.fake:FakeSystem'; weights.CODELESS = ('.bin',); "
    "from tests.training.fake import FakeSystem as F; one = F._one; "
    "F._one = lambda self, photograph: print('noise') or one(self, photograph); "
    "sys.exit(__main__.main(sys.argv[1:]))"
)


@pytest.fixture
def start(tmp_path):
    """Return a function that starts the command; what it started is ended after the test."""
    (tmp_path / "fake.bin").write_bytes(b"weights")
    started = []

    def begin(*options: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, "answer", "none", *options],
            cwd=fake.ROOT,
            env={**os.environ, "OVERLOOK_WEIGHTS": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def received(process: subprocess.Popen) -> dict:
    return receive(process.stdout.fileno(), time.monotonic() + PATIENCE).header


def test_it_says_what_it_does_and_only_messages_reach_the_pipe(start):
    process = start()
    assert received(process) == {"doing": "importing none"}
    assert received(process) == {"reply": "ready"}
    for body in (picture(), picture(fake.POISON)):
        send(process.stdin.fileno(), request(body))
    assert [received(process).get("doing") for _ in range(2)] == [
        "loading fake",
        "fake is answering",
    ]
    assert received(process)["reply"] == "answered"
    assert received(process)["doing"] == "fake is answering"
    assert received(process)["reply"] == "refused"
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read().startswith(b"noise")


def test_it_ends_in_the_midst_of_an_answer_when_whoever_asked_is_gone(start):
    process = start()
    assert [received(process) for _ in range(2)][1] == {"reply": "ready"}
    send(process.stdin.fileno(), request(picture(), settings={"pause": 10 * PATIENCE}))
    assert [received(process)["doing"] for _ in range(2)][1] == "fake is answering"
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


def test_it_ends_when_nobody_asks(start):
    process = start("--idle", "0.01")
    assert process.wait(PATIENCE) == 0


def test_it_ends_with_a_parent_that_was_killed(tmp_path):
    """The parent holds the only other end of the pipe; a grandchild of ours is what is left."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'training', 'answer', 'none'],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.read(1)\nprint(child.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=fake.ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    # the grandchild's end is seen on its pid: it is gone, or a zombie that nobody waited for
    deadline = time.monotonic() + PATIENCE
    while _is_alive(child):
        assert time.monotonic() < deadline, "it outlived its parent"


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_options_out_of_range_are_told(start):
    process = start("--keep", "0")
    assert process.wait(PATIENCE) == 2
    assert b"--keep" in process.stderr.read()


def test_a_message_is_not_what_a_terminal_sends(start):
    process = start()
    process.stdin.write(b"hello, who is there?" + bytes(100))
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
