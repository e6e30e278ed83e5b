"""The processes that answer: asked in turn, started anew when they are gone, never waited for."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Future

import pytest

from core.exchange import Message
from core.structures import ImageRecord
from pages.ui.answering.pool import KEPT_ANSWERS, Listed, Pool, Question, answer_of
from pages.ui.answering.worker import Worker, WorkerLostError

PATIENCE = 60.0
# stands in for `python -m training answer`: echoes, ends or hangs as it is told
SCRIPT = """
import os, sys, time
from core.exchange import Message, receive, send
print("importing", file=sys.stderr)
send(1, Message({"doing": "importing"}))
send(1, Message({"reply": "ready"}))
while True:
    try:
        asked = receive(0).header
    except EOFError:
        sys.exit(0)
    if "die" in asked:
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(asked["die"])
    if "hang" in asked:
        time.sleep(600)
    send(1, Message({"reply": "echo", "pid": os.getpid(), **asked}))
    if "leave" in asked:
        os._exit(0)
"""
IMAGE = ImageRecord(1, "a", "a.png", 3, 4)


@pytest.fixture
def make(monkeypatch):
    """Return a function that makes a worker; all are closed after the test."""
    workers = []

    def made(seconds: float = PATIENCE, code: str = SCRIPT) -> Worker:
        workers.append(Worker("none", seconds, ("-c", code)))
        return workers[-1]

    yield made
    for worker in workers:
        worker.close()


def echo(worker: Worker, **header) -> dict:
    return worker.ask(Message(header)).result(PATIENCE).header


def test_one_process_answers_all_in_their_order(make):
    worker = make()
    replies = [worker.ask(Message({"n": n})) for n in range(5)]
    found = [reply.result(PATIENCE).header for reply in replies]
    assert [each["n"] for each in found] == list(range(5))
    assert {each["pid"] for each in found} == {worker.pid}
    assert worker.restarts == 0


def test_a_process_that_was_killed_is_started_again(make):
    worker = make()
    first = echo(worker)["pid"]
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert echo(worker, n=2)["pid"] not in (first, None)
    assert worker.restarts == 1


def test_one_that_dies_of_a_question_is_told_and_the_next_is_answered(make):
    worker = make()
    with pytest.raises(WorkerLostError, match=r"exit status 7\): out of luck"):
        echo(worker, die=7)
    assert echo(worker, n=1)["n"] == 1


def test_one_that_left_for_want_of_questions_is_not_missed(make):
    worker = make()
    first = echo(worker, leave=True)["pid"]
    assert echo(worker, n=1)["pid"] != first
    assert worker.restarts == 1


def test_one_that_takes_too_long_is_ended(make):
    worker = make(seconds=0.0)
    with pytest.raises(WorkerLostError, match="took too long"):
        echo(worker, hang=True)
    assert worker.pid is None


def test_one_that_cannot_start_is_told(make):
    with pytest.raises(WorkerLostError, match=r"exit status 1\): No module named torch"):
        echo(make(code="import sys; sys.exit('No module named torch')"))


def test_a_closed_worker_leaves_no_process(make):
    worker = make()
    pid = echo(worker)["pid"]
    last = worker.ask(Message({"n": 1}))
    worker.close()
    assert last.result(PATIENCE).header["n"] == 1
    worker.thread.join(PATIENCE)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


class Counting:
    """A worker that only notes what it is asked."""

    doing, since, waiting, restarts = "", 0.0, 0, 0

    def __init__(self, framework: str) -> None:
        self.asked: list[tuple[Message, Future]] = []

    def ask(self, message: Message) -> Future:
        self.asked.append((message, Future()))
        return self.asked[-1][1]


def question(system: str = "one", content: bytes = b"x", **more) -> Question:
    listed = Listed(system, "", "none", False, True, "demo weights", {}, {})
    return Question(listed, ("a",), IMAGE, content, **more)


def test_the_same_question_is_asked_once_and_again_only_after_a_loss():
    pool = Pool(Counting)
    first = pool.ask(question())
    assert pool.ask(question()) is first
    (worker,) = pool.workers.values()
    for other in (question("two"), question(content=b"y"), question(points=((1, 1, 1),))):
        assert pool.ask(other) is not first
    assert [each.header["ask"] for each, _ in worker.asked] == ["answer"] * 3 + ["segment"]
    first.set_exception(WorkerLostError("gone"))
    assert answer_of(question(), first).refused == "gone"
    assert pool.ask(question()) is not first
    assert len(worker.asked) == 5


def test_answers_are_not_kept_without_end():
    pool = Pool(Counting)
    for number in range(KEPT_ANSWERS + 1):
        pool.ask(question(content=str(number).encode()))
    (worker,) = pool.workers.values()
    pool.ask(question(content=str(KEPT_ANSWERS).encode()))
    assert len(worker.asked) == KEPT_ANSWERS + 1
    pool.ask(question(content=b"0"))
    assert len(worker.asked) == KEPT_ANSWERS + 2
