"""What goes into the store comes out of it, to the last bit."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.errors import UsageError
from core.geometry import label_runs
from core.store import loading, object_rows, rows
from core.store.columns import append, object_columns
from core.structures import Annotation, Dataset, Objects, Prediction, Rle
from tests.factories import (
    make_dataset,
    make_image,
    make_label_map,
    make_objects,
    make_predictions,
    make_run,
)

FLAGS = {"has_boxes": True, "has_masks": True, "has_label_maps": False}


def assert_same_array(ours: np.ndarray | None, wanted: np.ndarray | None) -> None:
    assert (ours is None) == (wanted is None)
    if ours is not None and wanted is not None:
        assert (ours.dtype, ours.shape) == (wanted.dtype, wanted.shape)
        assert ours.tobytes() == wanted.tobytes()


def assert_same_objects(ours: Objects | None, wanted: Objects | None) -> None:
    assert (ours is None) == (wanted is None)
    if ours is not None and wanted is not None:
        for name in ("boxes", "categories", "areas", "crowd", "scores"):
            assert_same_array(getattr(ours, name), getattr(wanted, name))
        assert ours.masks == wanted.masks


def assert_same_dataset(ours: Dataset, wanted: Dataset) -> None:
    for name in ("name", "split", "categories", "images", "images_folder", "source", "background"):
        assert getattr(ours, name) == getattr(wanted, name)
    assert list(ours.annotations) == [image.id for image in wanted.images]
    assert len(ours.annotations) == len(wanted.annotations)
    for image_id, annotation in wanted.annotations.items():
        there = ours.annotations[image_id]
        assert there.image == annotation.image
        assert_same_objects(there.objects, annotation.objects)
        assert_same_array(there.label_map, annotation.label_map)


def put(store, dataset, **options):
    with store.write() as cursor:
        return rows.insert_dataset(cursor, dataset, **options)


def put_run(store, dataset, predictions, name="tiny-net", **flags):
    with store.write() as cursor:
        run_id = rows.insert_run(
            cursor,
            make_run(dataset, name),
            **{**FLAGS, **flags},
            expected_images=len(dataset.images),
            status="done",
        )
        keys = rows.image_ids(cursor, dataset.name, dataset.split)
        rows.insert_predictions(cursor, run_id, keys, predictions)
    return run_id


# Data sets


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="objects with masks"),
        pytest.param({"masks": False}, id="objects with boxes alone"),
        pytest.param({"objects": False, "label_maps": True}, id="label maps alone"),
        pytest.param({"label_maps": True, "background": 1}, id="all parts, with a background"),
        pytest.param(
            {"label_maps": True, "classes": [f"class {i}" for i in range(300)]}, id="uint16 maps"
        ),
        pytest.param({"image_ids": [2**40, 2**62]}, id="large ids"),
        pytest.param({"image_ids": []}, id="no images"),
        pytest.param({"name": "it's; größer", "split": "日本"}, id="any name"),
    ],
)
def test_a_dataset_comes_back_as_it_was(store, options):
    dataset = make_dataset(**options)
    if not dataset.images:
        dataset = replace(dataset, annotations={})
    put(store, dataset)
    assert_same_dataset(rows.load_dataset(store, dataset.name, dataset.split), dataset)


def test_numbers_that_a_decimal_text_would_lose_come_back(store):
    dataset = make_dataset(image_ids=[1])
    hostile = np.array([[0.1 + 0.2, np.nextafter(1, 2), 5e-324, 1e308], [-0.0, 1 / 3, 2**53, 1e-9]])
    objects = Objects(
        boxes=hostile,
        categories=np.array([0, 2], np.int32),
        areas=np.array([np.pi, 0.0]),
        crowd=np.array([True, False]),
    )
    image = dataset.images[0]
    dataset = replace(dataset, annotations={1: Annotation(image, objects)})
    put(store, dataset)
    there = rows.load_dataset(store, dataset.name, dataset.split).annotations[1]
    assert_same_objects(there.objects, objects)


def test_blocks_are_seamless(store, monkeypatch):
    monkeypatch.setattr(loading, "IMAGES_PER_BLOCK", 3)
    monkeypatch.setattr(loading, "BLOCKS_KEPT", 2)
    monkeypatch.setattr("core.store.dataset_rows.IMAGES_PER_BLOCK", 4)
    dataset = make_dataset(image_ids=range(10, 40), label_maps=True)
    put(store, dataset)
    loaded = rows.load_dataset(store, dataset.name, dataset.split)
    assert_same_dataset(loaded, dataset)
    for image_id in (39, 10, 24, 11):
        wanted = dataset.annotations[image_id].objects
        assert_same_objects(loaded.annotations[image_id].objects, wanted)
    assert len(loaded.annotations._blocks) == 2


def test_an_unknown_image_is_a_key_error(stored):
    dataset = rows.load_dataset(stored.store, "shapes", "val")
    assert 1 not in dataset.annotations
    with pytest.raises(KeyError):
        dataset.annotations[1]


def test_annotations_can_be_read_inside_a_write(stored):
    dataset = rows.load_dataset(stored.store, "shapes", "val")
    put(stored.store, replace(dataset, split="copy"))
    copied = rows.load_dataset(stored.store, "shapes", "copy")
    assert_same_dataset(copied, replace(stored.dataset, split="copy"))


def test_annotations_of_a_removed_split_are_not_called_empty(stored):
    dataset = rows.load_dataset(stored.store, "shapes", "val")
    with stored.store.write() as cursor:
        rows.remove_run(cursor, stored.run_id)
        rows.remove_dataset_split(cursor, "shapes", "val")
    with pytest.raises(UsageError, match="removed while it was read"):
        dataset.annotations[2]


def test_painted_maps_are_stored_but_are_not_the_annotation(store):
    dataset = make_dataset(label_maps=True)
    put(store, dataset, painted=True)
    loaded = rows.load_dataset(store, "shapes", "val")
    assert all(each.label_map is None for each in loaded.annotations.values())
    with store.read() as cursor:
        blobs = list(rows.annotation_map_blobs(cursor, "shapes", "val"))
        flags = cursor.execute("SELECT has_label_maps, maps_painted FROM split").fetchall()
    wanted = [label_runs.encode(each.label_map) for each in dataset.annotations.values()]
    assert [blob for _, blob in blobs] == wanted
    assert flags == [(True, True)]


def test_keys_ascend_with_the_ids_of_the_files(store):
    dataset = make_dataset(image_ids=[30, 7, 19])
    put(store, dataset)
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
    assert list(keys) == [7, 19, 30]
    assert list(keys.values()) == sorted(keys.values())


def test_splits_share_their_classes(store):
    first = put(store, make_dataset(split="train", image_ids=[1, 2]))
    second = put(store, make_dataset(split="val", image_ids=[1, 2], seed=5))
    assert first == second
    for split, seed in (("train", 0), ("val", 5)):
        wanted = make_dataset(split=split, image_ids=[1, 2], seed=seed)
        assert_same_dataset(rows.load_dataset(store, "shapes", split), wanted)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "already has the split 'val' of 'shapes', read from shapes_val.json"),
        ({"split": "test", "classes": ("cat", "dog")}, "3 classes there and 2 here"),
        ({"split": "test", "classes": ("cat", "cow", "car")}, "class 1 is .*'dog'.*there.*'cow'"),
        ({"split": "test", "background": 2}, "background class is None there and 2 here"),
    ],
)
def test_what_does_not_fit_a_stored_dataset_is_refused(stored, options, told):
    before = stored.store.version()
    with pytest.raises(UsageError, match=told):
        put(stored.store, make_dataset(**options))
    assert stored.store.version() == before


@pytest.mark.parametrize("part", ["objects", "masks", "label maps"])
def test_images_with_different_parts_are_refused(store, part):
    dataset = make_dataset(label_maps=True)
    whole = dataset.annotations[8]
    lacking = {
        "objects": replace(whole, objects=None),
        "masks": replace(whole, objects=replace(whole.objects, masks=None)),
        "label maps": replace(whole, label_map=None),
    }[part]
    mixed = replace(dataset, annotations={**dataset.annotations, 8: lacking})
    with pytest.raises(UsageError, match=f"image 2 has {part}, and image 8 has none"):
        put(store, mixed)


def test_parts_of_another_size_are_refused(store):
    dataset = make_dataset(image_ids=[1], label_maps=True)
    whole = dataset.annotations[1]
    turned = replace(whole, label_map=whole.label_map.T)
    with pytest.raises(UsageError, match=r"label map of image 1 .* is 17 x 12 .* image is 12 x 17"):
        put(store, replace(dataset, annotations={1: turned}))
    masks = tuple(Rle(17, 12, mask.counts) for mask in whole.objects.masks)
    turned = replace(whole, objects=replace(whole.objects, masks=masks))
    with pytest.raises(UsageError, match=r"mask of object 0 of image 1 .* is 17 x 12"):
        put(store, replace(dataset, annotations={1: turned}))


def test_what_a_reader_left_out_is_recorded(store):
    left_out = [
        rows.Rejected("annotations[3]", "the box is empty", image_id=5),
        rows.Rejected("images[9]", "the file is missing", stage="open", attempts=2),
    ]
    put(store, make_dataset(), rejected=left_out)
    with store.read() as cursor:
        found = cursor.execute(
            "SELECT place, source_id, stage, message, attempts, run_id FROM rejected "
            "LEFT JOIN image USING (image_id) ORDER BY place"
        ).fetchall()
    assert found == [
        ("annotations[3]", 5, "read", "the box is empty", 1, None),
        ("images[9]", None, "open", "the file is missing", 2, None),
    ]


@pytest.mark.parametrize(
    ("name", "split", "told"),
    [
        ("shape", "val", "no data set named 'shape' in the store. Data sets there: shapes"),
        ("shapes", "test", "no split 'test' in the store. Splits there: val"),
    ],
)
def test_unknown_names_list_the_known(stored, name, split, told):
    with pytest.raises(UsageError, match=told):
        rows.load_dataset(stored.store, name, split)


# Runs


@pytest.mark.parametrize(
    "parts",
    [
        {"masks": True},
        {"masks": False},
        {"objects": False, "label_maps": True},
        {"masks": True, "label_maps": True},
    ],
    ids=["masks", "boxes", "label maps", "all"],
)
def test_predictions_come_back_as_they_were(store, monkeypatch, parts):
    monkeypatch.setattr("core.store.run_rows.PREDICTIONS_PER_BLOCK", 2)
    dataset = make_dataset()
    put(store, dataset)
    predictions = make_predictions(dataset, **parts)
    has_masks = parts.get("masks", False)
    run_id = put_run(store, dataset, predictions, has_masks=has_masks)
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        maps = dict(rows.prediction_map_blobs(cursor, run_id))
        seconds = dict(cursor.execute("SELECT image_id, seconds FROM prediction_image").fetchall())
        for each in predictions:
            key = keys[each.image.id]
            if each.objects is not None:
                assert_same_objects(rows.load_objects(cursor, run_id, key), each.objects)
            if each.label_map is not None:
                size = (each.image.height, each.image.width)
                assert_same_array(label_runs.decode(maps[key], *size), each.label_map)
            assert seconds[key] == each.seconds
    assert len(maps) == (len(predictions) if parts.get("label_maps") else 0)


def test_what_is_known_of_a_run_comes_back(stored):
    run = make_run(stored.dataset)
    with stored.store.read() as cursor:
        (found,) = cursor.execute(
            "SELECT name, system, split, weights, weights_sha256, device, settings, versions, "
            "status, expected_images, finished IS NOT NULL FROM run"
        ).fetchall()
    assert found[:6] == (run.name, "tiny", "val", "tiny.pt", "f" * 64, "cpu")
    assert json.loads(found[6]) == run.settings
    assert json.loads(found[7]) == run.versions
    assert found[8:] == ("done", 5, True)


def test_a_running_run_has_no_end(stored):
    def state():
        with stored.store.read() as cursor:
            return cursor.execute("SELECT status, finished IS NULL FROM run").fetchall()

    for status, endless in (("running", True), ("stopped", False)):
        with stored.store.write() as cursor:
            rows.set_run_status(cursor, stored.run_id, status)
        assert state() == [(status, endless)]


def test_the_name_of_a_run_is_taken_once(stored):
    with pytest.raises(UsageError, match="already has a run named 'tiny-net'"):
        put_run(stored.store, stored.dataset, [])


def test_a_run_on_an_unknown_split_is_refused(stored):
    with pytest.raises(UsageError, match="no split 'train'"):
        put_run(stored.store, replace(stored.dataset, split="train"), [], name="other")


def test_predictions_of_unknown_images_are_refused(stored):
    foreign = Prediction(make_image(99))
    with pytest.raises(UsageError, match=r"image 99 .* not in the run's split of 5 images"):
        put_run(stored.store, stored.dataset, [foreign], name="other")


def test_an_image_is_answered_once(stored):
    twice = [stored.predictions[0], *stored.predictions]
    with pytest.raises(UsageError, match="Two predictions are of image 2"):
        put_run(stored.store, stored.dataset, twice, name="other")
    with stored.store.write() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        with pytest.raises(UsageError, match="Two predictions are of image 13"):
            rows.insert_predictions(cursor, stored.run_id, keys, stored.predictions[-1:])


def test_predicted_objects_need_scores(stored):
    image = stored.dataset.images[0]
    objects = stored.dataset.annotations[image.id].objects
    with pytest.raises(ValueError, match="predicted on image 2 have no scores"):
        put_run(stored.store, stored.dataset, [Prediction(image, objects=objects)], name="other")


def test_rejects_of_a_run_are_recorded(stored):
    with stored.store.write() as cursor:
        left_out = [rows.Rejected("a.jpg", "broken", stage="decode", image_id=3)]
        rows.insert_rejected(cursor, stored.run_id, left_out)
        found = cursor.execute(
            "SELECT run_id, image.split, source_id, stage FROM rejected JOIN image USING (image_id)"
        ).fetchall()
    assert found == [(stored.run_id, "val", 3, "decode")]


# Tables of objects


def expected_table(parts: list[Objects]) -> dict[str, np.ndarray]:
    return {
        "indices": np.concatenate([np.arange(len(each), dtype=np.int32) for each in parts]),
        "categories": np.concatenate([each.categories for each in parts]),
        "boxes": np.concatenate([each.boxes for each in parts]),
        "areas": np.concatenate([each.areas for each in parts]),
        "crowd": np.concatenate([each.crowd for each in parts]),
    }


def test_the_truth_is_a_table_in_order(stored):
    images = stored.dataset.images
    parts = [stored.dataset.annotations[image.id].objects for image in images]
    with stored.store.read() as cursor:
        keys = list(rows.image_ids(cursor, "shapes", "val").values())
        table = rows.truth_table(cursor, stored.dataset_id, "val")
    for name, wanted in expected_table(parts).items():
        assert_same_array(getattr(table, name), wanted)
    counts = [len(each) for each in parts]
    assert_same_array(table.images, np.repeat(np.array(keys), counts))
    heights = np.array([image.height for image in images], np.int32)
    assert_same_array(table.heights, np.repeat(heights, counts))
    assert table.scores is None
    assert table.masks == [mask.counts for each in parts for mask in each.masks]


def test_the_truth_of_a_split_is_its_own(stored):
    with stored.store.read() as cursor:
        alone = rows.truth_table(cursor, "shapes", "val")
    put(stored.store, make_dataset(split="train", masks=False, seed=4))
    put(stored.store, make_dataset(name="other", seed=5))
    with stored.store.read() as cursor:
        table = rows.truth_table(cursor, "shapes", "val")
        train = rows.truth_table(cursor, "shapes", "train")
    assert_same_array(table.boxes, alone.boxes)
    assert train.masks is None
    parts = [
        each.objects
        for each in make_dataset(split="train", seed=4, masks=False).annotations.values()
    ]
    assert_same_array(train.boxes, expected_table(parts)["boxes"])


def test_predictions_are_a_table_in_order_whatever_the_order_of_insertion(stored):
    backwards = stored.predictions[::-1]
    run_id = put_run(stored.store, stored.dataset, backwards, name="backwards")
    parts = [each.objects for each in stored.predictions]
    with stored.store.read() as cursor:
        table = rows.prediction_table(cursor, run_id)
    for name, wanted in expected_table(parts).items():
        assert_same_array(getattr(table, name), wanted)
    assert_same_array(table.scores, np.concatenate([each.scores for each in parts]))
    assert table.masks == [mask.counts for each in parts for mask in each.masks]


def test_tables_of_some_images(stored):
    with stored.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        wanted = np.array([keys[13], keys[2]])
        for whole, some in (
            (
                rows.truth_table(cursor, "shapes", "val"),
                rows.truth_table(cursor, "shapes", "val", wanted),
            ),
            (
                rows.prediction_table(cursor, stored.run_id),
                rows.prediction_table(cursor, stored.run_id, wanted),
            ),
        ):
            assert_same_array(some.boxes, whole.boxes[np.isin(whole.images, wanted)])
        nothing = rows.prediction_table(cursor, stored.run_id, [])
    assert (len(nothing), nothing.boxes.shape, nothing.masks) == (0, (0, 4), [])


def test_without_masks_the_tables_say_so(store):
    dataset = make_dataset(masks=False)
    put(store, dataset)
    run_id = put_run(store, dataset, make_predictions(dataset, masks=False), has_masks=False)
    with store.read() as cursor:
        assert rows.truth_table(cursor, "shapes", "val").masks is None
        assert rows.prediction_table(cursor, run_id).masks is None


def test_unknown_keys_are_told(stored):
    with stored.store.read() as cursor:
        with pytest.raises(UsageError, match="no run with the key 77"):
            rows.prediction_table(cursor, 77)
        with pytest.raises(UsageError, match="no image with the key 77"):
            rows.load_objects(cursor, stored.run_id, 77)


def test_label_maps_come_in_blocks_and_ranges(stored, monkeypatch):
    monkeypatch.setattr(object_rows, "MAPS_PER_BLOCK", 2)
    with stored.store.read() as cursor:
        keys = rows.image_ids(cursor, "shapes", "val")
        everything = dict(rows.annotation_map_blobs(cursor, "shapes", "val"))
        some = list(rows.annotation_map_blobs(cursor, "shapes", "val", keys[3], keys[8]))
        meanwhile = [
            (key, cursor.execute("SELECT 1").fetchall())
            for key, _ in rows.prediction_map_blobs(cursor, stored.run_id, first=keys[5])
        ]
    assert list(everything) == list(keys.values())
    for image_id, annotation in stored.dataset.annotations.items():
        assert everything[keys[image_id]] == label_runs.encode(annotation.label_map)
    assert some == [(keys[each], everything[keys[each]]) for each in (3, 5, 8)]
    assert [key for key, _ in meanwhile] == [keys[each] for each in (5, 8, 13)]


# Evaluation, and removal


def evaluation_blocks(stored, seed):
    rng = np.random.default_rng(seed)
    with stored.store.read() as cursor:
        table = rows.prediction_table(cursor, stored.run_id)
        keys = list(rows.image_ids(cursor, "shapes", "val").values())
    zeros = np.zeros(len(table), np.int32)
    matches = {
        "image_id": table.images,
        "geometry": ["box"] * len(table),
        "object_index": table.indices,
        "class": table.categories,
        "score": table.scores,
        "area": table.areas,
        "rank": zeros,
        "hits": rng.integers(0, 2**63, len(table), dtype=np.uint64) * np.uint64(2) + np.uint64(1),
        "ignored": zeros.astype(np.uint64),
        "matched": zeros - 1,
        "iou": rng.random(len(table)),
        "nearest": zeros - 1,
        "nearest_iou": rng.random(len(table)),
        "kind": ["hit"] * len(table),
    }
    counts = {
        "image_id": np.array(keys),
        "truth": np.zeros(len(keys), np.int64),
        "predicted": np.full(len(keys), -1),
        "pixels": rng.integers(1, 2**40, len(keys)),
    }
    return pa.table(counts), pa.table(matches)


def evaluate(stored, counts, matches, version="0.1.0"):
    with stored.store.write() as cursor:
        rows.replace_evaluation(
            cursor,
            stored.run_id,
            pixel_source="label maps",
            paint_threshold=None,
            threshold_origin=None,
            code_version=version,
            seconds=1.5,
            pixel_counts=counts,
            matches=matches,
        )


def test_an_evaluation_replaces_the_one_before(stored):
    counts, matches = evaluation_blocks(stored, 1)
    evaluate(stored, [counts], [matches])
    counts, matches = evaluation_blocks(stored, 2)
    for _ in range(2):
        evaluate(stored, [counts[:2], counts[2:]], [matches[:3], matches[3:]], version="0.2.0")
    with stored.store.read() as cursor:
        ours = cursor.sql("SELECT * EXCLUDE (run_id) FROM match").to_arrow_table()
        pixels = cursor.sql("SELECT * EXCLUDE (run_id) FROM pixel_count").to_arrow_table()
        header = cursor.execute("SELECT code_version, seconds, pixel_source FROM evaluation")
        assert header.fetchall() == [("0.2.0", 1.5, "label maps")]
    for name in matches.column_names:
        assert ours[name].to_pylist() == matches[name].to_pylist(), name
    for name in counts.column_names:
        assert pixels[name].to_pylist() == counts[name].to_pylist(), name


def test_columns_of_an_evaluation_are_checked_and_nothing_is_lost(stored):
    counts, matches = evaluation_blocks(stored, 1)
    evaluate(stored, [counts], [matches])
    before = stored.store.version()
    with pytest.raises(ValueError, match="match takes the columns"):
        evaluate(stored, [counts], [matches.drop_columns(["iou"])])
    assert stored.store.version() == before


def rows_left(store) -> dict[str, int]:
    with store.read() as cursor:
        tables = cursor.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"
        ).fetchall()
        return {
            name: cursor.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]
            for (name,) in tables
            if name not in ("migration", "store_state")
        }


def test_removing_a_run_leaves_the_others(stored):
    evaluate(stored, *([each] for each in evaluation_blocks(stored, 1)))
    before = rows_left(stored.store)
    other = put_run(stored.store, stored.dataset, stored.predictions, name="other")
    with stored.store.write() as cursor:
        rows.insert_rejected(cursor, other, [rows.Rejected("a", "b")])
        rows.remove_run(cursor, other)
    assert rows_left(stored.store) == before


def test_a_removed_name_is_free_again_at_once(stored):
    with stored.store.write() as cursor:
        rows.remove_run(cursor, stored.run_id)
        rows.insert_run(
            cursor, make_run(stored.dataset), **FLAGS, expected_images=0, status="running"
        )


def test_removing_the_last_split_leaves_nothing(stored):
    put(stored.store, make_dataset(split="train"), rejected=[rows.Rejected("a", "b")])
    with stored.store.write() as cursor:
        with pytest.raises(UsageError, match="still has runs: tiny-net"):
            rows.remove_dataset_split(cursor, "shapes", "val")
        rows.remove_run(cursor, stored.run_id)
        rows.remove_dataset_split(cursor, "shapes", "val")
    train = rows.load_dataset(stored.store, "shapes", "train")
    assert_same_dataset(train, make_dataset(split="train"))
    with stored.store.write() as cursor:
        rows.remove_dataset_split(cursor, "shapes", "train")
    assert not any(rows_left(stored.store).values())


# Speed


def test_columns_are_at_least_ten_times_faster_than_rows(store):
    count = 3000
    image = make_image(1)
    objects = make_objects(image, count, 3, np.random.default_rng(0), scored=True, masked=False)
    names = ["image_id", "object_index", "class", "score", "x", "y", "width", "height", "area"]
    with store.write() as cursor:
        started = time.process_time()
        table = object_columns([1], [objects]).drop_columns(["crowd"])
        append(cursor, "prediction_object", table.append_column("run_id", pa.array([1] * count)))
        by_columns = time.process_time() - started
        values = list(zip(*(table[name].to_pylist() for name in names), strict=True))[: count // 10]
        started = time.process_time()
        cursor.executemany(
            f"INSERT INTO prediction_object (run_id, {', '.join(names)}) "
            f"VALUES (2{', ?' * len(names)})",
            values,
        )
        by_rows = (time.process_time() - started) * 10
    assert by_columns * 10 < by_rows


def test_label_maps_are_of_the_dtype_that_classes_need():
    image = make_image(1)
    rng = np.random.default_rng(0)
    assert make_label_map(image, 254, rng).dtype == np.uint8
    assert make_label_map(image, 255, rng).dtype == np.uint16
