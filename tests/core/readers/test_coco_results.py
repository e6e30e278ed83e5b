"""COCO result files: read as `COCO.loadRes` reads them, and refused where it would fail."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from core.errors import FaultyInputError, UsageError
from core.readers.coco import read_coco
from core.readers.coco_results import read_coco_results

# pycocotools 2.0.11 with NumPy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

REAL = ["yolov8n_int8_bbox", "yolov8n-seg_int8_segm", "yolox_nano_bbox"]


@pytest.fixture(scope="module")
def val2017(shared_data):
    path = shared_data / "coco_val2017" / "instances.json"
    dataset, _ = read_coco(path, path.parent / "images", "coco", "val", require_images=False)
    return dataset


@pytest.fixture(scope="module")
def reference(shared_data):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(shared_data / "coco_val2017" / "instances.json"))


def assert_read_as_by_load_res(predictions, dataset, reference, detections):
    """Compare each object with what pycocotools makes of a list of detections."""
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = reference.loadRes(json.loads(json.dumps(detections)))
    assert [p.image for p in predictions] == list(dataset.images)
    for prediction in predictions:
        records = loaded.imgToAnns[prediction.image.id]
        objects = prediction.objects
        assert objects.areas.tolist() == [float(record["area"]) for record in records]
        assert objects.scores.tolist() == [record["score"] for record in records]
        boxes = [[float(number) for number in record["bbox"]] for record in records]
        assert objects.boxes.tolist() == boxes
        ids = [dataset.categories[index].source_id for index in objects.categories]
        assert ids == [record["category_id"] for record in records]
        assert not objects.crowd.any()
        if objects.masks is not None:
            counts = [record["segmentation"]["counts"].encode() for record in records]
            assert [mask.counts for mask in objects.masks] == counts


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_detections_are_read_as_by_pycocotools(shared_data, val2017, reference, name):
    path = shared_data / "coco_val2017" / "results" / f"{name}.json"
    predictions, faults = read_coco_results(path, val2017)
    assert faults == ()
    assert (predictions[0].objects.masks is not None) == name.endswith("segm")
    assert_read_as_by_load_res(predictions, val2017, reference, json.loads(path.read_text()))


@pytest.mark.shared
@pytest.mark.parametrize("empty_box", [False, True])
def test_masks_without_boxes_are_read_as_by_pycocotools(
    shared_data, val2017, reference, tmp_path, empty_box
):
    path = shared_data / "coco_val2017" / "results" / "yolov8n-seg_int8_segm.json"
    detections = json.loads(path.read_text())[:2000]
    for detection in detections:
        del detection["bbox"]
    own = tmp_path / "masks.json"
    own.write_text(json.dumps([{**d, "bbox": []} if empty_box else d for d in detections]))
    predictions, _ = read_coco_results(own, val2017)
    assert_read_as_by_load_res(predictions, val2017, reference, detections)


@pytest.fixture
def read(coco, tmp_path):
    """Read detections of the small data set."""
    dataset, _ = coco.read(coco.document())

    def read_detections(detections, **options):
        path = tmp_path / "detections.json"
        text = detections if isinstance(detections, str) else json.dumps(detections)
        path.write_text(text, encoding="utf-8")
        return read_coco_results(path, dataset, **options)

    return read_detections


def box(**changes):
    return {"image_id": 9, "category_id": 7, "score": 0.5, "bbox": [1, 2, 3, 4]} | changes


def mask(**changes):
    pixels = np.zeros((20, 12), np.uint8, order="F")
    pixels[3:8, 2:4] = 1
    rle = coco_mask.encode(pixels)
    segmentation = {"size": rle["size"], "counts": rle["counts"].decode()}
    return {"image_id": 9, "category_id": 3, "score": 0.25, "segmentation": segmentation} | changes


def test_each_image_has_a_prediction_in_the_order_of_the_data_set(read):
    predictions, faults = read([box(), box(score=1), box(score=0)])
    assert faults == ()
    assert [prediction.image.id for prediction in predictions] == [4, 9]
    assert len(predictions[0].objects) == 0
    assert predictions[1].objects.scores.tolist() == [0.5, 1, 0]
    assert predictions[1].objects.categories.tolist() == [1, 1, 1]
    assert predictions[1].objects.masks is None
    assert predictions[1].seconds is None


def test_an_empty_list_is_a_run_that_found_nothing(read):
    predictions, faults = read([])
    assert faults == ()
    assert [len(prediction.objects) for prediction in predictions] == [0, 0]
    assert predictions[0].objects.scores.shape == (0,)


def test_a_box_beside_a_mask_gives_the_area(read):
    objects = read([mask(bbox=[1, 2, 3.5, 4])])[0][1].objects
    assert objects.areas.tolist() == [14]
    assert objects.boxes.tolist() == [[1, 2, 3.5, 4]]
    assert len(objects.masks) == 1


def test_masks_alone_give_area_and_box(read):
    predictions, _ = read([mask(), mask(bbox=[])])
    objects = predictions[1].objects
    assert objects.areas.tolist() == [10, 10]
    assert objects.boxes.tolist() == [[2, 3, 2, 5]] * 2
    assert predictions[0].objects.masks == ()


def test_an_empty_mask_has_an_empty_box(read):
    nothing = {"size": [20, 12], "counts": [240]}
    objects = read([mask(segmentation=nothing)])[0][1].objects
    assert (objects.areas.tolist(), objects.boxes.tolist()) == ([0], [[0, 0, 0, 0]])


FAULTS = {
    "image unknown": (box(image_id=5), "'image_id' is 5, but no image of the data set"),
    "image text": (box(image_id="9"), "'image_id' is '9'; expected a whole number"),
    "class unknown": (box(category_id=99), "'category_id' is 99, but no category"),
    "class missing": (
        {"image_id": 9, "score": 1, "bbox": [0, 0, 1, 1]},
        "'category_id' is missing",
    ),
    "class list": (box(category_id=[7]), "'category_id' is [7]; expected a whole number"),
    "score above 1": (box(score=50), "'score' is 50; expected a finite number from 0 to 1"),
    "score negative": (box(score=-0.1), "'score' is -0.1; expected a finite number from 0 to 1"),
    "score NaN": (box(score=float("nan")), "'score' is nan; expected a finite number from 0 to 1"),
    "score text": (box(score="0.5"), "'score' is '0.5'; expected a finite number"),
    "score bool": (box(score=True), "'score' is True; expected a finite number"),
    "score null": (box(score=None), "'score' is null; expected a number"),
    "box negative": (box(bbox=[1, 2, -3, 4]), "'bbox' is [1, 2, -3, 4]; expected [x, y,"),
    "box infinite": (box(bbox=[1, 2, 3, float("inf")]), "expected [x, y, width, height]"),
    "box missing": (mask(), "'bbox' is missing; expected [x, y, width, height]"),
    "box empty": (box(bbox=[]), "'bbox' is []; expected [x, y, width, height]"),
    "mask too": (mask(bbox=[1, 2, 3, 4]), "there is a 'segmentation', but the first entry has"),
    "a number": (3, "entries[1]: the entry is 3; expected an object"),
}


@pytest.mark.parametrize(("entry", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_bad_entry_is_told_with_its_place(read, entry, fault):
    with pytest.raises(FaultyInputError) as caught:
        read([box(), entry])
    assert any(fault in told for told in caught.value.faults), caught.value.faults
    assert all(told.startswith("entries[1]") for told in caught.value.faults)
    predictions, faults = read([box(), entry, box(score=0.125)], skip_bad=True)
    assert predictions[1].objects.scores.tolist() == [0.5, 0.125]
    assert [str(told) for told in faults] == list(caught.value.faults)


MASK_FAULTS = {
    "no mask": (box(), "'segmentation' is missing or empty, but the first entry has one"),
    "box too": (mask(bbox=[1, 2, 3, 4]), "there is a 'bbox', but the first entry has none"),
    "size of another image": (
        mask(segmentation={"size": [10, 10], "counts": [100]}),
        "the size is [10, 10], but the image's is [20, 12]",
    ),
    "size swapped": (
        mask(segmentation={"size": [12, 20], "counts": [240]}),
        "height comes first",
    ),
    "string too short": (
        mask(segmentation={"size": [20, 12], "counts": "52"}),
        "the counts sum to 7 pixels; expected 20 x 12 = 240",
    ),
    "no counts": (mask(segmentation={"size": [20, 12]}), "the counts are None"),
    "height 0": (mask(segmentation={"size": [0, 12], "counts": ""}), "the size is [0, 12]"),
}


@pytest.mark.parametrize(("entry", "fault"), MASK_FAULTS.values(), ids=MASK_FAULTS)
def test_a_bad_mask_is_told_with_its_place(read, entry, fault):
    with pytest.raises(FaultyInputError) as caught:
        read([mask(), entry])
    assert {told.split(": ")[0] for told in caught.value.faults} == {"entries[1] (image_id 9)"}
    assert fault in caught.value.faults[0]


STRUCTURES = {
    "annotations": ('{"images": []}', "import it as a data set with format coco"),
    "object": ("{}", "the outermost value is of type dict, expected a list of detections"),
    "text": ('"x"', "the outermost value is of type str"),
    "caption": ('[{"image_id": 9, "caption": "a cat"}]', "a caption or holds keypoints only"),
    "keypoints": ('[{"image_id": 9, "keypoints": []}]', "a caption or holds keypoints only"),
    "neither": ('[{"image_id": 9, "score": 1}]', "neither 'bbox' nor 'segmentation'"),
    "no JSON": ("image_id,score", "this is no JSON"),
}


@pytest.mark.parametrize(("text", "message"), STRUCTURES.values(), ids=STRUCTURES)
def test_what_is_no_result_file_is_refused(read, text, message):
    with pytest.raises(UsageError) as caught:
        read(text, skip_bad=True)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("ids", "hint"),
    [
        pytest.param([0, 1], "ids 0..1 look like 0-based class indices", id="from 0"),
        pytest.param([1, 2], "ids 1..2 look like 1-based class indices", id="from 1"),
    ],
)
def test_class_indices_in_place_of_ids_are_recognised(read, ids, hint):
    with pytest.raises(FaultyInputError) as caught:
        read([box(category_id=category) for category in ids])
    assert hint in str(caught.value)
    assert "this data set's ids are 3..7" in str(caught.value)


def test_other_wrong_ids_get_no_such_hint(read):
    with pytest.raises(FaultyInputError) as caught:
        read([box(category_id=5)])
    assert "look like" not in str(caught.value)
