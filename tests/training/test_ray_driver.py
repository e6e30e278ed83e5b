"""What the driver of a cluster does, and each worker, in this process and without Ray."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.store import parts as store_parts
from core.store.part_folders import RemoteFolder
from tests.training import fake
from tests.training.test_predict import busy
from training import collector, ray_cluster, ray_engine, ray_worker
from training.ray_cluster import Share

ROOT = Path(__file__).resolve().parents[2]


class NoCluster:
    """Two workers that are this process."""

    def __init__(self, address: str | None, least_cpus: int) -> None:
        assert least_cpus == 2

    def share(self, workers: int | None, cpus: int, *, graphics: bool) -> Share:
        return Share(workers or 1, cpus, 0)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def ray_bench(make_bench, monkeypatch):
    monkeypatch.setattr(ray_engine, "Cluster", NoCluster)
    monkeypatch.setattr(ray_engine.RayEngine, "_described", described)
    monkeypatch.setattr(ray_engine.RayEngine, "_replies", answered_here)
    bench = make_bench(40)
    Image.new("RGB", (16, 12), fake.POISON).save(bench.images / "3.png")
    return bench


def described(engine, plan) -> dict:
    return ray_worker.describe(ray_worker.work_of(plan, "auto"))


def answered_here(engine, plan, attempt, records, wish) -> Iterator[dict]:
    work = ray_worker.work_of(plan, "auto", *engine._place(plan, attempt))
    worker = ray_worker.Worker(work)
    for chunk in engine._chunks(plan, attempt, records):
        yield worker(chunk)


def by_ray(bench, *more: object) -> int:
    return bench.predict("--engine", "ray", "--workers", 2, "--run", "there", *more)


@pytest.mark.parametrize("place", ["", "shared", "memory://bucket/folder", "file"])
def test_parts_of_any_folder_come_into_the_store_as_answers_of_this_process_do(
    ray_bench, tmp_path, place, capsys
) -> None:
    address = {"shared": tmp_path / "a b", "file": f"file://{tmp_path}/c"}.get(place, place)
    assert by_ray(ray_bench, *(("--parts", address) if place else ())) == 0
    ray_bench.predict("--run", "here")
    assert ray_bench.answers("there") == ray_bench.answers("here")
    rejects = "SELECT image_id, stage, message FROM rejected WHERE run_id = $run"
    assert ray_bench.ask(rejects, "there") == ray_bench.ask(rejects, "here") != []
    assert ray_bench.status("there") == "done_with_rejects"
    assert "40 of 40 images, 1 rejected" in capsys.readouterr().err
    assert not [*tmp_path.rglob("*.parquet"), *tmp_path.rglob("*.tmp")]


def test_a_run_comes_in_by_one_commit(ray_bench, monkeypatch) -> None:
    commits: list[int] = []

    def noted(store, run_id, folder, names):
        commits.append(len(names))
        return store_parts.commit_parts(store, run_id, folder, names)

    monkeypatch.setattr(collector, "commit_parts", noted)
    assert by_ray(ray_bench) == 0
    assert commits == [5]  # 40 images for 2 workers: chunks of 8


@pytest.mark.parametrize("place", ["", "memory://killed"])
def test_parts_that_a_killed_driver_left_are_taken_up(ray_bench, place, monkeypatch) -> None:
    more = ("--parts", place) if place else ()
    with monkeypatch.context() as patch:
        patch.setattr(collector, "commit_parts", busy)
        assert by_ray(ray_bench, *more) == 2
    assert ray_bench.answers("there")[0] == []
    seen: list[str] = []
    monkeypatch.setattr(
        ray_engine.Progress, "update", lambda progress, images, _: seen.append(images)
    )
    assert by_ray(ray_bench, *more) == 0
    assert seen == [1]  # the reject alone
    ray_bench.predict("--run", "here")
    assert ray_bench.answers("there") == ray_bench.answers("here")


def test_chunks_of_the_next_attempt_are_not_taken_for_those_of_the_last(ray_bench) -> None:
    assert by_ray(ray_bench, "--limit", 8) == 0
    assert len(ray_bench.answers("there")[0]) == 7
    assert by_ray(ray_bench) == 0
    ray_bench.predict("--run", "here")
    assert ray_bench.answers("there") == ray_bench.answers("here")


def test_many_parts_come_in_while_workers_are_at_work(ray_bench, monkeypatch) -> None:
    monkeypatch.setattr(collector, "PARTS_A_COMMIT", 2)
    there: list[int] = []

    def watched(engine, plan, attempt, records, wish):
        for reply in answered_here(engine, plan, attempt, records, wish):
            there.append(len(ray_bench.answers("there")[0]))
            yield reply

    monkeypatch.setattr(ray_engine.RayEngine, "_replies", watched)
    assert by_ray(ray_bench) == 0
    assert there == [0, 0, 15, 15, 31]
    assert len(ray_bench.answers("there")[0]) == 39


def test_a_chunk_that_comes_again_is_not_answered_again(ray_bench, monkeypatch) -> None:
    """As after a worker that was killed between writing its part and saying so."""

    def twice(engine, plan, attempt, records, wish):
        yield from answered_here(engine, plan, attempt, records, wish)
        monkeypatch.setattr(ray_worker, "load", None)
        yield from answered_here(engine, plan, attempt, records, wish)

    monkeypatch.setattr(ray_engine.RayEngine, "_replies", twice)
    assert by_ray(ray_bench) == 0
    assert len(ray_bench.answers("there")[0]) == 39


def other_versions(work) -> None:
    work.versions["numpy"] = "0.1"


def other_weights(work) -> None:
    work.weights["fake"].path.write_bytes(b"other")


def no_images(work) -> None:
    work.images.rename(work.images.with_name("gone"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (other_versions, r'numpy was "0.1", is "[\d.]+" now'),
        (other_weights, r"fake.bin is another file there \(SHA-256 [0-9a-f]{64}\)"),
        (no_images, r"there is no folder .*images with the data set's images"),
    ],
)
def test_a_worker_that_differs_is_refused_and_the_rest_goes_on_later(
    ray_bench, monkeypatch, capsys, change, told
) -> None:
    load = ray_worker.load
    loaded: list[object] = []

    def changed(work):
        if loaded:
            change(work)
        loaded.append(work)
        return load(work)

    monkeypatch.setattr(ray_worker, "load", changed)
    assert by_ray(ray_bench) == 1
    said = capsys.readouterr().err
    assert re.search(told, said)
    assert "the same packages, the weights and the images at the same paths" in said
    assert ray_bench.status("there") == "failed"


def test_a_folder_that_is_not_shared_is_told(ray_bench, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(
        ray_engine.RayEngine, "_folder", lambda *_: ray_engine.folder_at(str(tmp_path / "mine"))
    )
    assert by_ray(ray_bench, "--parts", tmp_path / "theirs") == 1
    assert "they do not share that folder" in capsys.readouterr().err


def test_a_broken_worker_says_where_and_why(ray_bench, monkeypatch, capsys) -> None:
    def full(*_):
        raise OSError("no space")

    monkeypatch.setattr("core.store.part_folders.LocalFolder.write", full)
    assert by_ray(ray_bench) == 1
    assert re.search(r"by a worker on \S+: OSError: no space", capsys.readouterr().err)


def test_without_ray_one_paragraph_says_how_to_install_it(bench, monkeypatch, capsys) -> None:
    monkeypatch.setattr(ray_cluster, "installed_version", lambda _: None)
    assert bench.predict("--engine", "ray") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ray_cluster.INSTALL in said
    assert not bench.spool().exists()
    assert bench.predict() == 0


def test_the_version_that_is_named_is_the_one_that_is_tested() -> None:
    wanted = re.search(r'"(.*)"', ray_cluster.INSTALL)[1]
    assert wanted in (ROOT / "tests" / "requirements.txt").read_text().splitlines()
    assert "ray" not in (ROOT / "requirements.txt").read_text()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--parts", "x"], "--parts is for a cluster; add --engine ray"),
        (["--address", "auto"], "--address is for a cluster"),
        (["--engine", "ray", "--workers", 0], "--workers is 0; expected 1 or more"),
        (["--engine", "ray", "--worker-cpus", -1], "--worker-cpus is -1; expected 1 or more"),
        (["--engine", "ray", "--device", "cuda:1"], "Ray chooses each worker's graphics card"),
    ],
)
def test_options_that_contradict_each_other_are_refused(bench, capsys, more, told) -> None:
    assert bench.predict(*more) == 2
    assert told in capsys.readouterr().err


def test_a_folder_that_cannot_be_opened_is_told_without_its_password(ray_bench, capsys) -> None:
    assert by_ray(ray_bench, "--parts", "nosuch://me:secret@host/a") == 2
    said = capsys.readouterr().err
    assert "nosuch://host/a" in said
    assert "secret" not in said


def test_a_part_of_another_machine_is_read_or_told(tmp_path) -> None:
    folder = ray_engine.folder_at("memory://some/where", "run")
    assert isinstance(folder, RemoteFolder)
    assert folder.pending() == []
    with folder.filesystem.open_output_stream(f"{folder.path}/torn.parquet") as stream:
        stream.write(b"PAR1 torn")
    assert folder.pending() == ["torn.parquet"]
    with pytest.raises(
        store_parts.UsageError, match=r"memory://some/where/run/torn.parquet cannot"
    ):
        folder.read("torn.parquet", store_parts.SCHEMA)
    folder.delete("torn.parquet")
    folder.delete("torn.parquet")
    assert folder.pending() == []


@pytest.mark.parametrize(
    ("images", "workers", "batch", "size"),
    [(40, 2, 4, 8), (1, 8, 4, 4), (10_000, 2, 8, 64), (10_000, 2, 48, 96), (9, 1, 1, 3)],
)
def test_chunks_are_whole_batches_and_every_worker_has_some(images, workers, batch, size) -> None:
    assert ray_engine._chunk_size(images, workers, batch) == size
