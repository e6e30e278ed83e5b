"""COCO panoptic results: JSON and PNG agree, and become objects and a label map."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import FaultyInputError, UsageError
from core.geometry import rle
from core.readers.coco_panoptic_run import read_coco_panoptic_predictions
from core.readers.find_format import find_formats
from tests.core.readers.test_coco_panoptic import VOID, PanopticFolder


class Results:
    """A result of the image of `PanopticFolder`: a cat, sky and a pixel without a segment."""

    IDS = ((70000, 70000, 3, 3), (0, 3, 3, 3))

    def __init__(self, folder):
        (folder / "truth").mkdir()
        truth = PanopticFolder(folder / "truth")
        self.dataset, _ = truth.read()
        self.path = folder / "result.json"
        # the same painter, pointed at the folder of the result's own PNGs
        truth.pngs = folder / "result"
        truth.pngs.mkdir()
        self.paint = truth.paint
        self.paint(self.IDS)

    def document(self):
        segments = [{"id": 3, "category_id": 8}, {"id": 70000, "category_id": 5, "score": 0.2}]
        record = {"image_id": 6, "file_name": "a.png", "segments_info": segments}
        return {"annotations": [record]}

    def read(self, document=None, **options):
        self.path.write_text(json.dumps(document or self.document()))
        return read_coco_panoptic_predictions(self.path, self.dataset, **options)


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path)


def test_segments_become_objects_of_things_and_a_label_map_of_all(results):
    predictions, faults = results.read()
    assert faults == ()
    (one,) = predictions
    assert one.image.id == 6
    assert one.label_map.tolist() == [[0, 0, 1, 1], [VOID, 1, 1, 1]]
    assert one.objects.categories.tolist() == [0]
    assert one.objects.scores.tolist() == [1.0]
    assert one.objects.boxes.tolist() == [[0, 0, 2, 1]]
    assert one.objects.areas.tolist() == [2]
    expected = np.array([[True, True, False, False], [False] * 4])
    np.testing.assert_array_equal(rle.decode(one.objects.masks[0]), expected)


def test_a_png_that_changes_later_is_refused(results):
    predictions, _ = results.read()
    results.paint([[3, 3, 3, 3], [70000, 0, 0, 0]])
    with pytest.raises(UsageError, match="has changed"):
        predictions[0]


def other_class(record):
    record["segments_info"][0]["category_id"] = 9


def other_image(record):
    record["image_id"] = 7


def unpainted(record):
    record["segments_info"].append({"id": 4, "category_id": 5})


def undeclared(record):
    del record["segments_info"][0]


def repeated(record):
    record["segments_info"].append({"id": 3, "category_id": 5})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (other_class, "'category_id' is 9, but no category"),
        (other_image, "'image_id' is 7, but no image"),
        (other_image, r"image a \(id 6\): there is no entry"),
        (unpainted, "no pixel of the PNG has this segment id"),
        (undeclared, "the PNG has 5 pixels of segment 3, which is not in segments_info"),
        (repeated, "'id' is 3, which entry 0"),
    ],
)
def test_faults_are_told(results, change, told):
    document = results.document()
    change(document["annotations"][0])
    with pytest.raises(FaultyInputError, match=told):
        results.read(document)


def test_an_image_in_two_entries_is_refused(results):
    document = results.document()
    document["annotations"] *= 2
    with pytest.raises(FaultyInputError, match="'image_id' is 6, which entry 0"):
        results.read(document)


@pytest.mark.parametrize("document", [[1], {"annotations": 3}, {"images": []}])
def test_what_is_no_panoptic_result_is_refused(results, document):
    with pytest.raises(UsageError, match="expected the JSON of a panoptic result"):
        results.read(document)


def test_the_format_is_found(results):
    results.read()
    ways = [each for each in find_formats(results.path.parent) if each.annotations == results.path]
    assert [(each.format, each.is_run) for each in ways] == [("coco-panoptic", True)]
