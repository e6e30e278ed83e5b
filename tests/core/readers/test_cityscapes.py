"""Cityscapes: ids to classes against the benchmark's own table, and folders spoilt in one place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.cityscapes import read_cityscapes

# train id of each id from 0 to 33, as the benchmark's scripts list them; 255 is ignored
TRAIN_IDS = [
    *(255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 2, 3, 4, 255, 255, 255, 5, 255),
    *(6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 16, 17, 18),
]
IDS = np.array([*range(34), 255, 7], np.uint8).reshape(4, 9)
NAMES = ("bonn/bonn_000001_000019", "ulm/ulm_000000_000019")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        for room in ("gtFine", "leftImg8bit"):
            (tmp_path / room / name).parent.mkdir(parents=True)
        Image.new("RGB", (9, 4)).save(tmp_path / "leftImg8bit" / f"{name}_leftImg8bit.png")
        save(tmp_path, name, IDS)
        save(tmp_path, name, IDS * 0, "labelTrainIds")
    return tmp_path


def save(folder, name, ids, kind="labelIds"):
    Image.fromarray(ids).save(folder / "gtFine" / f"{name}_gtFine_{kind}.png")


def read(folder, **options):
    return read_cityscapes(folder / "gtFine", folder / "leftImg8bit", "city", "val", **options)


def test_ids_become_the_nineteen_classes_and_the_others_void(folder):
    dataset, faults = read(folder)
    assert faults == ()
    assert len(dataset.categories) == 19
    assert dataset.background is None
    assert dataset.categories[13].name == "car"
    for index, category in enumerate(dataset.categories):
        assert TRAIN_IDS[category.source_id] == index
    expected = np.array([*TRAIN_IDS, 255, 0], np.uint8).reshape(4, 9)
    for image in dataset.images:
        assert (dataset.annotations[image.id].label_map == expected).all()


def test_images_lie_in_their_cities(folder):
    dataset, _ = read(folder)
    assert [(i.id, i.name, i.path, i.height, i.width, i.tags) for i in dataset.images] == [
        (1, f"{NAMES[0][5:]}_leftImg8bit", f"{NAMES[0]}_leftImg8bit.png", 4, 9, ("bonn",)),
        (2, f"{NAMES[1][4:]}_leftImg8bit", f"{NAMES[1]}_leftImg8bit.png", 4, 9, ("ulm",)),
    ]


def remove(path):
    return lambda folder: (folder / path).unlink()


FAULTS = {
    "unknown": (lambda f: save(f, NAMES[0], np.full((4, 9), 34, np.uint8)), "values 34 are no cl"),
    "size": (lambda f: save(f, NAMES[0], IDS.T.copy()), "the labels are 9 x 4"),
    "colours": (lambda f: save(f, NAMES[0], np.zeros((4, 9, 3), np.uint8)), "mode RGB"),
    "no image": (remove(f"leftImg8bit/{NAMES[0]}_leftImg8bit.png"), "there is no image of this"),
    "no labels": (remove(f"gtFine/{NAMES[0]}_gtFine_labelIds.png"), "there is no label file"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    spoil, said = FAULTS[name]
    spoil(folder)
    with pytest.raises(FaultyInputError) as told:
        read(folder)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    assert told.value.faults[0].startswith("bonn")
    dataset, faults = read(folder, skip_bad=True)
    assert [image.tags for image in dataset.images] == [("ulm",)]
    assert len(faults) == 1


def test_folders_of_train_ids_or_of_one_city_are_refused(folder):
    with pytest.raises(UsageError, match=r"holds a file \*_gtFine_labelIds\.png; expected the"):
        read_cityscapes(folder / "gtFine" / "ulm", folder / "leftImg8bit", "city", "val")
    with pytest.raises(UsageError, match=r"holds a file \*_leftImg8bit\.png"):
        read_cityscapes(folder / "gtFine", folder / "gtFine", "city", "val")
