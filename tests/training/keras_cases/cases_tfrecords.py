"""TFRecord files: what is written comes back, in balance, and again with the same seed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from training import batches, tfrecords
from training.augmentation import GREY, Augmentation
from training.batches import Sample, sampling_weights

LABELS = 3


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """Twenty images; label 2 is on two of them alone, label 1 on nine."""
    found = []
    for index in range(20):
        generator = np.random.default_rng(index)
        shape = (16 + index % 3, 20)
        label_map = np.zeros(shape, np.uint8)
        label_map[:3] = 255
        if index < 9:
            label_map[5:9, 4:12] = 1
        if index in (3, 12):
            label_map[10:12] = 2
        found.append(Sample(generator.integers(0, 255, (*shape, 3), dtype=np.uint8), label_map))
    return found


@pytest.fixture(scope="module")
def counts(samples) -> np.ndarray:
    return batches.count_labels(samples, LABELS)


@pytest.fixture(scope="module")
def shards(samples, counts, tmp_path_factory):
    return tfrecords.write_shards(samples, counts, tmp_path_factory.mktemp("shards"), 5, "a")


def test_images_are_sharded_by_their_rarest_label(shards):
    assert shards.images == {0: 10, 1: 8, 2: 2}
    assert [len(shards.files(label)) for label in range(LABELS)] == [2, 2, 1]


def test_what_is_written_comes_back(shards, samples, counts):
    rarest = tfrecords.rarest_labels(counts)
    for label in range(LABELS):
        found = [
            each
            for path in shards.files(label)
            for each in tfrecords.read_samples(type(shards.folder)(path))
        ]
        members = np.flatnonzero(rarest == label).tolist()
        assert len(found) == len(members)
        for each, index in zip(found, members, strict=True):
            assert (each.pixels == samples[index].pixels).all()
            void = samples[index].label_map == 255
            assert (each.label_map[void] == tfrecords.VOID).all()
            assert (each.label_map[~void] == samples[index].label_map[~void]).all()


def test_files_are_written_once_unless_they_are_of_something_else(samples, counts, tmp_path):
    tfrecords.write_shards(samples, counts, tmp_path, 5, "a")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    tfrecords.write_shards(samples, counts, tmp_path, 5, "a")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    tfrecords.write_shards(samples, counts, tmp_path, 20, "a")
    assert len(list(tmp_path.glob("*.tfrecord"))) == LABELS
    mtimes = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    tfrecords.write_shards(samples, counts, tmp_path, 20, "b")
    assert all(path.stat().st_mtime_ns != at for path, at in mtimes.items())


def read(shards, count: int, **more):
    options = {"batch": 4, "side": 24, "augmentation": Augmentation(), "balance": 1.0, "seed": 1}
    found = tfrecords.read_batches(shards, **{**options, **more})
    return list(itertools.islice(found.as_numpy_iterator(), count))


def test_every_image_is_as_likely_as_the_weights_of_sampling_say(shards, counts):
    rarest = tfrecords.rarest_labels(counts)
    for balance in (0, 0.5, 1):
        weights = sampling_weights(counts, balance)
        expected = [weights[rarest == label].sum() for label in shards.images]
        assert tfrecords.label_shares(shards, balance) == pytest.approx(expected)
    assert tfrecords.label_shares(shards, 0) == pytest.approx([0.5, 0.4, 0.1])


def test_a_rarer_label_is_drawn_more_often(shards, counts):
    plain = (counts[:, 2] > 0).mean()
    assert tfrecords.label_shares(shards, 1)[2] > 1.5 * plain
    rare = np.concatenate([(labels == 2).any(axis=(1, 2)) for _, labels in read(shards, 60)])
    assert rare.mean() == pytest.approx(tfrecords.label_shares(shards, 1)[2], abs=0.08)


def test_the_same_seed_gives_the_same_batches(shards):
    changes = Augmentation(
        flip=True, zoom=1.3, shift=0.2, brightness=0.2, contrast=0.2, shuffle_colours=True
    )
    first = read(shards, 3, augmentation=changes)
    again = read(shards, 3, augmentation=changes)
    other = read(shards, 3, augmentation=changes, seed=2)
    for (pixels, labels), (more_pixels, more_labels) in zip(first, again, strict=True):
        assert (pixels == more_pixels).all()
        assert (labels == more_labels).all()
    assert any((one[0] != two[0]).any() for one, two in zip(first, other, strict=True))


def test_a_sample_that_is_not_changed_lies_whole_in_grey_and_void(shards):
    for pixels, labels in read(shards, 3, side=32):
        for square, label_map in zip(pixels, labels, strict=True):
            coloured = (square != GREY).any(axis=2)
            assert coloured.sum() == pytest.approx(17 * 20, rel=0.2)
            assert (label_map != tfrecords.VOID).sum() == pytest.approx(14 * 20, rel=0.15)
            assert coloured[label_map != tfrecords.VOID].mean() > 0.9
            assert set(np.unique(label_map).tolist()) <= {0, 1, 2, tfrecords.VOID}


def test_pixels_and_labels_move_together(tmp_path):
    label_map = np.zeros((20, 20), np.uint8)
    label_map[6:14, 8:15] = 1
    sample = Sample(np.repeat(200 * label_map[..., np.newaxis], 3, axis=2), label_map)
    counts = batches.count_labels([sample], 2)
    one = tfrecords.write_shards([sample], counts, tmp_path, 5, "a")
    changes = Augmentation(flip=True, zoom=1.4, shift=0.2)
    for pixels, labels in read(one, 5, augmentation=changes):
        known = labels != tfrecords.VOID
        bright = pixels[..., 0] > 100
        assert (bright[known] == (labels[known] == 1)).mean() > 0.97
