"""The U-Nets in Keras: they learn a handful of images, and answer as they were saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.fusion import paint_annotation
from core.structures import Dataset
from tests.training.courses import Course, photographs, train
from tests.training.scenes import CLASSES, make_scenes
from training.systems.unet_tf import UNetTfSystem
from training.systems.unet_two_heads import UNetTwoHeadsSystem
from training.unet_settings import TwoHeadsFitSettings, UNetKerasSettings, UNetTfFitSettings

SMALL = {
    "width": 8, "depth": 2, "crop": 64, "scale": 1.0, "batch": 3, "lr": 0.01, "zoom": 1.0,
    "shift": 0.0, "brightness": 0.0, "contrast": 0.0,
}  # fmt: skip
KINDS = {
    "unet-two-heads": (UNetTwoHeadsSystem, TwoHeadsFitSettings(**SMALL)),
    "unet-tf": (UNetTfSystem, UNetTfFitSettings(**SMALL, shard_images=2)),
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory) -> Dataset:
    return make_scenes(tmp_path_factory.mktemp("scenes"), 6)


@pytest.fixture(scope="module", params=list(KINDS))
def trained(request, scenes, tmp_path_factory) -> tuple[str, Course]:
    kind, settings = KINDS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, train(kind, folder, scenes, settings, 24)


def load(name: str, weights: Path, categories=CLASSES):
    return KINDS[name][0](UNetKerasSettings(), {name: weights}, categories, "cpu")


def test_it_learns_a_handful_of_images(trained, scenes):
    name, course = trained
    assert course.values[-1]["loss"] < course.values[0]["loss"] / 2
    assert course.values[-1]["val_miou"] > 0.5
    predicted = load(name, course.weights).predict(photographs(scenes))
    for record, each in zip(scenes.images, predicted, strict=True):
        truth = paint_annotation(
            scenes.annotations[record.id].objects, record.height, record.width, 2, None
        )
        assert each.label_map.shape == truth.shape
        assert (each.label_map == truth).mean() > 0.85
        assert each.confidence.shape == (-(-record.height // 4), -(-record.width // 4))


def test_it_tells_how_images_are_drawn(trained):
    ((counts, weights),) = trained[1].sampled
    assert (counts > 0).tolist() == [[True] * 3] * 6
    assert weights == pytest.approx(1 / 6)


def test_the_second_output_says_what_an_image_shows(trained, scenes):
    name, course = trained
    predicted = load(name, course.weights).predict(photographs(scenes))
    if name == "unet-tf":
        assert all(each.probabilities is None for each in predicted)
        return
    for each in predicted:
        assert each.probabilities.shape == (2,)
        assert (each.probabilities > 0.5).all()
    assert course.values[-1]["val_label_f1"] == 1


def test_an_answer_does_not_depend_on_the_others(trained, scenes):
    name, course = trained
    images = photographs(scenes)
    together = load(name, course.weights).predict(images)
    alone = load(name, course.weights).predict(images[2:3])[0]
    assert (alone.label_map == together[2].label_map).all()
    assert (alone.confidence == together[2].confidence).all()


def test_classes_are_matched_by_name(trained, scenes):
    name, course = trained
    system = load(name, course.weights, ("other", "square"))
    assert "disc" in system.notes[0]
    predicted = system.predict(photographs(scenes)[:2])
    assert {1, 2} >= set(np.unique(predicted[0].label_map).tolist())


def test_a_training_that_was_stopped_goes_on_as_if_it_was_not(scenes, tmp_path):
    kind, settings = KINDS["unet-tf"]
    whole = train(kind, tmp_path / "unet", scenes, settings, 3)
    rest = train(kind, tmp_path / "unet", scenes, settings, 3, resume=whole.state(1))
    assert len(rest.values) == 2
    assert rest.values[-1] == pytest.approx(whole.values[-1], rel=1e-3)


def test_a_training_starts_from_a_checkpoint(trained, scenes, tmp_path):
    name, course = trained
    kind, settings = KINDS[name]
    settings = replace(settings, start=str(course.weights), lr=1e-6)
    again = train(kind, tmp_path / "again", scenes, settings, 1)
    assert again.values[0]["loss"] < course.values[0]["loss"] / 2


def test_a_checkpoint_of_the_other_system_is_refused(trained):
    name, course = trained
    other = next(each for each in KINDS if each != name)
    with pytest.raises(UsageError, match=other):
        load(other, course.weights)
