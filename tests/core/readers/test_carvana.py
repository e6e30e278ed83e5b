"""Carvana: masks as GIFs of every palette, and folders spoilt in one place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.carvana import read_carvana

MASK = np.array([[0, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 1]], np.uint8)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train", "train_masks"):
        (tmp_path / name).mkdir()
    for name in ("car_01", "car_02"):
        Image.new("RGB", (5, 3)).save(tmp_path / "train" / f"{name}.jpg")
        save(tmp_path, name, MASK, (BLACK, WHITE))
    return tmp_path


def save(folder, name, indices, palette, **options):
    image = Image.fromarray(indices, "P")
    image.putpalette([number for colour in palette for number in colour])
    image.save(folder / "train_masks" / f"{name}_mask.gif", **options)


def read(folder, **options):
    return read_carvana(folder / "train_masks", folder / "train", "carvana", "train", **options)


@pytest.mark.parametrize(
    ("indices", "palette"),
    [
        (MASK, (BLACK, WHITE)),
        (1 - MASK, (WHITE, BLACK)),
        (MASK * 255, tuple((number,) * 3 for number in range(256))),
        (MASK * 3, (BLACK, WHITE, WHITE, WHITE)),
    ],
)
def test_white_is_the_car_whatever_number_the_palette_has_for_it(folder, indices, palette):
    save(folder, "car_02", indices, palette, optimize=False)
    dataset, faults = read(folder)
    assert faults == ()
    assert [category.name for category in dataset.categories] == ["background", "car"]
    assert dataset.background == 0
    assert [(i.id, i.name, i.path) for i in dataset.images] == [
        (1, "car_01", "car_01.jpg"), (2, "car_02", "car_02.jpg")
    ]  # fmt: skip
    assert (dataset.annotations[2].label_map == MASK).all()


def test_white_may_be_another_class_and_a_list_chooses_images(folder):
    dataset, _ = read(folder, one_class="van", only=["car_02"])
    assert [category.name for category in dataset.categories] == ["background", "van"]
    assert [image.name for image in dataset.images] == ["car_02"]


def test_a_mask_that_changes_after_it_was_read_is_refused(folder):
    dataset, _ = read(folder)
    save(folder, "car_01", 1 - MASK, (BLACK, WHITE))
    with pytest.raises(UsageError, match="the file has changed"):
        dataset.annotations[1]


def mask(content):
    return lambda folder: (folder / "train_masks" / "car_01_mask.gif").write_bytes(content)


def frames(folder):
    other = Image.fromarray(1 - MASK, "P")
    save(folder, "car_01", MASK, (BLACK, WHITE), save_all=True, append_images=[other])


FAULTS = {
    "grey": (lambda f: save(f, "car_01", MASK, (BLACK, (254, 255, 255))), "6 pixels are neither"),
    "size": (lambda f: save(f, "car_01", MASK.T.copy(), (BLACK, WHITE)), "the labels are 5 x 3"),
    "frames": (frames, "the image has 2 frames; expected one"),
    "text": (mask(b"no image"), "the image cannot be read"),
    "cut": (mask(b"GIF89a\x05\x00\x03\x00"), "the image cannot be read"),
    "no mask": (lambda f: (f / "train_masks" / "car_01_mask.gif").unlink(), "is no label file"),
    "no photo": (lambda f: (f / "train" / "car_01.jpg").unlink(), "there is no image of this name"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    spoil, said = FAULTS[name]
    spoil(folder)
    with pytest.raises(FaultyInputError) as told:
        read(folder)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    assert told.value.faults[0].startswith("car_01")
    dataset, faults = read(folder, skip_bad=True)
    assert [image.name for image in dataset.images] == ["car_02"]
    assert len(faults) == 1


def test_a_folder_without_masks_is_refused(folder):
    with pytest.raises(UsageError, match=r"holds no \*_mask\.gif"):
        read_carvana(folder / "train", folder / "train", "carvana", "train")
