"""Attempts at a run: signs of life while a job works, and how each of them ended."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from core.store.connection import Store
from core.store.queries import explore
from tests.factories import make_dataset, make_run
from tests.filling import put
from training.ledger import Attempt, begin_attempt
from training.protocol import Outputs


@pytest.fixture
def begin(tmp_path):
    """Return a function that enters a job at work on one run."""
    store = Store.at(tmp_path / "store.duckdb")
    dataset = make_dataset()
    put(store, dataset)
    run = replace(make_run(dataset), name="net")

    def begun() -> Attempt:
        return begin_attempt(store, run, Outputs(boxes=True), len(dataset.images))

    return begun


def attempts(attempt: Attempt) -> list[dict]:
    with attempt.store.read() as cursor:
        return explore.attempts(cursor, attempt.run_id).to_dict("records")


def test_a_job_gives_signs_of_life(begin):
    job = begin()
    (first,) = attempts(job)
    assert first["pid"] == os.getpid()
    job.beat()
    (second,) = attempts(job)
    job.beat()
    (third,) = attempts(job)
    assert first["started"] <= first["heartbeat"] < second["heartbeat"] < third["heartbeat"]
    assert third["started"] == first["started"]
    assert third["reason"] is None


def test_a_job_that_died_is_closed_at_its_last_sign_of_life_by_the_next(begin):
    dead = begin()
    dead.beat()
    (before,) = attempts(dead)
    begin().end("done", "finished")
    ended = {each["attempt"]: each for each in attempts(dead)}
    assert ended[1]["reason"] == "killed"
    assert ended[1]["ended"] == ended[1]["heartbeat"] == before["heartbeat"]
    assert ended[2]["reason"] == "finished"
    assert ended[2]["ended"] == ended[2]["heartbeat"] > before["heartbeat"]


def test_a_sign_of_life_is_of_one_attempt_alone(begin):
    first = begin()
    second = begin()
    (_, before) = sorted(attempts(first), key=lambda each: each["attempt"])
    first.beat()
    (_, after) = sorted(attempts(first), key=lambda each: each["attempt"])
    assert second.number == 2
    assert after == before
