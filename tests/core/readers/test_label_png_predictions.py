"""Predicted label maps as PNG: paired by name, checked, in the order of the images."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FaultyInputError, UsageError
from core.readers.label_png import read_label_png_predictions

NAMES = ["road", "car", "tree"]
SIZE = (2, 3)


@pytest.fixture
def predict(folder, tmp_path, save_png):
    """Save predictions of a data set of two images, and read them."""
    folder.add("a", [0, 1, 2, 0, 1, 2])
    folder.add("b", [2, 2, 2, 2, 2, 255])

    def read(predicted, dtype=np.uint8, names=NAMES, **options):
        for stem, stored in predicted.items():
            save_png(f"run/{stem}.png", np.array(stored, dtype).reshape(SIZE))
        dataset, _ = folder.read(class_names=names)
        return read_label_png_predictions(tmp_path / "run", dataset, **options)

    return read


def test_predictions_stand_in_the_order_of_the_images(predict):
    predictions, faults = predict({"b": [2] * 6, "a": [0, 1, 2, 255, 1, 0], "z": [77] * 6})
    assert faults == ()
    assert [prediction.image.name for prediction in predictions] == ["a", "b"]
    assert predictions[0].label_map.tolist() == [[0, 1, 2], [255, 1, 0]]
    assert predictions[-1].label_map.tolist() == [[2] * 3] * 2
    assert [prediction.image.id for prediction in predictions[1:]] == [2]
    assert predictions[0].label_map.dtype == np.uint8


def test_no_answer_may_be_255_or_65535(predict):
    predictions, _ = predict({"a": [0, 1, 255, 65535, 1, 2], "b": [1] * 6}, dtype=np.uint16)
    assert predictions[0].label_map.ravel().tolist() == [0, 1, 255, 255, 1, 2]


def test_255_is_a_class_where_there_are_that_many(predict):
    many = [str(index) for index in range(300)]
    predictions, _ = predict({"a": [0, 255, 299, 65535, 1, 2], "b": [1] * 6}, np.uint16, many)
    assert predictions[0].label_map.ravel().tolist() == [0, 255, 299, 65535, 1, 2]


def test_predictions_of_0_and_255_are_black_and_white_only_for_two_classes(predict):
    predictions, _ = predict({"a": [0, 255] * 3, "b": [0] * 6})
    assert predictions[0].label_map.ravel().tolist() == [0, 255] * 3


def test_missing_and_bad_predictions_are_told(predict):
    with pytest.raises(FaultyInputError) as caught:
        predict({"a": [0, 1, 2, 3, 1, 2]})
    assert caught.value.faults[0].startswith("image b (id 2): there is no PNG of this name in ")
    assert caught.value.faults[1] == (
        "a.png: values 3 are no classes; expected 0 to 2, "
        "and 255 or 65535 for pixels without a class"
    )
    with pytest.raises(FaultyInputError, match="Nothing would be left"):
        predict({}, skip_bad=True)
    predictions, faults = predict({"b": [1] * 6}, skip_bad=True)
    assert [prediction.image.name for prediction in predictions] == ["b"]
    assert len(faults) == 1


def test_predictions_need_image_names_that_differ(coco, tmp_path):
    document = coco.document()
    coco.save_image("sub/b.png", 10, 10)
    document["images"][1]["file_name"] = "sub/b.png"
    dataset, _ = coco.read(document)
    with pytest.raises(UsageError, match="several images named 'b'"):
        read_label_png_predictions(tmp_path, dataset)
