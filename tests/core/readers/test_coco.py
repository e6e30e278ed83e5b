"""COCO instances: what sound files become, held against pycocotools."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from core.geometry import rle
from core.readers.coco import read_coco
from core.structures import Category, Rle


@pytest.mark.shared
def test_val2017_is_read_as_by_pycocotools(shared_data):
    path = shared_data / "coco_val2017" / "instances.json"
    dataset, faults = read_coco(path, path.parent / "images", "coco", "val")
    reference = COCO(str(path))
    assert faults == ()
    assert [image.id for image in dataset.images] == sorted(reference.getImgIds())
    assert [category.source_id for category in dataset.categories] == reference.getCatIds()
    for image in dataset.images:
        records = reference.imgToAnns[image.id]
        objects = dataset.annotations[image.id].objects
        assert objects.masks == tuple(
            Rle(image.height, image.width, reference.annToRLE(record)["counts"])
            for record in records
        )
        np.testing.assert_array_equal(objects.boxes.tolist(), [r["bbox"] for r in records] or [])
        assert objects.areas.tolist() == [record["area"] for record in records]
        assert objects.crowd.tolist() == [bool(record["iscrowd"]) for record in records]
        ids = [dataset.categories[index].source_id for index in objects.categories]
        assert ids == [record["category_id"] for record in records]


@pytest.mark.shared
def test_panoptic_api_sample_of_compressed_masks_is_read_as_by_pycocotools(shared_data):
    folder = shared_data / "coco_panoptic" / "panopticapi_sample_data"
    path = folder / "panoptic_coco_detection_format.json"
    dataset, _ = read_coco(path, folder / "input_images", "sample", "val")
    for annotation in dataset.annotations.values():
        areas = [rle.area(mask) for mask in annotation.objects.masks]
        assert areas == annotation.objects.areas.tolist()
        assert [list(rle.box(mask)) for mask in annotation.objects.masks] == (
            annotation.objects.boxes.tolist()
        )


def test_images_stand_by_id_classes_by_category_id_objects_by_file(coco):
    dataset, faults = coco.read(coco.document())
    assert faults == ()
    assert [(image.id, image.name, image.path) for image in dataset.images] == [
        (4, "a", "sub/a.jpg"),
        (9, "b", "b.png"),
    ]
    assert dataset.categories == (Category("dog", "", 3), Category("cat", "animal", 7))
    objects = dataset.annotations[9].objects
    assert objects.categories.tolist() == [1, 1, 1]
    assert objects.areas.tolist() == [15.5, 30, 16]
    assert objects.crowd.tolist() == [False, True, False]
    assert objects.scores is None
    assert rle.runs_of(objects.masks[1]).tolist() == [0, 30, 210]
    assert dataset.background is None


def test_the_source_names_the_bytes_that_were_read(coco):
    dataset, _ = coco.read(coco.document())
    source = dataset.source
    assert (source.format, source.path) == ("coco", str(coco.annotations))
    assert source.sha256 == hashlib.sha256(coco.annotations.read_bytes()).hexdigest()


def test_missing_area_box_and_crowd_follow_from_the_mask(coco):
    document = coco.document()
    for key in ("area", "bbox", "iscrowd"):
        del document["annotations"][0][key]
    objects = coco.read(document)[0].annotations[9].objects
    assert objects.boxes[0].tolist() == [2, 2, 4, 4]
    assert (objects.areas[0], objects.crowd[0]) == (16, False)


def test_a_missing_area_is_that_of_the_mask_not_of_the_box(coco):
    document = coco.document()
    del document["annotations"][1]["area"]
    document["annotations"][1]["bbox"] = [0, 0, 2, 20]
    assert coco.read(document)[0].annotations[9].objects.areas[1] == 30


def test_a_set_without_masks_has_none_and_areas_of_boxes(coco):
    document = coco.document()
    for record, empty in zip(document["annotations"], ([], None, ...), strict=True):
        del record["segmentation"], record["area"]
        if empty is not ...:
            record["segmentation"] = empty
    dataset, _ = coco.read(document)
    assert dataset.annotations[9].objects.masks is None
    assert dataset.annotations[4].objects.masks is None
    assert dataset.annotations[9].objects.areas.tolist() == [16, 40, 16]


def test_images_without_annotations_have_an_entry_and_a_tag(coco):
    dataset, _ = coco.read(coco.document())
    annotation = dataset.annotations[4]
    assert (len(annotation.objects), annotation.objects.masks) == (0, ())
    assert annotation.objects.boxes.shape == (0, 4)
    assert annotation.image.tags == ("empty",)
    assert dataset.images[0] == annotation.image


def test_tags_tell_crowds_many_objects_and_words_of_the_file(coco):
    document = coco.document()
    document["images"][0]["tags"] = ["night", "crowd"]
    assert coco.read(document)[0].images[1].tags == ("crowd", "night")
    sound = document["annotations"][0]
    document["annotations"] += [{**sound, "id": 100 + index} for index in range(11)]
    assert "many objects" not in coco.read(document)[0].images[1].tags
    document["annotations"] += [{**sound, "id": 99}]
    assert coco.read(document)[0].images[1].tags == ("crowd", "many objects", "night")


def test_ids_may_be_zero_and_as_large_as_the_store_allows(coco):
    document = coco.document()
    document["images"][0]["id"] = document["annotations"][0]["id"] = 0
    document["categories"][1]["id"] = 2**63 - 1
    for record in document["annotations"]:
        record.update(image_id=0, category_id=2**63 - 1)
    dataset, _ = coco.read(document)
    assert dataset.images[0].id == 0
    assert dataset.annotations[0].objects.categories.tolist() == [1, 1, 1]


def test_a_first_category_called_background_is_the_background(coco):
    document = coco.document()
    document["categories"][1]["name"] = "Background"
    assert coco.read(document)[0].background == 0


def test_a_file_with_a_byte_order_mark_is_read(coco):
    dataset, _ = coco.read("\ufeff" + json.dumps(coco.document()))
    assert len(dataset.images) == 2


def test_images_need_not_exist_if_the_caller_says_so(coco):
    document = coco.document()
    document["images"][0]["file_name"] = "elsewhere.png"
    coco.images.joinpath("sub/a.jpg").unlink()
    assert len(coco.read(document, require_images=False)[0].images) == 2


def test_a_photograph_turned_by_exif_keeps_its_stored_size(coco):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees
    coco.save_image("turned.jpg", 30, 40, exif=exif)
    document = coco.document()
    document["images"][1].update(file_name="turned.jpg", height=30, width=40)
    assert coco.read(document)[0].images[0].height == 30


def test_bad_records_are_left_out_and_returned(coco):
    document = coco.document()
    document["images"][1]["width"] = 11
    document["annotations"][0]["category_id"] = 5
    document["annotations"][2]["image_id"] = 4
    dataset, faults = coco.read(document, skip_bad=True)
    assert [image.id for image in dataset.images] == [9]
    assert dataset.annotations[9].objects.areas.tolist() == [30]
    assert [fault.place for fault in faults] == [
        "images[1] (id 4)",
        "annotations[0] (id 21)",
        "annotations[2] (id 23)",
    ]
    assert "its image 4 is left out" in faults[2].message
