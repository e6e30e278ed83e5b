"""A part is in the store once, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.errors import UsageError
from core.store import parts, rows
from core.store.check import check
from core.store.errors import StoreBusyError
from core.store.rejected import Rejected
from core.structures import Prediction
from tests.core.store.test_rows import assert_same_array, assert_same_objects
from tests.factories import make_dataset, make_image, make_predictions, make_run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def job(stored):
    """Return the stored data set with a second run that nothing is known of yet."""
    with stored.store.write() as cursor:
        run_id = rows.insert_run(
            cursor,
            make_run(stored.dataset, "job"),
            has_boxes=True,
            has_masks=True,
            has_label_maps=True,
            expected_images=5,
            status="running",
        )
    return stored._replace(run_id=run_id)


def count(job, table: str) -> int:
    with job.store.read() as cursor:
        question = f"SELECT count(*) FROM {table} WHERE run_id = ?"
        return cursor.execute(question, [job.run_id]).fetchall()[0][0]


def ledger(job) -> list[tuple]:
    with job.store.read() as cursor:
        return cursor.execute(
            "SELECT part_id, images FROM part WHERE run_id = ? ORDER BY part_id", [job.run_id]
        ).fetchall()


def rejects(job) -> list[tuple]:
    with job.store.read() as cursor:
        return cursor.execute(
            "SELECT source_id, stage, message, attempts FROM rejected JOIN image USING (image_id) "
            "WHERE run_id = ? ORDER BY source_id",
            [job.run_id],
        ).fetchall()


def written(folder: Path, predictions, rejected=()) -> Path:
    path = parts.part_path(folder)
    parts.write_part(path, predictions, rejected)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"label_maps": True},
        {"masks": False},
        {"objects": False, "label_maps": True},
        {"objects": False},
    ],
    ids=["all", "boxes", "label maps", "nothing found"],
)
def test_predictions_come_through_a_part_as_they_were(job, tmp_path, options):
    predictions = make_predictions(job.dataset, **options)
    with job.store.write() as cursor:
        has_masks = options.get("masks", True)
        cursor.execute("UPDATE run SET has_masks = ?", [has_masks])
    assert parts.commit_part(job.store, job.run_id, written(tmp_path, predictions[::-1])) is True
    with job.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        maps = dict(rows.prediction_map_blobs(cursor, job.run_id))
        for each in predictions:
            there = rows.load_objects(cursor, job.run_id, keys[each.image.id])
            if each.objects is not None:
                assert_same_objects(there, each.objects)
            else:
                assert len(there) == 0
        question = "SELECT image_id, seconds FROM prediction_image WHERE run_id = ?"
        seconds = cursor.execute(question, [job.run_id]).fetchall()
    assert dict(seconds) == {keys[each.image.id]: each.seconds for each in predictions}
    assert list(maps) == [keys[each.image.id] for each in predictions if each.label_map is not None]


def test_a_part_and_a_plain_insert_store_the_same_rows(job, tmp_path):
    parts.commit_part(job.store, job.run_id, written(tmp_path, job.predictions))
    with job.store.read() as cursor:
        for table in ("prediction_image", "prediction_object", "prediction_map"):
            question = f"SELECT * EXCLUDE (run_id) FROM {table} WHERE run_id = ? ORDER BY ALL"
            ours, plain = (
                cursor.execute(question, [run_id]).fetchall() for run_id in (job.run_id, 1)
            )
            assert ours == plain
        ours, plain = (rows.prediction_table(cursor, run_id) for run_id in (job.run_id, 1))
    assert_same_array(ours.boxes, plain.boxes)
    assert check(job.store) == []


def test_a_part_counts_once_however_often_it_is_tried(job, tmp_path):
    path = written(tmp_path, job.predictions)
    copy = path.read_bytes()
    assert parts.commit_part(job.store, job.run_id, path) is True
    assert not path.exists()
    before = job.store.version()
    assert parts.commit_part(job.store, job.run_id, path) is False
    assert job.store.version() == before
    path.write_bytes(copy)
    assert parts.commit_part(job.store, job.run_id, path) is False
    assert not path.exists()
    assert count(job, "prediction_image") == len(job.predictions)
    assert ledger(job) == [(f"{job.run_id}/{path.stem}", 5)]


def test_images_of_two_parts_are_taken_once(job, tmp_path):
    first = written(tmp_path, job.predictions[:3])
    second = written(tmp_path, make_predictions(job.dataset, label_maps=True, seed=9)[2:])
    for path in (first, second):
        assert parts.commit_part(job.store, job.run_id, path) is True
    assert [images for _, images in ledger(job)] == [3, 2]
    assert count(job, "prediction_image") == 5
    with job.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        there = rows.load_objects(cursor, job.run_id, keys[5])
    assert_same_objects(there, job.predictions[2].objects)
    assert check(job.store) == []


def test_parts_of_two_runs_may_bear_one_name(job, tmp_path):
    path = written(tmp_path, job.predictions)
    copy = path.read_bytes()
    with job.store.write() as cursor:
        other = rows.insert_run(
            cursor,
            make_run(job.dataset, "other"),
            has_boxes=True,
            has_masks=True,
            has_label_maps=True,
            expected_images=5,
            status="running",
        )
    parts.commit_part(job.store, job.run_id, path)
    path.write_bytes(copy)
    assert parts.commit_part(job.store, other, path) is True
    assert count(job._replace(run_id=other), "prediction_image") == 5


def test_rejects_are_replaced_by_later_ones_and_removed_by_an_answer(job, tmp_path):
    def reject(image_id, message, attempts):
        return Rejected(f"{image_id}.jpg", message, "decode", image_id, attempts)

    commit = [
        ([job.predictions[0]], [reject(3, "cut short", 1), reject(5, "no image", 1)]),
        ([], [reject(3, "still cut short", 2), reject(2, "too late", 1)]),
        ([job.predictions[2]], []),
    ]
    for predictions, rejected in commit:
        path = written(tmp_path, predictions, rejected)
        wanted = [each.image.id for each in predictions] + [each.image_id for each in rejected]
        assert parts.part_images(path) == wanted
        parts.commit_part(job.store, job.run_id, path)
    assert rejects(job) == [(3, "decode", "still cut short", 2)]
    assert count(job, "prediction_image") == 2


def test_names_ascend_with_time_and_pending_parts_are_found_in_order(tmp_path):
    dataset = make_dataset()
    paths = [written(tmp_path, [each]) for each in make_predictions(dataset)]
    (tmp_path / "1-killed.tmp").touch()
    assert parts.pending_parts(tmp_path) == paths
    assert [parts.part_images(path) for path in paths] == [[image.id] for image in dataset.images]


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
