"""The file of a part is whole or has no name; one that cannot be taken in is told and kept."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.errors import UsageError
from core.store import parts
from core.store.errors import StoreBusyError
from core.store.rejected import Rejected
from core.structures import Prediction
from tests.core.store.spooled import ledger, part_images, written
from tests.factories import make_dataset, make_image, make_predictions


def test_names_ascend_with_time_and_pending_parts_are_found_in_order(tmp_path):
    dataset = make_dataset()
    paths = [written(tmp_path, [each]) for each in make_predictions(dataset)]
    (tmp_path / "1-killed.tmp").touch()
    assert parts.pending_parts(tmp_path) == paths
    assert [part_images(path) for path in paths] == [[image.id] for image in dataset.images]


def test_a_part_that_cannot_be_written_leaves_no_name(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        written(tmp_path, make_predictions(make_dataset()))
    assert parts.pending_parts(tmp_path) == []


def test_a_part_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    steps = []
    fsync = os.fsync

    def note(descriptor):
        kind = "folder" if Path(f"/proc/self/fd/{descriptor}").is_dir() else "file"
        steps.append((kind, len(parts.pending_parts(tmp_path))))
        fsync(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc here")
    monkeypatch.setattr(os, "fsync", note)
    written(tmp_path, make_predictions(make_dataset()))
    assert steps == [("file", 0), ("folder", 1)]


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_a_part_that_is_cut_short_is_told_and_kept(job, tmp_path, keep):
    path = written(tmp_path, job.predictions)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UsageError, match="cannot be read as a part"):
        parts.commit_part(job.store, job.run_id, path)
    assert path.exists()
    assert ledger(job) == []


def test_a_part_that_never_was_is_told(job, tmp_path):
    with pytest.raises(UsageError, match="cannot be read as a part"):
        parts.commit_part(job.store, job.run_id, tmp_path / "none.parquet")


def test_a_part_of_another_dataset_is_refused(job, tmp_path):
    path = written(tmp_path, [Prediction(make_image(99))])
    with pytest.raises(UsageError, match="speaks of image 99, which is not in the split 'val'"):
        parts.commit_part(job.store, job.run_id, path)
    assert path.exists()


def test_a_part_of_a_removed_run_is_refused(job, tmp_path):
    path = written(tmp_path, job.predictions)
    with pytest.raises(UsageError, match="no run with the key 77"):
        parts.commit_part(job.store, 77, path)
    assert path.exists()


def test_a_part_waits_while_the_store_is_busy(job, tmp_path, monkeypatch):
    path = written(tmp_path, job.predictions)
    monkeypatch.setattr(job.store._turnstile, "turn", lambda **_: raise_busy())
    with pytest.raises(StoreBusyError):
        parts.commit_part(job.store, job.run_id, path)
    assert parts.pending_parts(tmp_path) == [path]


def raise_busy():
    raise StoreBusyError("held")


@pytest.mark.parametrize(
    ("predictions", "rejected", "told"),
    [
        ([Prediction(make_image(1)), Prediction(make_image(1))], [], "two predictions of image 1"),
        ([Prediction(make_image(1))], [Rejected("a", "b", image_id=1)], "occurs twice"),
        ([], [Rejected("a.jpg", "b")], "a.jpg: a reject in a part needs the id"),
    ],
)
def test_misuse_is_refused(tmp_path, predictions, rejected, told):
    with pytest.raises(ValueError, match=told):
        written(tmp_path, predictions, rejected)
    assert list(tmp_path.iterdir()) == []


def test_a_part_has_one_row_an_image(tmp_path):
    path = written(tmp_path, make_predictions(make_dataset(label_maps=True), label_maps=True))
    table = pq.read_table(path)
    assert table.schema.equals(parts.SCHEMA)
    assert [len(each) for each in table["objects"].to_pylist()][2] == 0
    assert table.num_rows == 5
