"""Single images answered by PyTorch's systems as `predict` answers them; SAM's prompts."""

from __future__ import annotations

import numpy as np
import pytest

from core.datasets.demo import make_demo
from core.exchange import Message
from core.geometry import rle
from core.store.connection import Store
from tests.training.answering_scene import (
    GIB,
    assert_answers_are_those_of_predict,
    make_store,
    requests,
)
from training.answering import Answering

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"), "demo", make_demo)


def test_answers_are_those_of_predict(store):
    assert_answers_are_those_of_predict(store, "unet-torch", "demo")


def test_answers_and_masks_in_boxes_are_those_of_predict(store):
    assert_answers_are_those_of_predict(store, "yolov8-sam", "demo")
    answering = Answering("torch", 2, 99 * GIB)
    header, content, expected = next(requests(store, "yolov8-sam", "demo"))

    def segmented(points, box):
        asked = {**header, "ask": "segment", "points": points, "box": box}
        return answering.reply(Message(asked, content), lambda _: None)

    x, y, width, height = expected.objects.boxes[0].tolist()
    box = [x, y, x + width, y + height]
    in_box = segmented([], box)
    assert in_box.body == expected.objects.masks[0].counts
    assert 0 <= in_box.header["quality"] <= 1
    shape = (expected.image.height, expected.image.width)
    found = rle.decode(rle.from_counts(in_box.body, *shape))
    # a point on the object finds it again; with a second one that is not meant, less of it
    row, column = np.argwhere(found)[len(np.argwhere(found)) // 2].tolist()
    at_point = rle.decode(rle.from_counts(segmented([[column, row, 1]], None).body, *shape))
    assert at_point[row, column]
    without = segmented([[column, row, 1], [column + 1, row, 0]], box)
    assert without.body != segmented([[column, row, 1]], box).body
    assert "a point or a box" in segmented([], None).header["message"]
