"""RetinaNet and Mask R-CNN learn a handful of images, and answer as they were saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from tests.training.courses import Course, photographs, train
from tests.training.detector_answers import average_precision, check_predictions, load, same
from tests.training.scenes import CLASSES, make_scenes
from training.systems.detector_settings import DetectorFitSettings, DetectorSettings
from training.systems.mask_rcnn import MaskRCNNSystem
from training.systems.retinanet import RetinaNetSystem

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

SMALL = DetectorFitSettings(
    width=0.0625,
    channels=16,
    side=64,
    batch=4,
    lr=0.01,
    zoom=1.0,
    shift=0.0,
    brightness=0.0,
    contrast=0.0,
)
KINDS = {"retinanet": (RetinaNetSystem, 14), "mask-rcnn": (MaskRCNNSystem, 14)}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return make_scenes(tmp_path_factory.mktemp("scenes"), 8)


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return KINDS[request.param][0]


@pytest.fixture(scope="module")
def trained(kind, scenes, tmp_path_factory) -> Course:
    (epochs,) = (epochs for each, epochs in KINDS.values() if each is kind)
    return train(kind, tmp_path_factory.mktemp("trained"), scenes, SMALL, epochs)


def test_the_loss_falls(trained):
    assert trained.losses[-1] < 0.6 * trained.losses[0]
    assert trained.steps[:2] == [(4, 8), (8, 8)]


def test_it_tells_how_images_are_drawn(trained):
    ((counts, weights),) = trained.sampled
    assert counts.tolist() == [[1, 1]] * 8
    assert weights == pytest.approx(1 / 8)


def test_predictions_hold_what_they_promise(kind, trained, scenes):
    system = load(kind, trained.weights, CLASSES, DetectorSettings(conf=0.0, max_det=20))
    predicted = system.predict(photographs(scenes))
    check_predictions(scenes, predicted, masks=kind is MaskRCNNSystem)
    assert system.outputs.boxes
    assert system.outputs.masks == (kind is MaskRCNNSystem)
    assert system.device == "cpu"
    assert system.notes == ()
    assert max(len(each.objects) for each in predicted) <= 20


def test_an_answer_does_not_depend_on_the_other_images(kind, trained, scenes):
    system = load(kind, trained.weights, CLASSES, DetectorSettings(conf=0.0))
    together = system.predict(photographs(scenes))
    for alone, one in zip(photographs(scenes)[::-1], together[::-1], strict=True):
        same(system.predict([alone])[0], one)


def test_saved_and_loaded_it_says_the_same(kind, trained, scenes, tmp_path):
    from training.stages import detector_networks

    loaded = detector_networks.load(kind.family(), trained.weights)
    path = tmp_path / "again.safetensors"
    detector_networks.save(loaded.network, kind.family(), loaded.architecture, path)
    assert path.read_bytes() == trained.weights.read_bytes()
    first, second = (
        load(kind, each, CLASSES, DetectorSettings(conf=0.0)).predict(photographs(scenes))
        for each in (trained.weights, path)
    )
    for one, other in zip(first, second, strict=True):
        same(one, other)


def test_classes_are_matched_by_name(kind, trained, scenes):
    settings = DetectorSettings(conf=0.0)
    plain = load(kind, trained.weights, CLASSES, settings).predict(photographs(scenes)[:1])[0]
    swapped = load(kind, trained.weights, CLASSES[::-1], settings).predict(photographs(scenes)[:1])
    np.testing.assert_array_equal(1 - plain.objects.categories, swapped[0].objects.categories)
    alone = load(kind, trained.weights, ("square", "cat"), settings)
    assert set(alone.predict(photographs(scenes)[:1])[0].objects.categories.tolist()) == {0}
    assert "cat" in alone.notes[0]
    with pytest.raises(UsageError, match="none in common"):
        load(kind, trained.weights, ("cat",), settings)


def test_a_stopped_training_goes_on_as_if_it_had_not_been(kind, scenes, tmp_path):
    settings = replace(SMALL, zoom=1.2, shift=0.1)
    whole = train(kind, tmp_path / "whole", scenes, settings, 2)
    train(kind, tmp_path / "parts", scenes, settings, 2, stop_after=1)
    state = tmp_path / "parts" / "state-1"
    rest = train(kind, tmp_path / "parts", scenes, settings, 2, resume=state)
    assert rest.values == whole.values[1:]
    assert rest.weights.read_bytes() == whole.weights.read_bytes()


@pytest.mark.slow
def test_it_learns_to_find_what_it_was_shown(kind, scenes, tmp_path):
    settings = replace(SMALL, width=0.125, channels=32, lr=0.004, zoom=1.1, shift=0.05)
    course = train(kind, tmp_path, scenes, settings, 120)
    system = load(kind, course.weights, CLASSES, DetectorSettings())
    predicted = system.predict(photographs(scenes))
    assert average_precision(scenes, predicted, "box") > 0.9
    if kind is MaskRCNNSystem:
        assert average_precision(scenes, predicted, "mask") > 0.9


def test_a_file_of_something_else_is_refused(kind, trained, tmp_path):
    other = next(each for each, _ in KINDS.values() if each is not kind)
    with pytest.raises(UsageError, match=f"checkpoint of {other.stages[0]}: it says nothing of"):
        load(other, trained.weights, CLASSES, DetectorSettings())
    broken = tmp_path / "w.safetensors"
    broken.write_bytes(trained.weights.read_bytes()[:1000])
    with pytest.raises(UsageError, match="cannot be loaded"):
        load(kind, broken, CLASSES, DetectorSettings())
    pickle = tmp_path / "unknown.pth"
    pickle.write_bytes(b"x")
    with pytest.raises(UsageError, match=r"only .*coco-.* are known"):
        load(kind, pickle, CLASSES, DetectorSettings())
