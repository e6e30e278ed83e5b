"""Stages that see the truth: what they say is the annotation, what the others say is their own."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import rle
from core.structures import Annotation, Category, Dataset, Objects, Source
from tests.training.eye import SAM, Eye, box_system, photograph, tight, truth_of
from training.oracle import (
    AnnotatedPhotograph,
    DetectedPhotographs,
    SegmentedPhotographs,
    overlapped_boxes,
    overlapped_masks,
)
from training.protocol import Photograph
from training.systems import system_type
from training.weights import SHIPPED

CLIP = SHIPPED / "clip" / "clip-demo.safetensors"

DISC, SQUARE = 0, 1


def truth(seed: int, *, crowd: bool = False, masks: bool = True) -> Objects:
    drawn = truth_of(seed)
    boxes = np.array([tight(mask) for mask in drawn], np.float64)
    return Objects(
        boxes=boxes,
        categories=np.array([SQUARE, DISC], np.int32),
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.array([crowd, False]),
        masks=tuple(map(rle.encode, drawn)) if masks else None,
    )


def told(seed: int, oracle: str) -> AnnotatedPhotograph:
    given = photograph(seed)
    return AnnotatedPhotograph(given.record, given.pixels, oracle=oracle, truth=truth(seed))


def corners(box: tuple[int, ...], shift: float = 0.0) -> list[float]:
    return [box[0] + shift, box[1], box[0] + box[2] + shift, box[1] + box[3]]


def poor_eye(seed: int) -> Eye:
    """Return a detector that confuses the classes of two objects, and a third box around one."""
    first, second = map(tight, truth_of(seed))
    wide = corners((first[0], first[1], 3 * first[2], first[3]))
    eye = Eye([corners(first, 2), corners(second, 2), wide], [0.9, 0.8, 0.7])
    eye.found = replace(eye.found, classes=np.array([1, 0, 1]))
    return eye


pytestmark = pytest.mark.torch


def test_true_boxes_are_those_of_the_annotation_and_sam_draws_in_them() -> None:
    honest = box_system(Eye([corners(tight(mask)) for mask in truth_of(3)], [1.0, 1.0]))
    expected = honest.predict([photograph(3)])[0].objects
    objects = box_system(poor_eye(3)).predict([told(3, "boxes")])[0].objects
    assert objects.boxes.tolist() == truth(3).boxes.tolist()
    assert objects.categories.tolist() == [SQUARE, DISC]
    assert objects.scores.tolist() == [1, 1]
    assert objects.masks == expected.masks
    assert objects.masks != truth(3).masks


def test_true_classes_change_nothing_but_the_class_of_what_overlaps_an_object() -> None:
    system = box_system(poor_eye(3))
    before = system.predict([photograph(3)])[0].objects
    after = system.predict([told(3, "classes")])[0].objects
    assert before.categories.tolist() == [DISC, SQUARE, DISC]
    assert after.categories.tolist() == [SQUARE, DISC, DISC]
    assert after.masks == before.masks
    assert after.boxes.tolist() == before.boxes.tolist()
    assert after.scores.tolist() == before.scores.tolist()


def test_true_masks_are_those_of_what_the_box_overlaps_and_else_those_of_sam() -> None:
    system = box_system(poor_eye(3))
    before = system.predict([photograph(3)])[0].objects
    after = system.predict([told(3, "masks")])[0].objects
    assert after.masks[:2] == truth(3).masks
    assert after.masks[2:] == before.masks[2:]
    assert len(after.masks) == 3
    assert after.categories.tolist() == before.categories.tolist()
    assert after.boxes.tolist() == before.boxes.tolist()


def test_segments_are_named_truly_or_left_out_and_true_masks_are_named_by_clip() -> None:
    kind = system_type("sam-clip")
    settings = kind.settings_type(points=12, quality=0.5, stability=0.6)
    system = kind(settings, {"sam": SAM, "clip": CLIP}, ["disc", "square"], "cpu")
    named = system.predict([told(11, "classes")])[0].objects
    overlapped = overlapped_masks(named.masks, truth(11))
    assert sorted(named.categories.tolist()) == [DISC, SQUARE]
    assert named.categories.tolist() == truth(11).categories[overlapped].tolist()
    seen = system.predict([told(11, "masks")])[0].objects
    assert set(seen.masks) <= set(truth(11).masks)
    assert len(seen) >= 1
    assert (seen.scores < 1).all()


def test_an_overlap_of_half_counts_and_less_does_not() -> None:
    square = Objects(
        boxes=np.array([[0, 0, 10, 10], [0, 0, 10, 9]], np.float64),
        categories=np.zeros(2, np.int32),
        areas=np.array([100.0, 90.0]),
        crowd=np.zeros(2, bool),
        masks=(rle.encode(painted(10, 10)), rle.encode(painted(9, 10))),
    )
    boxes = np.array([[0, 0, 10, 5], [0, 0, 10, 4], [0, 0, 10, 9.4], [50, 50, 60, 60]], np.float64)
    # IoU .5 and .56; .4 and .44; .94 and .957; none
    assert overlapped_boxes(boxes, square).tolist() == [1, -1, 1, -1]
    masks = [rle.encode(painted(rows, 10)) for rows in (5, 4, 10)]
    assert overlapped_masks(masks, square).tolist() == [1, -1, 0]
    first = Objects(*(getattr(square, n)[:1] for n in ("boxes", "categories", "areas", "crowd")))
    assert overlapped_boxes(boxes[:1], first).tolist() == [0]
    assert overlapped_boxes(boxes[:0], square).tolist() == []
    assert overlapped_masks((), square).tolist() == []


def painted(rows: int, columns: int) -> np.ndarray:
    mask = np.zeros((20, 20), bool)
    mask[:rows, :columns] = True
    return mask


def dataset(objects: Objects | None) -> Dataset:
    record = photograph(3).record
    return Dataset(
        name="shapes",
        split="val",
        categories=(Category("disc"), Category("square")),
        images=(record,),
        annotations={record.id: Annotation(record, objects)},
        source=Source("coco", "x.json", "0" * 64),
        images_folder=None,
    )


def feed_of(kind, objects: Objects | None, *words: str):
    parser = ArgumentParser()
    kind.add_options(parser)
    return kind.of(None, dataset(objects), {}, parser.parse_args(words))


def test_the_feed_adds_the_truth_without_crowds_and_says_so_in_the_settings(monkeypatch) -> None:
    monkeypatch.setattr("training.feed.read_ahead", lambda *_: iter([photograph(3)]))
    plain = feed_of(DetectedPhotographs, truth(3, crowd=True))
    assert plain.settings == {}
    assert type(next(plain.read([], 1))) is Photograph
    feed = feed_of(DetectedPhotographs, truth(3, crowd=True), "--oracle", "boxes")
    assert feed.settings == {"oracle": "boxes"}
    given = next(feed.read([], 1))
    assert given.oracle == "boxes"
    assert given.truth.categories.tolist() == [DISC]
    assert len(given.truth.masks) == 1


def test_an_image_without_annotation_holds_no_objects(monkeypatch) -> None:
    monkeypatch.setattr("training.feed.read_ahead", lambda *_: iter([photograph(3)]))
    feed = feed_of(DetectedPhotographs, truth(3), "--oracle", "boxes")
    feed._dataset.annotations[3] = Annotation(photograph(3).record)
    given = next(feed.read([], 1))
    assert len(given.truth) == 0
    assert len(box_system(poor_eye(3)).predict([given])[0].objects) == 0


@pytest.mark.parametrize(
    ("kind", "oracle", "masks", "words"),
    [
        (DetectedPhotographs, "masks", False, "needs annotated masks"),
        (SegmentedPhotographs, "classes", False, "needs annotated masks"),
        (DetectedPhotographs, "boxes", None, "needs annotated objects"),
    ],
)
def test_truth_that_is_not_there_is_refused(kind, oracle, masks, words) -> None:
    objects = None if masks is None else truth(3, masks=masks)
    with pytest.raises(UsageError, match=words):
        feed_of(kind, objects, "--oracle", oracle)


def test_a_system_that_names_masks_has_no_true_boxes(capsys) -> None:
    with pytest.raises(SystemExit):
        feed_of(SegmentedPhotographs, truth(3), "--oracle", "boxes")
    assert "invalid choice: 'boxes'" in capsys.readouterr().err
