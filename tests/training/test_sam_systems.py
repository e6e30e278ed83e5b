"""Systems with SAM: boxes become masks, everything becomes named masks, through the protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.geometry import rle
from core.structures import ImageRecord
from tests.training.eye import SAM, Eye, box_system, photograph, tight, truth_of
from training.protocol import Photograph
from training.stages.crops import cut_out
from training.systems import system_type
from training.weights import SHIPPED

pytestmark = pytest.mark.torch
CLIP = SHIPPED / "clip" / "clip-demo.safetensors"
EASY = {"points": 12, "quality": 0.5, "stability": 0.6}


def test_boxes_become_masks_and_keep_class_and_score() -> None:
    given = photograph(3)
    truth = truth_of(3)
    corners = [[*box[:2], box[0] + box[2], box[1] + box[3]] for box in map(tight, truth)]
    system = box_system(Eye(corners, [0.9, 0.4]))
    (prediction,) = system.predict([given])
    objects = prediction.objects
    assert prediction.image is given.record
    assert objects.categories.tolist() == [1, 0]
    assert objects.scores.tolist() == [0.9, 0.4]
    np.testing.assert_array_equal(objects.boxes, [tight(mask) for mask in truth])
    assert objects.areas.tolist() == (objects.boxes[:, 2] * objects.boxes[:, 3]).tolist()
    for mask, true in zip(objects.masks, truth, strict=True):
        found = rle.decode(mask)
        assert (found & true).sum() / (found | true).sum() > 0.7
    assert list(prediction.stage_seconds) == ["eye", "sam"]
    assert all(seconds > 0 for seconds in prediction.stage_seconds.values())
    assert system.outputs.masks
    assert system.device == "eye"


def test_of_what_the_detector_does_at_once_each_image_has_its_share(monkeypatch) -> None:
    from training.stages import stage_seconds

    # the clock is read when a stage begins and ends: 6 s for both eyes, then 1 s and 4 s
    ticks = iter([0.0, 6.0, 10.0, 11.0, 20.0, 24.0])
    monkeypatch.setattr(stage_seconds.time, "perf_counter", lambda: next(ticks))
    system = box_system(Eye([[0, 0, 9, 9]], [0.9]))
    first, second = system.predict([photograph(1), photograph(2)])
    assert first.stage_seconds == {"eye": 3.0, "sam": 1.0}
    assert second.stage_seconds == {"eye": 3.0, "sam": 4.0}


def test_rescoring_multiplies_by_quality_and_sorts_anew(monkeypatch) -> None:
    from training.stages.sam import Sam, Segments

    full, empty = (rle.encode(np.full((192, 168), value)) for value in (True, False))
    answer = Segments((full, full, empty, full), np.array([0.2, 0.8, 0.9, 1.0]))
    monkeypatch.setattr(Sam, "masks_in_boxes", lambda *_: answer)
    eye = Eye([[0, 0, 9, 9], [1, 0, 9, 9], [2, 0, 9, 9], [3, 0, 9, 9]], [0.9, 0.5, 0.4, 0.1])
    plain = box_system(eye).predict([photograph(1)])[0].objects
    assert plain.scores.tolist() == [0.9, 0.5, 0.1]  # what SAM sees nothing in is left out
    again = box_system(eye, rescore=True).predict([photograph(1)])[0].objects
    assert again.scores.tolist() == pytest.approx([0.4, 0.18, 0.1])
    assert again.boxes[:, 0].tolist() == [1, 0, 3]
    assert again.categories.tolist() == [0, 1, 0]
    assert eye.found.corners[:, 2].tolist() == [9, 9, 9, 9]  # not altered


def test_without_boxes_there_are_no_objects() -> None:
    (prediction,) = box_system(Eye([], [])).predict([photograph(1)])
    assert len(prediction.objects) == 0
    assert prediction.objects.masks == ()


@pytest.fixture(scope="module")
def sam_clip():
    kind = system_type("sam-clip")
    settings = kind.settings_type(**EASY)
    return kind(settings, {"sam": SAM, "clip": CLIP}, ["square", "circle", "star"], "cpu")


def test_everything_is_found_and_named(sam_clip) -> None:
    photographs = [photograph(seed) for seed in (11, 12)]
    predictions = sam_clip.predict(photographs)
    right = 0
    for given, prediction in zip(photographs, predictions, strict=True):
        objects = prediction.objects
        assert prediction.image is given.record
        assert (np.diff(objects.scores) <= 0).all()
        assert ((objects.scores > 0) & (objects.scores <= 1)).all()
        assert ((objects.categories >= 0) & (objects.categories < 3)).all()
        assert {(mask.height, mask.width) for mask in objects.masks} == {(192, 168)}
        np.testing.assert_array_equal(objects.boxes, [rle.box(mask) for mask in objects.masks])
        for label, true in zip((1, 0), truth_of(given.record.id), strict=True):
            for mask, category in zip(objects.masks, objects.categories, strict=True):
                found = rle.decode(mask)
                overlap = (found & true).sum() / (found | true).sum()
                right += bool(overlap > 0.6 and category == label)
    assert right >= 3
    assert all(list(each.stage_seconds) == ["sam", "clip"] for each in predictions)


def test_an_answer_does_not_depend_on_the_company(sam_clip) -> None:
    photographs = [photograph(21), photograph(22)]
    together = sam_clip.predict(photographs)
    for given, one in zip(photographs, together, strict=True):
        alone = sam_clip.predict([given])[0]
        assert alone.objects.masks == one.objects.masks
        assert alone.objects.scores.tolist() == one.objects.scores.tolist()


@pytest.fixture
def named(sam_clip, monkeypatch):
    """Let SAM and CLIP answer what a test says; return the objects."""
    from training.stages.sam import Segments

    def answer(masks: list[np.ndarray], qualities: list[float], chances: list[list[float]]):
        segments = Segments(tuple(map(rle.encode, masks)), np.array(qualities))
        monkeypatch.setattr(sam_clip.sam, "everything", lambda *_: segments)
        seen = []

        def probabilities(pictures: list[np.ndarray]) -> np.ndarray:
            seen.extend(pictures)
            return np.array(chances).reshape(-1, 4)

        monkeypatch.setattr(sam_clip._clip, "probabilities", probabilities)
        return sam_clip.predict([photograph(1)])[0].objects, seen

    return answer


def region(top: int, bottom: int) -> np.ndarray:
    mask = np.zeros((192, 168), dtype=bool)
    mask[top:bottom, 10:30] = True
    return mask


def test_background_specks_and_what_fills_the_image_are_left_out(named) -> None:
    whole, speck = np.ones((192, 168), dtype=bool), region(100, 101)
    objects, seen = named(
        [whole, region(0, 20), speck, region(40, 60), region(80, 100)],
        [0.9, 0.8, 0.9, 0.5, 0.7],
        [[0.1, 0.7, 0.1, 0.1], [0.2, 0.1, 0.1, 0.6], [0.6, 0, 0, 0.4]],
    )
    assert objects.categories.tolist() == [1, 0]
    assert objects.scores.tolist() == pytest.approx([0.8 * 0.7, 0.7 * 0.6])
    assert objects.boxes[:, 1].tolist() == [0, 80]
    assert len(seen) == 3
    expected = cut_out(photograph(1).pixels, region(0, 20), 0.15)
    np.testing.assert_array_equal(seen[0], expected)


def test_of_segments_that_repeat_each_other_the_better_named_stays(named) -> None:
    objects, _ = named(
        [region(0, 20), region(0, 24), region(12, 30)],  # IoU .83 and .27 with the first
        [0.9, 0.9, 0.9],
        [[0.5, 0.2, 0.2, 0.1], [0.1, 0.8, 0.1, 0.0], [0.3, 0.3, 0.4, 0.0]],
    )
    assert objects.categories.tolist() == [1, 2]
    empty, _ = named([], [], [])
    assert empty.boxes.shape == (0, 4)


def test_settings_out_of_range_are_refused() -> None:
    kind = system_type("sam-clip").settings_type
    for wrong in ({"points": 0}, {"quality": 1.5}, {"templates": "a photo"}, {"templates": "|"}):
        with pytest.raises(UsageError, match=f"--{next(iter(wrong))}"):
            kind(**wrong)


@pytest.mark.shared
def test_yolo_finds_sam_draws_on_real_images(shared_data: Path) -> None:
    kind = system_type("yolov8-sam")
    alone = system_type("yolov8")
    settings = {"imgsz": 320, "conf": 0.25, "batch": 2}
    files = {"yolov8": shared_data / "weights" / "yolov8n.pt", "sam": SAM}
    categories = ["person", "dog", "car", "chair", "cup"]
    paths = sorted((shared_data / "coco_val2017" / "images").glob("*.jpg"))[:2]
    photographs = []
    for index, path in enumerate(paths):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        record = ImageRecord(index, path.stem, path.name, *pixels.shape[:2])
        photographs.append(Photograph(record, pixels))
    both = kind(kind.settings_type(**settings), files, categories, "cpu")
    boxes = alone(alone.settings_type(**settings), files, categories, "cpu")
    assert both.outputs == replace(boxes.outputs, masks=True)
    assert both.notes
    pairs = zip(both.predict(photographs), boxes.predict(photographs), photographs, strict=True)
    for ours, theirs, given in pairs:
        assert set(ours.objects.scores.tolist()) <= set(theirs.objects.scores.tolist())
        assert len(ours.objects) == len(ours.objects.masks)
        for mask in ours.objects.masks:
            assert (mask.height, mask.width) == given.pixels.shape[:2]
