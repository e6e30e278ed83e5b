"""Photographs and handwritten digits out of installed packages."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.datasets import photos
from core.errors import UsageError


def all_digits(split):
    return [
        (number, sample.tobytes())
        for number, samples in enumerate(photos.digits(split))
        for sample in samples
    ]


def test_digits_are_those_of_scikit_learn_each_in_one_split():
    loaded = load_digits()
    expected = sorted(
        (int(number), (sample / 16).astype(np.float32).tobytes())
        for number, sample in zip(loaded.target, loaded.data, strict=True)
    )
    assert len(set(expected)) == 1797
    assert sorted(pair for split in photos.SPLITS for pair in all_digits(split)) == expected


@pytest.mark.parametrize("split", photos.SPLITS)
def test_every_digit_has_enough_samples(split):
    least = {"train": 110, "val": 18, "test": 14}[split]
    assert min(map(len, photos.digits(split))) >= least


def test_no_photograph_is_in_two_splits():
    pixels = [photo.tobytes() for split in photos.SPLITS for photo in photos.photos(split)]
    assert len(pixels) == len(set(pixels)) == 15
    # the other eye of the same stereo pair would be the same photograph to a system
    names = [inside for named in photos.PHOTOS.values() for _, inside in named]
    assert not any("motorcycle_right" in name for name in names)


@pytest.mark.parametrize("split", photos.SPLITS)
def test_photographs_are_rgb_and_large_enough(split):
    for photo in photos.photos(split):
        assert photo.dtype == np.uint8
        assert photo.shape[2] == 3
        assert min(photo.shape[:2]) >= 192


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(photos, "DIGITS", ("no_such_package", "digits.csv.gz"))
    photos.digits.cache_clear()
    with pytest.raises(UsageError, match=r"no_such_package is not installed.*requirements\.txt"):
        photos.digits("val")


def test_a_missing_picture_is_named(monkeypatch):
    monkeypatch.setitem(photos.PHOTOS, "val", (("skimage", "data/no-such.png"),))
    photos.photos.cache_clear()
    with pytest.raises(UsageError, match=r"no-such\.png could not be read"):
        photos.photos("val")


def test_neither_package_is_imported():
    code = (
        "import sys; from core.datasets import photos; photos.photos('val'); photos.digits('val');"
        "print(sorted({'skimage', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
