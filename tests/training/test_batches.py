"""Sampling, augmentation and label maps of batches."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.geometry import rle
from core.structures import Annotation, Category, Dataset, ImageRecord, Objects, Source
from training import batches
from training.augmentation import GREY, Augmentation
from training.batches import Sample, Samples

HEIGHT, WIDTH, VOID = 8, 12, 255


def objects(category: int, masks=None) -> Objects:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:6, 4:8] = True
    return Objects(
        boxes=np.array([[4.0, 2, 4, 4]]),
        categories=np.array([category], np.int32),
        areas=np.array([16.0]),
        crowd=np.zeros(1, bool),
        masks=(rle.encode(mask),) if masks is None else masks,
    )


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    records, annotations = [], {}
    for index in range(4):
        record = ImageRecord(index + 1, f"{index}", f"{index}.png", HEIGHT, WIDTH)
        pixels = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
        pixels[2:6, 4:8] = (200, 100, 50)
        Image.fromarray(pixels).save(tmp_path / record.path)
        records.append(record)
        annotations[record.id] = Annotation(record, objects(index % 2))
    return Dataset(
        name="made up",
        split="train",
        categories=(Category("a"), Category("b")),
        images=tuple(records),
        annotations=annotations,
        images_folder=tmp_path,
        source=Source("coco", "x", ""),
    )


def scene() -> Sample:
    generator = np.random.default_rng(5)
    return Sample(
        generator.integers(0, 256, (10, 16, 3), dtype=np.uint8),
        generator.integers(0, 3, (10, 16), dtype=np.uint8),
    )


def test_maps_are_painted_from_masks_with_background_after_the_last_class(dataset):
    assert batches.label_names(dataset) == (("a", "b", "background"), 2)
    label_map = Samples(dataset)[1].label_map
    assert Counter(label_map.ravel().tolist()) == {2: 80, 1: 16}
    assert batches.count_labels(Samples(dataset), 3).tolist() == [[16, 0, 80], [0, 16, 80]] * 2


def test_given_maps_are_taken_as_they_are(dataset):
    given = np.full((HEIGHT, WIDTH), 1, np.uint8)
    given[0] = VOID
    record = dataset.images[0]
    dataset.annotations[record.id] = Annotation(record, label_map=given)
    assert batches.label_names(dataset) == (("a", "b"), None)
    np.testing.assert_array_equal(Samples(dataset)[0].label_map, given)
    assert batches.count_labels(Samples(dataset), 2)[0].tolist() == [0, 84]


def test_samples_are_decoded_once_while_they_fit(dataset, monkeypatch):
    samples = Samples(dataset)
    assert samples[0] is samples[0]
    monkeypatch.setattr(batches, "KEPT_BYTES", 100)
    samples = Samples(dataset)
    assert samples[0] is not samples[0]


def test_half_size_halves_pixels_and_map_alike(dataset):
    sample = Samples(dataset, 0.5)[0]
    assert sample.pixels.shape == (4, 6, 3)
    expected = np.full((4, 6), 2)
    expected[1:3, 2:4] = 0
    np.testing.assert_array_equal(sample.label_map, expected)
    assert sample.pixels[2, 3].tolist() == [200, 100, 50]


def test_a_smaller_map_holds_the_class_in_the_middle_of_each_pixel(dataset):
    record = dataset.images[0]
    columns = np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1))
    dataset.annotations[record.id] = Annotation(record, label_map=columns)
    assert Samples(dataset, 1 / 3)[0].label_map[0].tolist() == [1, 4, 7, 10]


def test_an_image_that_is_not_there_is_told(dataset):
    (dataset.images_folder / "2.png").unlink()
    with pytest.raises(
        UsageError, match=r"Image 3 of made up · train cannot be learnt from: .*2\.png"
    ):
        Samples(dataset)[2]


def test_boxes_alone_are_no_segmentation(dataset):
    record = dataset.images[0]
    bare = objects(0)
    bare = Objects(bare.boxes, bare.categories, bare.areas, bare.crowd)
    dataset.annotations[record.id] = Annotation(record, bare)
    with pytest.raises(UsageError, match="Image 1 of made up · train has neither a label map nor"):
        Samples(dataset)[0]


COUNTS = np.array([[9, 0, 1], [9, 0, 0], [9, 5, 0], [9, 0, 2]])


def test_images_are_weighted_by_their_rarest_class():
    # class 0 is in four images, class 1 in one, class 2 in two
    weights = batches.sampling_weights(COUNTS, 1)
    np.testing.assert_allclose(weights / weights[1], [2, 1, 4, 2])
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(batches.sampling_weights(COUNTS, 0), [0.25] * 4)
    halfway = batches.sampling_weights(COUNTS, 0.5)
    assert halfway[2] / halfway[1] == pytest.approx(2)


def test_an_epoch_draws_each_image_as_often_as_its_weight_asks():
    generator = np.random.default_rng(0)
    assert sorted(batches.draw(np.full(50, 1 / 50), generator)) == list(range(50))
    weights = batches.sampling_weights(np.tile(COUNTS, (25, 1)), 1)
    drawn = np.bincount(batches.draw(weights, generator), minlength=100)
    assert drawn.sum() == 100
    assert np.abs(drawn - 100 * weights).max() < 1


def test_draws_are_in_random_order_and_made_again_by_their_seed():
    weights = np.full(30, 1 / 30)
    first, again, other = (
        batches.draw(weights, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first != sorted(first)


def test_without_augmentation_a_square_sample_stays_as_it_is():
    sample = Sample(scene().pixels[:, :10], scene().label_map[:, :10])
    same = batches.augment(sample, Augmentation(), 10, np.random.default_rng(0))
    np.testing.assert_array_equal(same.pixels, sample.pixels)
    np.testing.assert_array_equal(same.label_map, sample.label_map)


def test_outside_of_the_image_is_grey_and_void():
    sample = Sample(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8))
    wide = batches.augment(sample, Augmentation(), 8, np.random.default_rng(0))
    assert Counter(wide.label_map.ravel().tolist())[VOID] >= 64 - 25
    outside = wide.label_map == VOID
    assert (wide.pixels[outside][:, 0] == GREY).mean() > 0.7  # but where they meet


def paired(seed: int) -> Sample:
    """A smooth picture whose map says where red is bright, so that they can be compared."""
    columns, rows = np.meshgrid(np.arange(40), np.arange(32))
    red = (columns * 4 + rows * 2).astype(np.uint8)
    pixels = np.stack([red, np.full_like(red, 10), np.full_like(red, 20)], axis=-1)
    changes = Augmentation(flip=True, zoom=1.6, shift=0.2)
    sample = Sample(pixels, (red > 110).astype(np.uint8))
    return batches.augment(sample, changes, 24, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(8))
def test_pixels_and_map_move_together(seed):
    moved = paired(seed)
    inside = (moved.label_map != VOID) & (moved.pixels[..., 2] == 20)
    sure = np.abs(moved.pixels[..., 0].astype(int) - 110) > 8
    told = moved.label_map == 1
    np.testing.assert_array_equal(told[inside & sure], moved.pixels[..., 0][inside & sure] > 110)
    assert inside.mean() > 0.5


def test_flips_come_only_when_asked_for():
    pixels = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None, :, None], 20, axis=0).repeat(
        3, 2
    )
    sample = Sample(pixels, np.zeros((20, 20), np.uint8))

    def rising(flip: bool) -> set[bool]:
        changed = [
            batches.augment(sample, Augmentation(flip=flip), 20, np.random.default_rng(seed))
            for seed in range(12)
        ]
        return {bool(one.pixels[0, 18, 0] > one.pixels[0, 1, 0]) for one in changed}

    assert rising(False) == {True}
    assert rising(True) == {True, False}


def test_colours_change_only_when_asked_for_and_the_map_never_does():
    sample = Sample(scene().pixels[:, :10], scene().label_map[:, :10])
    changes = Augmentation(brightness=0.3, contrast=0.3, shuffle_colours=True)
    changed = batches.augment(sample, changes, 10, np.random.default_rng(1))
    assert (changed.pixels != sample.pixels).any()
    np.testing.assert_array_equal(changed.label_map, sample.label_map)
    swapped = batches.augment(
        sample, Augmentation(shuffle_colours=True), 10, np.random.default_rng(3)
    )
    assert sorted(swapped.pixels[0, 0]) == sorted(sample.pixels[0, 0])
    assert swapped.pixels.tolist() != sample.pixels.tolist()


def test_batches_hold_the_drawn_images_in_order(dataset):
    order = np.array([0, 1, 1, 3, 2])
    made = list(
        batches.batches(Samples(dataset), order, 2, 12, Augmentation(), np.random.default_rng(0))
    )
    assert [len(pixels) for pixels, _ in made] == [2, 2, 1]
    classes = [int(one.min()) for _, maps in made for one in maps]
    assert classes == [0, 1, 1, 1, 0]
    assert made[0][0].shape == (2, 12, 12, 3)
    assert made[0][1].shape == (2, 12, 12)
