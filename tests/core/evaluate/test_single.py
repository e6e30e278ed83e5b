"""One answer to one image has the matches and pixels that the evaluation of its run stores."""

from __future__ import annotations

import numpy as np
import pytest

from core import fusion
from core.evaluate.painting import FIXED_THRESHOLD
from core.evaluate.single import match_answer, tally_answer
from core.metrics import pixel
from core.store.queries import catalogue, counts, image_view
from tests.pages.made_up import CLASSES, HEIGHT, WIDTH, objects_dataset, pets_store, shifted

DATASET = objects_dataset()
COLUMNS = ["object_index", "kind", "matched", "iou", "nearest", "nearest_iou", "score"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return pets_store(tmp_path_factory.mktemp("pets") / "store.duckdb")


@pytest.fixture(scope="module")
def run_id(store) -> int:
    with store.read() as cursor:
        runs = catalogue.runs(cursor)
    return int(runs.loc[runs["run"] == "shifted", "run_id"].iloc[0])


def keys(store) -> list[int]:
    with store.read() as cursor:
        return image_view.split_images(cursor, 1, "val")["image_id"].tolist()


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_matches_are_those_of_the_store(store, run_id, geometry):
    for key, image in zip(keys(store), DATASET.images, strict=True):
        with store.read() as cursor:
            stored = image_view.image_matches(cursor, [run_id], [key], geometry)
        answer = shifted(image, 2, None).objects
        found = match_answer(DATASET.annotations[image.id].objects, answer, geometry, HEIGHT)
        shared = [name for name in COLUMNS if name in stored.columns]
        assert {"kind", "matched", "iou"} <= set(shared)
        for name in shared:
            np.testing.assert_array_equal(found[name].to_numpy(), stored[name].to_numpy())


def test_pixels_are_those_of_the_store(store, run_id):
    for key, image in zip(keys(store), DATASET.images, strict=True):
        with store.read() as cursor:
            rows = counts.pixel_rows(cursor, run_id, [key])
        stored = pixel.total_tally(
            rows["truth"], rows["predicted"], rows["pixels"], len(CLASSES) + 1
        )
        answer = shifted(image, 2, None).objects
        painted = fusion.paint(answer, HEIGHT, WIDTH, len(CLASSES), threshold=FIXED_THRESHOLD)
        truth = DATASET.annotations[image.id].label_map
        found = tally_answer(truth, painted, len(CLASSES), None, leaves_blank=False)
        for name in ("tp", "fp", "fn"):
            np.testing.assert_array_equal(getattr(found, name), getattr(stored, name))


def test_what_is_left_blank_is_no_answer_where_no_class_means_nothing():
    truth, painted = np.array([[[0, 1]], [[0, 2]]], np.uint8)
    before = painted.copy()
    blank = tally_answer(truth, painted, 2, None, leaves_blank=True)
    assert (blank.tp.tolist(), blank.fp.tolist(), blank.fn.tolist()) == (
        [1, 0, 0],
        [0, 0, 0],
        [0, 1, 0],
    )
    said = tally_answer(truth, painted, 2, None, leaves_blank=False)
    assert said.fp.tolist() == [0, 0, 1]
    assert (painted == before).all()
