"""A part is in the store once, or not at all."""

from __future__ import annotations

import pytest

from core.store import parts, rows
from core.store.check import check
from core.store.part_folders import LocalFolder
from core.store.rejected import Rejected
from tests.core.store.same import assert_same_array, assert_same_objects
from tests.core.store.spooled import count, ledger, part_images, rejects, written
from tests.factories import make_predictions
from tests.filling import put_run


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
    flags = {"has_label_maps": True, "status": "running"}
    other = put_run(job.store, job.dataset, [], "other", **flags)
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
        assert part_images(path) == wanted
        parts.commit_part(job.store, job.run_id, path)
    assert rejects(job) == [(3, "decode", "still cut short", 2)]
    assert count(job, "prediction_image") == 2


def test_an_image_in_two_parts_of_one_commit_keeps_its_first_answer(job, tmp_path):
    names = [written(tmp_path, each).name for each in (job.predictions, job.predictions[:2])]
    assert parts.commit_parts(job.store, job.run_id, LocalFolder(tmp_path), names) == 2
    assert count(job, "prediction_image") == 5
    assert [images for _, images in ledger(job)] == [5, 0]
    assert parts.pending_parts(tmp_path) == []
    assert check(job.store) == []
