"""A data set comes out of the store as it went in, or is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import label_runs
from core.store import loading, rows
from core.structures import Annotation, Objects, Rle
from tests.core.store.same import assert_same_dataset, assert_same_objects
from tests.factories import make_dataset
from tests.filling import put


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
