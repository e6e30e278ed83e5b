"""Commands side by side: how many, in which order, and how they are stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.workers import Command, Workers

WAITS_FOR_GO = (
    "import pathlib, sys, time\n"
    "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.005)\n"
    "print('said', sys.argv[2]); sys.exit(int(sys.argv[3]))"
)
WAITS_FOR_EVER = "import time\nwhile True: time.sleep(1)"


def waiting_commands(go: Path, statuses: list[int]) -> list[Command]:
    return [
        Command(f"job {number}", ("-c", WAITS_FOR_GO, str(go), str(number), str(status)))
        for number, status in enumerate(statuses)
    ]


def test_never_more_than_some_are_at_work_and_each_is_told_once(tmp_path):
    go, logs = tmp_path / "go", tmp_path / "logs"
    workers = Workers(waiting_commands(go, [0, 3, 0]), 2, logs)
    assert workers.ended() == []
    # a log is there as soon as its command is at work
    assert sorted(path.name for path in logs.iterdir()) == ["job 0.log", "job 1.log"]
    assert workers.ended() == []
    assert len(list(logs.iterdir())) == 2
    go.touch()
    told = []
    while workers.busy:
        told += workers.ended()
    assert sorted((each.command.name, each.status) for each in told) == [
        ("job 0", 0),
        ("job 1", 3),
        ("job 2", 0),
    ]
    assert {each.log.read_text() for each in told} == {"said 0\n", "said 1\n", "said 2\n"}


def test_a_command_waits_until_those_before_it_are_over_and_lets_others_pass(tmp_path):
    go = tmp_path / "go"
    first, second = waiting_commands(go, [0, 3])
    last = Command("last", ("-c", "print('late')"), frozenset({"job 0", "job 1"}))
    lone = Command("lone", ("-c", "print('at once')"))
    workers = Workers([first, last, second, lone], 3, tmp_path)
    assert workers.ended() == []
    assert {path.stem for path in tmp_path.glob("*.log")} == {"job 0", "job 1", "lone"}
    go.touch()
    told = []
    while workers.busy:
        told += [each.command.name for each in workers.ended()]
    assert told[-1] == "last"
    assert sorted(told) == ["job 0", "job 1", "last", "lone"]


@pytest.mark.parametrize(("how", "status"), [("stop", -15), ("kill", -9)])
def test_stopping_ends_those_at_work_and_starts_no_other(tmp_path, how, status):
    commands = [Command(name, ("-c", WAITS_FOR_EVER)) for name in "abc"]
    workers = Workers(commands, 2, tmp_path)
    workers.ended()
    getattr(workers, how)()
    told = []
    while workers.busy:
        told += workers.ended()
    assert [each.status for each in told] == [status, status]
    assert not (tmp_path / "c.log").exists()


def test_the_users_ctrl_c_does_not_reach_them_and_they_share_the_machine(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    code = "import os; print(os.getpgrp(), os.environ['OMP_NUM_THREADS'])"
    workers = Workers([Command("a", ("-c", code))], 1, tmp_path)
    while workers.busy:
        told = workers.ended()
    group, threads = told[0].log.read_text().split()
    assert int(group) != os.getpgrp()
    assert threads == "1"
