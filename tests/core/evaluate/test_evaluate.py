"""A run to counts and matches, and from there to scores, on images small enough to check by eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.evaluate import PaintChoice, evaluate_run
from core.fusion import paint_annotation
from core.scoring import Choice, coverage, score_runs
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.rows import image_ids, insert_dataset, insert_predictions, insert_run
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    Objects,
    Prediction,
    Run,
    Source,
)
from tests.factories import make_rle

HEIGHT, WIDTH = 4, 6
CAT, DOG = 0, 1
LEFT, RIGHT, RIGHTMOST = slice(0, 2), slice(4, 6), slice(5, 6)


def objects(*parts: tuple[int, slice], scores: list[float] | None = None) -> Objects:
    """Make objects that fill columns of the image from top to bottom."""
    masks = []
    for _, columns in parts:
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[:, columns] = True
        masks.append(make_rle(mask))
    boxes = [[c.start, 0, c.stop - c.start, HEIGHT] for _, c in parts]
    return Objects(
        boxes=np.array(boxes, float).reshape(-1, 4),
        categories=np.array([each for each, _ in parts], np.int32),
        areas=np.array([HEIGHT * (c.stop - c.start) for _, c in parts], float),
        crowd=np.zeros(len(parts), bool),
        scores=None if scores is None else np.array(scores),
        masks=tuple(masks),
    )


def annotation(image: ImageRecord, truth: Objects) -> Annotation:
    return Annotation(image, truth, paint_annotation(truth, HEIGHT, WIDTH, 2, None))


def dataset(split: str = "val") -> Dataset:
    """Two images: a cat at the left; a cat at the left and a dog at the right."""
    images = tuple(ImageRecord(i, f"image {i}", f"{i}.png", HEIGHT, WIDTH) for i in (1, 2))
    truths = (objects((CAT, LEFT)), objects((CAT, LEFT), (DOG, RIGHT)))
    return Dataset(
        name="pets",
        split=split,
        categories=(Category("cat", source_id=1), Category("dog", source_id=2)),
        images=images,
        annotations={i.id: annotation(i, t) for i, t in zip(images, truths, strict=True)},
        images_folder=Path("/pictures"),
        source=Source("coco", f"{split}.json", "0" * 64),
    )


def add_run(store: Store, pets: Dataset, name: str, found: dict[int, Objects]) -> None:
    run = Run(name, "net", pets.name, pets.split, weights_sha256="f" * 64)
    with store.write() as cursor:
        flags = {"has_boxes": True, "has_masks": True, "has_label_maps": False}
        key = insert_run(cursor, run, **flags, expected_images=2, status="done")
        predictions = [Prediction(i, objects=found[i.id]) for i in pets.images if i.id in found]
        insert_predictions(cursor, key, image_ids(cursor, pets.name, pets.split), predictions)


# the dog's box is one column too narrow, and a sure cat lies where nothing is
FOUND = {
    1: objects((CAT, LEFT), scores=[0.9]),
    2: objects((CAT, LEFT), (DOG, RIGHTMOST), (CAT, slice(2, 4)), scores=[0.8, 0.7, 0.3]),
}


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store.at(tmp_path / "evaluation.duckdb")
    pets = dataset()
    with store.write() as cursor:
        insert_dataset(cursor, pets, painted=True)
    add_run(store, pets, "net", FOUND)
    return store


def scores(store: Store, name: str = "net", **how) -> dict[str, float | None]:
    with store.read() as cursor:
        return score_runs(cursor, [name], **how)[0].scores


def test_painted_pixels_are_scored_from_the_threshold_on(store):
    evaluate_run(store, "net")
    # at .5 the cat with .3 is not painted. cat: 16 of 16; dog: 4 of 8; background: 24 of 28
    assert scores(store)["miou"] == pytest.approx((1 + 1 / 2 + 24 / 28) / 3)
    # foreground: 20 of 24 found, nothing invented
    assert scores(store)["foreground_iou"] == pytest.approx(20 / 24)
    evaluate_run(store, "net", paint=PaintChoice(threshold=0.2))
    # now the third cat stands on 8 pixels of background
    assert scores(store)["miou"] == pytest.approx((16 / 24 + 1 / 2 + 16 / 28) / 3)


def test_the_background_can_be_left_out_of_means_and_still_counts_as_error(store):
    evaluate_run(store, "net", paint=PaintChoice(threshold=0.2))
    how = Choice(with_background=False)
    assert scores(store, choice=how)["miou"] == pytest.approx((16 / 24 + 1 / 2) / 2)


def test_per_image_protocol_averages_images(store):
    evaluate_run(store, "net")
    how = Choice(protocol="per-image")
    second = (1 + 1 / 2 + 8 / 12) / 3  # cat, dog, background of image 2; image 1 is perfect
    # its background: 8 pixels right, 4 of the dog's invented
    assert scores(store, choice=how)["miou"] == pytest.approx((1 + second) / 2)


def test_boxes_and_masks_are_matched(store):
    sentence = evaluate_run(store, "net")
    assert "4 predictions matched by boxes and masks" in sentence
    figures = scores(store)
    # cats: both found before the false one, at every threshold; the dog overlaps by exactly .5
    assert figures["box_ap50"] == pytest.approx(1.0)
    assert figures["box_ap75"] == pytest.approx(0.5)
    assert figures["mask_ap75"] == pytest.approx(0.5)
    assert figures["mask_ap"] == pytest.approx((1.0 + 0.1) / 2)


def test_a_subset_of_images_is_scored_alone(store):
    evaluate_run(store, "net")
    with store.read() as cursor:
        first = image_ids(cursor, "pets", "val")[1]
    assert scores(store, images=[first])["miou"] == 1.0
    assert scores(store, images=[first])["box_ap"] == pytest.approx(1.0)


def test_threshold_is_chosen_on_the_split_that_is_named(store, tmp_path):
    train = dataset("train")
    with store.write() as cursor:
        insert_dataset(cursor, train, painted=True)
    # on train the third cat is right about a cat that val does not have: low scores pay
    wide = replace(
        train,
        annotations={
            i.id: annotation(i, objects((CAT, slice(0, 4)), (DOG, RIGHTMOST))) for i in train.images
        },
    )
    other = replace(wide, split="tune", source=Source("coco", "tune.json", "1" * 64))
    with store.write() as cursor:
        insert_dataset(cursor, other, painted=True)
    add_run(store, other, "net on tune", {1: FOUND[2], 2: FOUND[2]})
    evaluate_run(store, "net", paint=PaintChoice(split="tune"))
    with store.read() as cursor:
        run = catalogue.runs(cursor, "pets", "val").iloc[0]
    assert run["paint_threshold"] <= 0.3
    assert run["threshold_origin"] == "best on tune"
    evaluate_run(store, "net", paint=PaintChoice(split="val"))
    with store.read() as cursor:
        run = catalogue.runs(cursor, "pets", "val").iloc[0]
    assert 0.3 < run["paint_threshold"] <= 0.7
    assert "the split it is scored on" in run["threshold_origin"]
    with pytest.raises(UsageError, match="exactly one run"):
        evaluate_run(store, "net", paint=PaintChoice(split="train"))


def test_runs_of_different_images_share_only_what_both_answered(store):
    pets = dataset()
    add_run(store, pets, "half", {1: FOUND[1]})
    evaluate_run(store, "net")
    evaluate_run(store, "half")
    with store.read() as cursor:
        shared = coverage(cursor, ["net", "half"])
        first = image_ids(cursor, "pets", "val")[1]
        half = score_runs(cursor, ["half"])[0]
    assert shared.images == {"net": 2, "half": 1}
    assert shared.common == (first,)
    assert (shared.same_images, shared.same_classes) == (False, True)
    # an image that was not answered is not counted as all misses
    assert (half.images, half.scores["box_ap"]) == (1, pytest.approx(1.0))


def test_a_run_that_is_being_written_is_not_evaluated(store):
    with store.write() as cursor:
        cursor.execute("UPDATE run SET status = 'running'")
    with pytest.raises(UsageError, match="still being written"):
        evaluate_run(store, "net")


def test_scores_need_an_evaluation(store):
    with pytest.raises(UsageError, match="python -m core evaluate net"):
        scores(store)


def test_size_leaves_pixels_out_and_changes_what_ap_is_over(store):
    evaluate_run(store, "net")
    figures = scores(store, choice=Choice(size="large"))
    assert figures["miou"] is None
    assert figures["box_ap"] is None  # nothing here is large
    small = scores(store, choice=Choice(size="small"))
    assert small["box_ap"] == scores(store)["box_ap_small"]


def test_pixels_without_a_mask_have_no_answer_where_no_class_means_nothing(tmp_path):
    images = dataset().images
    dogs = np.full((HEIGHT, WIDTH), DOG, np.uint8)
    given = replace(
        dataset(), annotations={i.id: Annotation(i, objects((DOG, RIGHT)), dogs) for i in images}
    )
    store = Store.at(tmp_path / "store.duckdb")
    with store.write() as cursor:
        insert_dataset(cursor, given)
    add_run(store, given, "net", {i.id: objects((DOG, RIGHT), scores=[0.9]) for i in images})
    evaluate_run(store, "net")
    with store.read() as cursor:
        counts = cursor.execute("SELECT truth, predicted, pixels FROM pixel_count").fetchall()
    assert set(counts) == {(DOG, DOG, 8), (DOG, -1, 16)}
    assert scores(store)["miou"] == pytest.approx(8 / 24)
