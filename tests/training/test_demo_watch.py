"""How far the demo is, by what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core import jobs
from core.jobs import JobRecord, Step, read_job
from core.store.connection import Store
from core.store.errors import StoreBusyError
from training.demo_watch import Watch


def watch_of(bench, names: tuple[str, ...]) -> Watch:
    runs = dict.fromkeys(names, 10)
    record = JobRecord(bench.store.parent, runs)
    return Watch(Store.at(bench.store), runs, record)


class Told:
    def __init__(self) -> None:
        self.images: list[int] = []
        self.said: list[str] = []

    def update(self, images: int) -> None:
        self.images.append(images)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def test_images_and_finished_runs_are_told_as_the_store_grows(bench) -> None:
    bench.predict("--run", "before")
    names = ("before", "first", "second")
    bench.predict("--run", "no part of it")
    watch, told = watch_of(bench, names), Told()
    assert (watch.answered, watch.total) == (10, 30)
    assert watch.unfinished() == {"first", "second"}
    bench.predict("--run", "second", "--limit", 4)
    watch.look(told)
    assert told.images == [4]
    assert told.said == []
    assert watch.unfinished() == {"first", "second"}
    bench.predict("--run", "second")
    watch.look(told)
    watch.look(told)
    assert told.images == [4, 6, 0]
    (sentence,) = told.said
    assert sentence.startswith("2 of 3 runs: second, 10 images (")
    assert watch.unfinished() == {"first"}


def test_the_record_has_what_the_store_has(bench, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    watch = watch_of(bench, ("first", "second"))
    bench.predict("--run", "second", "--limit", 4)
    watch.look(Told())
    job = read_job(bench.store.parent)
    assert job.steps == (Step("first", 0, 10), Step("second", 4, 10))


def test_a_run_without_scores_is_not_finished(bench) -> None:
    bench.predict("--run", "first")
    with Store.at(bench.store).write() as cursor:
        cursor.execute("DELETE FROM evaluation")
    assert watch_of(bench, ("first",)).unfinished() == {"first"}


def test_a_store_that_others_use_is_looked_at_later(bench, monkeypatch) -> None:
    watch, told = watch_of(bench, ("first",)), Told()
    bench.predict("--run", "first", "--limit", 4)

    @contextmanager
    def busy(store: Store) -> Iterator[None]:
        raise StoreBusyError("in use")
        yield

    with monkeypatch.context() as patched:
        patched.setattr(Store, "read", busy)
        watch.look(told)
    assert watch.answered == 0
    watch.look(told)
    assert told.images == [0, 4]
