"""VGG19 with two branches: learns a handful of images, and answers as it was saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.metrics import localization
from core.structures import Annotation, Category, Dataset, ImageRecord, Objects, Source
from tests.training.courses import Course, photographs, train
from training.single_objects import SingleObjects, Variation, make_batch
from training.systems.vgg19_digits import DigitsFitSettings, DigitsSettings, Vgg19DigitsSystem

SMALL = DigitsFitSettings(
    side=32, width=4, dense=16, batch=8, lr=0.01, first_phase=0.3, crop=0.0, zoom=1.0,
    shift=0.0, brightness=0.0, contrast=0.0, shuffle_colours=False,
)  # fmt: skip
NAMES = ("red", "green", "blue")


def make_singles(folder: Path, count: int = 12) -> Dataset:
    """Images of 40 x 32 or 32 x 40 pixels with one rectangle each; its class is its colour."""
    records, annotations = [], {}
    for index in range(count):
        generator = np.random.default_rng(index)
        height, width = ((40, 32), (32, 40))[index % 2]
        x, y, w, h = (*generator.integers(2, 12, 2), *generator.integers(10, 18, 2))
        pixels = generator.integers(0, 50, (height, width, 3), dtype=np.uint8)
        pixels[y : y + h, x : x + w, index % 3] = 240
        record = ImageRecord(index + 1, str(index), f"{index}.png", height, width)
        Image.fromarray(pixels).save(folder / record.path)
        records.append(record)
        box = np.array([[x, y, w, h]], np.float64)
        objects = Objects(
            box, np.array([index % 3], np.int32), box[:, 2] * box[:, 3], np.zeros(1, bool)
        )
        annotations[record.id] = Annotation(record, objects)
    return Dataset(
        "singles",
        "train",
        tuple(map(Category, NAMES)),
        tuple(records),
        annotations,
        folder,
        Source("coco", "x", ""),
    )


@pytest.fixture(scope="module")
def singles(tmp_path_factory) -> Dataset:
    return make_singles(tmp_path_factory.mktemp("singles"))


@pytest.fixture(scope="module")
def trained(singles, tmp_path_factory) -> Course:
    return train(Vgg19DigitsSystem, tmp_path_factory.mktemp("digits"), singles, SMALL, 30)


def load(weights: Path, categories=NAMES) -> Vgg19DigitsSystem:
    return Vgg19DigitsSystem(DigitsSettings(), {"vgg19-digits": weights}, categories, "cpu")


def test_it_learns_a_handful_of_images_in_two_phases(trained, singles):
    assert trained.values[-1]["loss"] < trained.values[0]["loss"] / 2
    assert {each["phase"] for each in trained.values} == {1, 2}
    assert trained.values[-1]["val_top1"] == 1


def test_a_prediction_is_one_class_and_one_box_of_its_image(trained, singles):
    predicted = load(trained.weights).predict(photographs(singles))
    truth = [singles.annotations[record.id].objects for record in singles.images]
    for record, each in zip(singles.images, predicted, strict=True):
        assert each.image is record
        assert len(each.objects) == 1
        x, y, width, height = each.objects.boxes[0]
        assert 0 <= x <= x + width <= record.width
        assert 0 <= y <= y + height <= record.height
        assert each.probabilities.sum() == pytest.approx(1)
        assert each.objects.scores[0] == each.probabilities.max()
    ious = localization.box_ious(
        np.concatenate([each.boxes for each in truth]),
        np.concatenate([each.objects.boxes for each in predicted]),
    )
    # the box in `val_box_iou` is counted with all images at once, and before rounding to 16 bits
    assert ious.mean() == pytest.approx(trained.values[-1]["val_box_iou"], abs=0.02)
    assert ious.mean() > 0.3
    classes = [int(each.objects.categories[0]) for each in predicted]
    assert classes == [int(each.categories[0]) for each in truth]


def test_an_answer_does_not_depend_on_the_others_and_survives_loading(trained, singles):
    images = photographs(singles)
    together = load(trained.weights).predict(images)
    alone = load(trained.weights).predict(images[4:5])[0]
    assert alone.objects.boxes.tolist() == together[4].objects.boxes.tolist()
    assert alone.probabilities.tolist() == together[4].probabilities.tolist()


def test_classes_are_matched_by_name(trained, singles):
    system = load(trained.weights, ("blue", "none", "Red"))
    assert "green" in system.notes[0]
    predicted = system.predict(photographs(singles)[:3])
    assert [int(predicted[0].objects.categories[0]), int(predicted[2].objects.categories[0])] == [
        2,
        0,
    ]
    assert predicted[0].probabilities[1] == 0


def test_a_training_that_was_stopped_goes_on_as_if_it_was_not(singles, tmp_path):
    whole = train(Vgg19DigitsSystem, tmp_path / "whole", singles, SMALL, 3)
    state = whole.state(2)
    rest = train(Vgg19DigitsSystem, tmp_path / "rest", singles, SMALL, 3, resume=state)
    assert len(rest.values) == 1
    assert rest.values[-1] == pytest.approx(whole.values[-1], rel=1e-4)


def test_views_follow_the_box(singles):
    samples = SingleObjects.of(singles)
    indices = np.arange(len(samples))
    change = Variation(crop=1.0, zoom=1.2, shift=0.1)
    pixels, labels, boxes = make_batch(samples, indices, 64, change, np.random.default_rng(0))
    for square, label, (x, y, width, height) in zip(pixels, labels, 64 * boxes, strict=True):
        rows, columns = np.nonzero(square[:, :, label] > 120)
        assert [columns.min(), rows.min()] == pytest.approx([x, y], abs=2)
        assert [columns.max() + 1, rows.max() + 1] == pytest.approx([x + width, y + height], abs=2)


def test_other_files_are_refused(tmp_path):
    wrong = tmp_path / "w.safetensors"
    wrong.write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="vgg19-digits"):
        load(wrong)


def test_an_image_without_an_object_is_refused(singles):
    empty = replace(singles, annotations={each.id: Annotation(each) for each in singles.images})
    with pytest.raises(UsageError, match="has no object"):
        SingleObjects.of(empty)


def test_a_base_is_vgg19_itself(tmp_path):
    with pytest.raises(UsageError, match="width 64"):
        DigitsFitSettings(base="x.h5")


def test_an_absent_device_is_refused(trained):
    with pytest.raises(UsageError, match="cuda:7"):
        Vgg19DigitsSystem(DigitsSettings(), {"vgg19-digits": trained.weights}, NAMES, "cuda:7")
