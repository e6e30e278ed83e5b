"""What detectors learn from: objects follow their pixels; and the scores epochs are chosen by."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from core.errors import UsageError
from core.structures import Annotation, Objects
from tests.training.scenes import make_scenes
from training.augmentation import Augmentation
from training.batches import sampling_weights
from training.detection_scores import score, truth_of
from training.detector_samples import (
    DetectionSample,
    DetectionSamples,
    augment,
    count_objects,
)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return make_scenes(tmp_path_factory.mktemp("scenes"), 6)


def tight(mask: np.ndarray) -> list[float]:
    rows, columns = np.nonzero(mask)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def block() -> DetectionSample:
    """A white block at 20 to 40 across and 10 to 25 down."""
    mask = np.zeros((60, 80), np.uint8)
    mask[10:25, 20:40] = 1
    pixels = np.repeat(mask[:, :, None] * 255, 3, axis=2)
    return DetectionSample(
        pixels, np.array([[20.0, 10, 40, 25]]), np.zeros(1, np.int32), mask[None]
    )


@pytest.mark.parametrize(
    "augmentation",
    [
        pytest.param(Augmentation(), id="nothing"),
        pytest.param(Augmentation(zoom=1.5), id="zoom"),
        pytest.param(Augmentation(shift=0.2), id="shift"),
        pytest.param(Augmentation(flip=True, zoom=1.3, shift=0.1), id="all"),
    ],
)
def test_boxes_and_masks_follow_the_pixels(augmentation):
    moved = set()
    for seed in range(12):
        changed = augment(block(), augmentation, np.random.default_rng(seed))
        assert changed.pixels.shape == (60, 80, 3)
        (corners,) = changed.corners
        moved.add(tuple(corners.round(2)))
        bright = changed.pixels[:, :, 0] * (changed.pixels[:, :, 0] != 114)
        np.testing.assert_allclose(tight(changed.masks[0]), corners, atol=1.01)
        np.testing.assert_allclose(tight(bright > 127), corners, atol=1.01)
    assert (len(moved) == 1) == (augmentation == Augmentation())


def test_unchanged_it_is_the_same_to_the_last_bit():
    changed = augment(block(), Augmentation(), np.random.default_rng(0))
    np.testing.assert_array_equal(changed.pixels, block().pixels)
    np.testing.assert_array_equal(changed.masks, block().masks)
    np.testing.assert_array_equal(changed.corners, block().corners)


def test_a_mirrored_object_is_on_the_other_side():
    for seed in range(20):
        (corners,) = augment(block(), Augmentation(flip=True), np.random.default_rng(seed)).corners
        assert corners.tolist() in ([20, 10, 40, 25], [40, 10, 60, 25])


def test_what_leaves_the_image_is_cut_off_and_left_out_when_little_is_left():
    edge = replace(block(), corners=np.array([[0.0, 10, 20, 25]]))
    counts, widths = set(), []
    for seed in range(60):
        changed = augment(edge, Augmentation(shift=0.3), np.random.default_rng(seed))
        counts.add(len(changed.corners))
        assert len(changed.masks) == len(changed.classes) == len(changed.corners)
        widths += (changed.corners[:, 2] - changed.corners[:, 0]).tolist()
        assert changed.corners.min(initial=0) >= 0
    assert counts == {0, 1}
    assert min(widths) >= 0.3 * 20
    assert max(widths) == pytest.approx(20)


def test_samples_are_the_annotations(scenes):
    samples = DetectionSamples(scenes, 0, with_masks=True)
    assert len(samples) == 6
    for index, image in enumerate(scenes.images):
        sample = samples[index]
        assert sample.pixels.shape == (image.height, image.width, 3)
        assert sample.masks.shape == (2, image.height, image.width)
        for mask, corners in zip(sample.masks, sample.corners, strict=True):
            assert tight(mask) == corners.tolist()


def test_samples_of_another_size_keep_their_objects(scenes):
    sample = DetectionSamples(scenes, 32, with_masks=True)[0]
    assert sample.pixels.shape == (32, 32, 3)
    whole = DetectionSamples(scenes, 0, with_masks=False)[0]
    assert whole.masks is None
    np.testing.assert_allclose(sample.corners, whole.corners / 2)
    for mask, corners in zip(sample.masks, sample.corners, strict=True):
        np.testing.assert_allclose(tight(mask), corners, atol=1.01)


def test_crowds_are_not_learnt_and_missing_masks_are_told(scenes):
    image = scenes.images[0]
    objects = scenes.annotations[image.id].objects
    crowd = replace(objects, crowd=np.array([True, False]))
    split = replace(scenes, annotations={**scenes.annotations, 1: Annotation(image, crowd)})
    assert DetectionSamples(split, 0, with_masks=True)[0].classes.tolist() == [1]
    assert count_objects(split)[0].tolist() == [0, 1]
    bare = replace(objects, masks=None)
    split = replace(scenes, annotations={**scenes.annotations, 1: Annotation(image, bare)})
    with pytest.raises(UsageError, match="Image 1 of scenes · train has objects without masks"):
        DetectionSamples(split, 0, with_masks=True)[0]


def test_rare_classes_are_drawn_more_often(scenes):
    image = scenes.images[0]
    objects = scenes.annotations[1].objects
    rare = replace(objects, categories=np.array([2, 2], np.int32))
    split = replace(
        scenes,
        categories=(*scenes.categories, scenes.categories[0]),
        annotations={**scenes.annotations, 1: Annotation(image, rare)},
    )
    counts = count_objects(split)
    assert sampling_weights(counts, 0.0).tolist() == pytest.approx([1 / 6] * 6)
    weights = sampling_weights(counts, 1.0)
    assert weights[0] == pytest.approx(5 * weights[1])


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_scores_are_those_of_pycocotools(scenes, geometry, tmp_path):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(5)
    predicted, rows, truth = [], [], []
    for image in scenes.images:
        objects = truth_of(scenes, image)
        moved = objects.boxes + rng.normal(0, 1.5, objects.boxes.shape)
        other = scenes.annotations[1 + (image.id + 2) % 6]  # of the same size
        assert (other.image.height, other.image.width) == (image.height, image.width)
        found = replace(
            objects,
            boxes=moved,
            areas=moved[:, 2] * moved[:, 3],
            scores=rng.random(2),
            masks=(objects.masks[0], other.objects.masks[1]),
        )
        predicted.append(found)
        for place in range(2):
            numbers = {"image_id": image.id, "category_id": int(objects.categories[place])}
            mask, own = found.masks[place], objects.masks[place]
            size = [image.height, image.width]
            rows.append(
                {**numbers, "score": float(found.scores[place]), "bbox": moved[place].tolist()}
                if geometry == "box"
                else {
                    **numbers,
                    "score": float(found.scores[place]),
                    "segmentation": {"size": size, "counts": mask.counts.decode()},
                }
            )
            truth.append(
                {
                    **numbers,
                    "id": len(truth) + 1,
                    "iscrowd": 0,
                    "bbox": objects.boxes[place].tolist(),
                    "area": float(objects.areas[place]),
                    "segmentation": {"size": size, "counts": own.counts.decode()},
                }
            )
    content = {
        "images": [
            {"id": each.id, "height": each.height, "width": each.width} for each in scenes.images
        ],
        "annotations": truth,
        "categories": [{"id": index, "name": str(index)} for index in range(2)],
    }
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(content))
    with redirect_stdout(StringIO()):
        coco = COCO(str(path))
        kind = "bbox" if geometry == "box" else "segm"
        evaluation = COCOeval(coco, coco.loadRes(rows), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ours = score(scenes, predicted, geometry)
    assert ours["ap"] == pytest.approx(evaluation.stats[0], abs=1e-12)
    assert ours["ap50"] == pytest.approx(evaluation.stats[1], abs=1e-12)
    assert 0 < ours["ap"] < ours["ap50"] <= 1


def test_nothing_found_scores_nothing(scenes):
    nothing = Objects(
        np.zeros((0, 4)), np.zeros(0, np.int32), np.zeros(0), np.zeros(0, bool), np.zeros(0)
    )
    assert score(scenes, [nothing] * 6, "box") == {"ap": 0.0, "ap50": 0.0}
