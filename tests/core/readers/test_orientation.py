"""Photographs that EXIF asks to turn: read as stored, and told where annotations contradict."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError
from core.readers.coco import read_coco
from core.readers.images import orientation
from core.readers.labelme import read_labelme
from core.readers.orientation import told_turned
from core.readers.via import read_via

HEIGHT, WIDTH = 30, 40  # as stored; turned it is 40 high and 30 wide


def photograph(folder, turn, name="a.jpg", **options):
    folder.mkdir(exist_ok=True)
    exif = Image.Exif()
    if turn is not None:
        exif[0x0112] = turn
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / name, exif=exif, **options)
    return folder


def via(tmp_path, x, y, width, height, turn):
    shape = {"name": "rect", "x": x, "y": y, "width": width, "height": height}
    region = {"shape_attributes": shape, "region_attributes": {"kind": "dog"}}
    file = tmp_path / "via.json"
    file.write_text(json.dumps({"a": {"filename": "a.jpg", "size": 1, "regions": [region]}}))
    folder = photograph(tmp_path / "images", turn)
    return read_via(file, folder, "pets", "val", class_attribute="kind")[0]


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
@pytest.mark.parametrize(("turn", "found"), [(None, 1), (1, 1), (3, 3), (6, 6), (9, 1), (0, 1)])
def test_orientation_is_what_exif_says_or_upright(tmp_path, ending, turn, found):
    folder = photograph(tmp_path, turn, f"a.{ending}")
    assert orientation(folder / f"a.{ending}") == found


def test_what_cannot_be_read_is_upright(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 no image")
    assert orientation(tmp_path / "a.jpg") == orientation(tmp_path / "none.jpg") == 1


@pytest.mark.parametrize("turn", [5, 6, 7, 8])
def test_via_regions_of_the_turned_photograph_are_faults(tmp_path, turn):
    with pytest.raises(FaultyInputError) as caught:
        via(tmp_path, 5, 20, 20, 18, turn)
    (fault,) = caught.value.faults
    assert "reach column 25 and row 38, beyond the stored image of 30 x 40" in fault
    assert f"its EXIF (orientation {turn}) asks to show it turned" in fault
    assert "Overlook reads pixels as they are stored" in fault


@pytest.mark.parametrize(
    ("box", "turn"),
    [
        ((5, 20, 20, 18), None),  # beyond the image, which is not turned
        ((5, 20, 20, 18), 3),  # upside down: the sizes agree
        ((5, 2, 34, 18), 6),  # fits the stored image alone
        ((5, 2, 20, 18), 6),  # fits both
        ((5, 20, 34, 18), 6),  # fits neither
        ((5, 2, 20, 29), 6),  # beyond it by one pixel, as hands draw
    ],
)
def test_only_a_certain_contradiction_is_a_fault(tmp_path, box, turn):
    dataset = via(tmp_path, *box, turn)
    assert (dataset.images[0].height, dataset.images[0].width) == (HEIGHT, WIDTH)
    told = told_turned(dataset)
    assert told.startswith("1 of 1 photographs carry an EXIF orientation") == (turn is not None)


@pytest.mark.parametrize("turn", [None, 6])
def test_sizes_of_the_turned_photograph_name_exif(tmp_path, turn):
    folder = photograph(tmp_path / "images", turn)
    image = {"id": 1, "file_name": "a.jpg", "height": WIDTH, "width": HEIGHT}
    document = {"images": [image], "annotations": [], "categories": [{"id": 1, "name": "dog"}]}
    coco = tmp_path / "coco.json"
    coco.write_text(json.dumps(document))
    labels = tmp_path / "labels"
    labels.mkdir()
    points = {"points": [[2, 2], [20, 39]], "shape_type": "rectangle", "label": "dog"}
    document = {"imagePath": "a.jpg", "imageHeight": WIDTH, "imageWidth": HEIGHT}
    (labels / "a.json").write_text(json.dumps({**document, "shapes": [points]}))
    for read, path in ((read_coco, coco), (read_labelme, labels)):
        with pytest.raises(FaultyInputError) as caught:
            read(path, folder, "pets", "val")
        (fault,) = caught.value.faults
        assert ("its EXIF (orientation 6) asks to show it turned" in fault) == (turn == 6)
        assert ("the two look swapped" in fault) == (turn is None)


def test_upright_photographs_are_not_spoken_of(tmp_path):
    dataset = via(tmp_path, 5, 2, 20, 18, None)
    assert told_turned(dataset) == ""
    assert np.array_equal(dataset.annotations[1].objects.boxes, [[5, 2, 20, 18]])
