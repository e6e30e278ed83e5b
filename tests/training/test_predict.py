"""The prediction job from its command line, with a system in plain NumPy."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable

import pytest

from core.store import parts
from core.store.connection import Store
from core.store.errors import StoreBusyError
from core.store.rows import load_dataset
from core.structures import Prediction
from tests.training import fake
from training import job, spool

ATTEMPTS = "SELECT attempt, pid, ended IS NOT NULL, reason FROM run_attempt WHERE run_id = $run"


def test_a_job_answers_every_image_and_evaluates(bench, capsys) -> None:
    assert bench.predict() == 0
    assert bench.status() == "done"
    images, objects, labels, matches = bench.answers()
    assert images == [(f"{index}.png", True) for index in range(10)]
    assert len(objects) == 30
    assert [len(probabilities) for _, probabilities in labels] == [3] * 10
    assert len(matches) == 60
    printed = capsys.readouterr()
    assert "It is a fake." in printed.out
    assert "box AP" in printed.out
    assert "10 of 10 images" in printed.err
    assert bench.ask(ATTEMPTS) == [(1, os.getpid(), True, "done")]
    assert not list(bench.spool().glob("*.parquet"))


def test_what_changes_predictions_is_kept_with_the_run(bench) -> None:
    bench.predict("--shout", "--batch", 3, "--run", "loud one")
    row = bench.ask(
        "SELECT system, weights, length(weights_sha256), device, settings->>'shout', "
        "settings->>'batch', versions->>'numpy' IS NOT NULL, has_boxes, has_masks, "
        "has_label_maps, expected_images FROM run WHERE run_id = $run",
        "loud one",
    )
    assert row == [("fake", "fake.bin", 64, "abacus", "true", "3", True, True, True, False, 10)]


def test_doing_it_again_does_nothing_and_says_so(bench, capsys) -> None:
    bench.predict()
    before = bench.answers()
    capsys.readouterr()
    assert bench.predict() == 0
    assert "all of 10 images answered already" in capsys.readouterr().out
    assert bench.answers() == before
    assert len(bench.ask(ATTEMPTS)) == 1


def test_several_splits_are_answered_by_a_system_that_is_loaded_once(
    bench, tmp_path, capsys
) -> None:
    fake.make_dataset(bench.store, tmp_path / "more images", 6, "test")
    splits = ("--split", "val", "--split", "test", "--split", "val")
    assert bench.predict(*splits, "--run", "both") == 0
    assert capsys.readouterr().out.count("It is a fake.") == 1
    assert len(bench.answers("both val")[0]) == 10
    assert len(bench.answers("both test")[0]) == 6
    assert bench.status("both test") == "done"
    assert bench.predict(*splits) == 0
    assert bench.answers("fake-noise-val") == bench.answers("both val")
    assert bench.answers("fake-noise-test") == bench.answers("both test")


def test_nothing_is_begun_where_one_of_the_splits_cannot_be(bench, tmp_path, capsys) -> None:
    fake.make_dataset(bench.store, tmp_path / "more images", 6, "test")
    splits = ("--split", "val", "--split", "test")
    assert bench.predict("--split", "test", "--shout", "--run", "both test") == 0
    assert bench.predict(*splits, "--run", "both") == 2
    assert "named 'both test' already" in capsys.readouterr().err
    assert bench.ask("SELECT name FROM run") == [("both test",)]


def test_a_stop_leaves_the_splits_that_follow(bench, tmp_path, monkeypatch, capsys) -> None:
    fake.make_dataset(bench.store, tmp_path / "more images", 6, "test")
    answered = fake.FakeSystem.predict

    def stopped(system, photographs):
        os.kill(os.getpid(), signal.SIGTERM)
        return answered(system, photographs)

    monkeypatch.setattr(fake.FakeSystem, "predict", stopped)
    assert bench.predict("--split", "val", "--split", "test") == 1
    assert "Stopped by SIGTERM: 4 of 10 images" in capsys.readouterr().out
    assert bench.ask("SELECT name, status FROM run") == [("fake-noise-val", "stopped")]


def test_a_limit_stops_early_and_the_rest_follows(bench, capsys) -> None:
    assert bench.predict("--limit", 3) == 0
    assert bench.status() == "stopped"
    assert len(bench.answers()[0]) == 3
    assert "3 of 10 images answered" in capsys.readouterr().out
    bench.predict()
    assert bench.status() == "done"
    bench.predict("--run", "at once")
    assert bench.answers() == bench.answers("at once")


def test_a_limit_below_one_is_refused(bench, capsys) -> None:
    assert bench.predict("--limit", 0) == 2
    assert "--limit is 0; expected 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        pytest.param(["--shout"], "shout was false, is true now", id="settings"),
        pytest.param(["--split", "test"], "the split is 'val' there, 'test' here", id="split"),
    ],
)
def test_a_name_that_means_another_run_is_refused(bench, tmp_path, capsys, more, told) -> None:
    fake.make_dataset(bench.store, tmp_path / "test images", 2, split="test")
    bench.predict("--run", "mine")
    before = bench.answers("mine")
    capsys.readouterr()
    assert bench.predict("--run", "mine", *more) == 2
    assert told in capsys.readouterr().err
    assert bench.answers("mine") == before


def test_other_weights_under_the_same_name_are_refused(bench, capsys) -> None:
    bench.predict("--limit", 4)
    bench.weights.write_bytes(b"other weights")
    assert bench.predict() == 2
    said = capsys.readouterr().err
    assert "the weights have the SHA-256" in said
    assert "python -m core remove fake-noise-val" in said
    assert len(bench.answers()[0]) == 4


def test_a_second_job_on_the_same_run_is_refused_at_once(bench, capsys) -> None:
    bench.predict("--limit", 4)
    with (bench.spool() / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("4711\n")
        held.flush()
        assert bench.predict() == 2
        assert "Process 4711 is at work on the run 'fake-noise-val'" in capsys.readouterr().err
        assert bench.predict("--run", "another") == 0
    assert bench.predict() == 0


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "", " ", "x" * 200, "a\nb"])
def test_a_run_name_that_is_no_folder_is_refused(bench, capsys, name) -> None:
    expected = 0 if name == "" else 2  # an empty name is no name: the default is taken
    assert bench.predict("--run", name) == expected
    assert (bench.store.parent / "spool").exists() == (expected == 0)


def test_an_unknown_data_set_is_named(bench, capsys) -> None:
    assert bench.predict("--dataset", "silence") == 2
    assert "no data set named 'silence'" in capsys.readouterr().err


def test_images_with_leftover_parts_are_not_answered_again(bench, monkeypatch) -> None:
    monkeypatch.setattr(spool, "commit_part", busy)
    monkeypatch.setattr(spool, "PART_IMAGES", 2)
    assert bench.predict("--limit", 5) == 2
    assert len(list(bench.spool().glob("*.parquet"))) >= 2
    assert bench.status() == "failed"
    assert bench.answers()[0] == []
    monkeypatch.setattr(spool, "commit_part", parts.commit_part)
    seen: list[int] = []
    monkeypatch.setattr(job, "answer", spying(seen))
    assert bench.predict() == 0
    assert len(seen) == 5
    bench.predict("--run", "at once")
    assert bench.answers() == bench.answers("at once")


def test_a_busy_store_does_not_stop_the_work(bench, monkeypatch, capsys) -> None:
    calls: list[object] = []

    def at_first_busy(*arguments: object) -> bool:
        calls.append(arguments)
        return busy() if len(calls) < 3 else parts.commit_part(*arguments)

    monkeypatch.setattr(spool, "commit_part", at_first_busy)
    monkeypatch.setattr(spool, "PART_IMAGES", 4)
    assert bench.predict() == 0
    assert "answers wait in the spool" in capsys.readouterr().err
    assert len(bench.answers()[0]) == 10


def test_parts_of_a_removed_run_of_the_same_name_are_thrown_away(bench, monkeypatch) -> None:
    monkeypatch.setattr(spool, "commit_part", busy)
    bench.predict("--shout")
    monkeypatch.setattr(spool, "commit_part", parts.commit_part)
    with Store.at(bench.store).write() as cursor:
        cursor.execute("DELETE FROM run_attempt")
        cursor.execute("DELETE FROM run")
    assert list(bench.spool().glob("*.parquet"))
    bench.predict()
    bench.predict("--run", "clean")
    assert bench.answers() == bench.answers("clean")


def test_a_part_written_twice_counts_once(bench, monkeypatch) -> None:
    """As after a kill between taking in a part and deleting its file."""
    bench.predict("--limit", 5)
    again = [
        Prediction(image, seconds=9.0)
        for image in load_dataset(Store.at(bench.store), "noise", "val").images[:6]
    ]
    parts.write_part(parts.part_path(bench.spool()), again)
    bench.predict()
    counts = bench.ask(
        "SELECT count(*), count(DISTINCT image_id), count(*) FILTER (seconds = 9) "
        "FROM prediction_image WHERE run_id = $run"
    )
    assert counts == [(10, 10, 1)]


def test_going_on_removes_the_evaluation_of_the_part(bench, monkeypatch) -> None:
    bench.predict("--limit", 5)
    monkeypatch.setattr(job, "answer", failing)
    with pytest.raises(ZeroDivisionError):
        run_without_net(bench)
    assert bench.ask("SELECT count(*) FROM evaluation WHERE run_id = $run") == [(0,)]
    assert bench.status() == "failed"


def test_other_surroundings_are_told(bench, monkeypatch, capsys) -> None:
    bench.predict("--limit", 5)
    monkeypatch.setattr(fake.FakeSystem, "device", "two abaci")
    bench.predict()
    said = capsys.readouterr().out
    assert 'the device was "abacus", is "two abaci" now' in said


def busy(*arguments: object) -> bool:
    raise StoreBusyError("the store is busy")


def failing(*arguments: object) -> None:
    raise ZeroDivisionError


def run_without_net(bench) -> int:
    """Run the command without the net that turns faults into a sentence."""
    from training.__main__ import build_parser

    options = build_parser().parse_args(bench.arguments())
    return int(options.run(options))


def spying(seen: list[int]) -> Callable[..., object]:
    original = job.answer

    def answer(system, photographs, class_count):
        seen.extend(each.record.id for each in photographs)
        return original(system, photographs, class_count)

    return answer
