"""COCO panoptic: JSON and PNG agree, and both become label maps and objects."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.geometry import rle
from core.readers.coco_panoptic import read_coco_panoptic

VOID = 255


def png_ids(path):
    red, green, blue = np.moveaxis(np.asarray(Image.open(path)).astype(np.int64), 2, 0)
    return red + 256 * green + 65536 * blue


@pytest.mark.shared
def test_all_segments_of_val2017_equal_their_pixels(shared_data):
    folder = shared_data / "coco_panoptic"
    path = folder / "annotations" / "panoptic_val2017.json"
    document = json.loads(path.read_text())
    dataset, faults = read_coco_panoptic(path, folder / "images" / "val2017", "coco", "val")
    assert faults == ()
    category_ids = sorted(category["id"] for category in document["categories"])
    assert [category.source_id for category in dataset.categories] == category_ids
    things = {category["id"] for category in document["categories"] if category["isthing"]}
    segments = 0
    for record in document["annotations"]:
        annotation = dataset.annotations[record["image_id"]]
        ids = png_ids(path.with_suffix("") / record["file_name"])
        expected = np.full(ids.shape, VOID)
        for segment in record["segments_info"]:
            expected[ids == segment["id"]] = category_ids.index(segment["category_id"])
            assert segment["area"] == (ids == segment["id"]).sum()
            segments += 1
        np.testing.assert_array_equal(annotation.label_map, expected)
        assert annotation.label_map.dtype == np.uint8
        own = [s for s in record["segments_info"] if s["category_id"] in things]
        objects = annotation.objects
        assert objects.areas.tolist() == [segment["area"] for segment in own]
        assert objects.boxes.tolist() == [segment["bbox"] for segment in own]
        assert objects.crowd.tolist() == [bool(segment["iscrowd"]) for segment in own]
        for segment, mask in zip(own, objects.masks, strict=True):
            np.testing.assert_array_equal(rle.decode(mask), ids == segment["id"])
            assert list(rle.box(mask)) == segment["bbox"]
    assert segments == 1078


class PanopticFolder:
    """One image of 2 rows by 4 columns: two cats, sky, and two pixels of void."""

    IDS = ((1, 1, 66051, 66051), (0, 300, 300, 0))

    def __init__(self, folder):
        self.annotations = folder / "panoptic.json"
        self.pngs = folder / "panoptic"
        self.images = folder / "images"
        self.images.mkdir()
        self.pngs.mkdir()
        Image.new("RGB", (4, 2)).save(self.images / "a.jpg")
        self.paint(self.IDS)

    def paint(self, ids, mode="RGB"):
        ids = np.array(ids)
        rgb = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=2).astype(np.uint8)
        Image.fromarray(rgb).convert(mode).save(self.pngs / "a.png")

    def document(self):
        segments = [
            {"id": 66051, "category_id": 5, "area": 2, "bbox": [2, 0, 2, 1], "iscrowd": 0},
            {"id": 300, "category_id": 8, "area": 2, "bbox": [1, 1, 2, 1], "iscrowd": 0},
            {"id": 1, "category_id": 5, "area": 2, "iscrowd": 1},
        ]
        return {
            "images": [{"id": 6, "file_name": "a.jpg", "height": 2, "width": 4}],
            "categories": [
                {"id": 8, "name": "sky", "isthing": 0},
                {"id": 5, "name": "cat", "isthing": 1},
            ],
            "annotations": [{"image_id": 6, "file_name": "a.png", "segments_info": segments}],
        }

    def read(self, document=None, **options):
        self.annotations.write_text(json.dumps(document or self.document()))
        return read_coco_panoptic(self.annotations, self.images, "pets", "val", **options)


@pytest.fixture
def panoptic(tmp_path):
    return PanopticFolder(tmp_path)


def test_a_painted_image_becomes_a_label_map_and_its_things(panoptic):
    dataset, _ = panoptic.read()
    annotation = dataset.annotations[6]
    assert annotation.label_map.tolist() == [[0, 0, 0, 0], [VOID, 1, 1, VOID]]
    assert annotation.label_map.flags.c_contiguous
    objects = annotation.objects
    assert objects.categories.tolist() == [0, 0]
    assert objects.crowd.tolist() == [False, True]
    assert objects.boxes.tolist() == [[2, 0, 2, 1], [0, 0, 2, 1]]
    assert rle.decode(objects.masks[0]).tolist() == [[False, False, True, True], [False] * 4]
    assert annotation.image.tags == ("crowd",)
    assert list(dataset.annotations) == [6]
    assert 7 not in dataset.annotations


def test_an_image_of_void_alone_is_empty(panoptic):
    panoptic.paint(np.zeros((2, 4), int))
    document = panoptic.document()
    document["annotations"][0]["segments_info"] = []
    annotation = panoptic.read(document)[0].annotations[6]
    assert annotation.image.tags == ("empty",)
    assert (annotation.label_map == VOID).all()
    assert annotation.objects.masks == ()


def test_an_image_of_stuff_alone_is_not_empty(panoptic):
    panoptic.paint(np.full((2, 4), 300))
    document = panoptic.document()
    document["annotations"][0]["segments_info"] = [{"id": 300, "category_id": 8, "area": 8}]
    assert panoptic.read(document)[0].images[0].tags == ()


def test_a_png_that_changes_later_is_refused(panoptic):
    dataset, _ = panoptic.read()
    panoptic.paint([[1, 1, 66051, 66051], [0, 300, 300, 300]])
    with pytest.raises(UsageError, match=r"a\.png: the file has changed since it was read"):
        dataset.annotations[6]


def test_the_fingerprint_covers_the_pngs(panoptic):
    before = panoptic.read()[0].source
    panoptic.paint([[1, 1, 66051, 66051], [300, 300, 0, 0]])
    after = panoptic.read()[0].source
    assert before.format == "coco-panoptic"
    assert before.sha256 != after.sha256


def spoil(index, **changes):
    return lambda document: document["annotations"][0]["segments_info"][index].update(changes)


def spoil_record(**changes):
    return lambda document: document["annotations"][0].update(changes)


def remove_segment(document):
    document["annotations"][0]["segments_info"].pop(1)


def add_segment(document):
    segments = document["annotations"][0]["segments_info"]
    segments.append({"id": 9, "category_id": 5, "area": 2})


SEGMENT = "annotations[0].segments_info"
FAULTS = {
    "area": (spoil(0, area=3), f"{SEGMENT}[0] (id 66051): 'area' is 3, but the PNG has 2"),
    "area text": (spoil(0, area="2"), f"{SEGMENT}[0] (id 66051): 'area' is '2'; expected"),
    "class": (spoil(1, category_id=1), f"{SEGMENT}[1] (id 300): 'category_id' is 1, but no"),
    "crowd": (spoil(2, iscrowd=5), f"{SEGMENT}[2] (id 1): 'iscrowd' is 5; expected"),
    "box": (spoil(1, bbox=[1, 1, 1]), f"{SEGMENT}[1] (id 300): 'bbox' is [1, 1, 1]; expected"),
    "id 0": (spoil(2, id=0), "'id' is 0; expected a whole number from 1 to 16777215"),
    "id too large": (spoil(2, id=2**24), "'id' is 16777216; expected a whole number from 1"),
    "id repeated": (spoil(2, id=300), f"{SEGMENT}[2] (id 300): 'id' is 300, which entry 1"),
    "PNG only": (remove_segment, "(image_id 6): the PNG has 2 pixels of segment 300, which is not"),
    "JSON only": (add_segment, f"{SEGMENT}[3] (id 9): no pixel of the PNG has this segment id"),
    "no list": (spoil_record(segments_info={}), "'segments_info' is {}; expected a list"),
    "segment a text": (spoil_record(segments_info=["1"]), f"{SEGMENT}[0]: the entry is '1'"),
    "no PNG": (spoil_record(file_name="b.png"), "b.png: there is no such file"),
    "PNG elsewhere": (spoil_record(file_name="../a.png"), "'../a.png' leads out of the folder"),
    "PNG unnamed": (spoil_record(file_name=None), "'file_name' is null; expected a text"),
    "image unknown": (spoil_record(image_id=1), "images (id 6): there is no entry in annotations"),
    "isthing": (
        lambda document: document["categories"][0].pop("isthing"),
        "categories[0] (id 8): 'isthing' is missing",
    ),
    "image twice": (
        lambda document: document["annotations"].append(document["annotations"][0]),
        "annotations[1] (image_id 6): 'image_id' is 6, which entry 0 of the list has already",
    ),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_spoilt_panoptic_file_is_told(panoptic, change, fault):
    document = panoptic.document()
    change(document)
    with pytest.raises(FaultyInputError) as caught:
        panoptic.read(document)
    assert any(fault in told for told in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_pngs_of_other_kinds_are_refused(panoptic, mode):
    panoptic.paint(panoptic.IDS, mode=mode)
    with pytest.raises(FaultyInputError, match=rf"a\.png: the PNG has mode {mode}, expected RGB"):
        panoptic.read()


def test_a_jpeg_named_png_is_refused(panoptic):
    Image.new("RGB", (4, 2)).save(panoptic.pngs / "a.png", format="JPEG")
    with pytest.raises(FaultyInputError, match="the file is a JPEG image, expected PNG"):
        panoptic.read()


def test_a_png_of_another_size_is_refused(panoptic):
    panoptic.paint(np.zeros((4, 2), int))
    with pytest.raises(FaultyInputError, match=r"is 4 x 2 \(height x width\), expected the image"):
        panoptic.read()


def test_a_png_that_is_cut_off_is_refused(panoptic):
    content = (panoptic.pngs / "a.png").read_bytes()
    (panoptic.pngs / "a.png").write_bytes(content[:-30])
    with pytest.raises(FaultyInputError, match=r"a\.png: the PNG cannot be read"):
        panoptic.read()


def test_bad_images_are_left_out_and_returned(panoptic):
    document = panoptic.document()
    document["images"].append({"id": 7, "file_name": "b.jpg", "height": 2, "width": 4})
    Image.new("RGB", (4, 2)).save(panoptic.images / "b.jpg")
    dataset, faults = panoptic.read(document, skip_bad=True)
    assert [image.id for image in dataset.images] == [6]
    assert [fault.place for fault in faults] == ["images (id 7)"]


def test_a_missing_folder_of_pngs_is_told(panoptic, tmp_path):
    with pytest.raises(UsageError, match="no such folder of panoptic PNGs"):
        panoptic.read(png_folder=tmp_path / "none")


def test_a_file_of_instances_is_refused(panoptic):
    document = panoptic.document()
    del document["annotations"][0]["segments_info"]
    with pytest.raises(UsageError, match="no annotation has 'segments_info'"):
        panoptic.read(document)
