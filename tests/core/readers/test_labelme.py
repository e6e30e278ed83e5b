"""LabelMe: every type of shape against plain painting, groups, and files spoilt in one place."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from core.errors import FaultyInputError, UsageError
from core.geometry import rle
from core.readers.labelme import read_labelme
from core.structures import Rle

HEIGHT, WIDTH = 24, 32
RING = [[3, 2], [20.5, 4], [17, 19], [5, 15]]
OTHER = [[22, 3], [30, 3], [30, 9]]
CROP = np.array([[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]], np.uint8)


def png(pixels, mode=None):
    written = io.BytesIO()
    Image.fromarray(pixels, mode).save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def shape(label, points, kind="polygon", **fields):
    fields = {"group_id": None, "shape_type": kind, "flags": {}, "description": ""} | fields
    return {"label": label, "points": points} | fields


SHAPES = [
    shape("leaf", RING),
    shape("stem", [[9, 12], [4, 5]], "rectangle"),
    shape("leaf", [[12, 10.5], [12, 15.75]], "circle"),
    shape("bud", [[6, 7], [9, 9]], "mask", mask=png(CROP)),
    shape("leaf", OTHER, group_id=4),
    shape("stem", [[0, 20], [2, 22]], "rectangle", group_id=4),
    shape("leaf", [[1, 20], [5, 23]], "rectangle", group_id=4),
]


def polygon(*rings):
    flat = [[n for point in ring for n in point] for ring in rings]
    merged = coco_mask.merge(coco_mask.frPyObjects(flat, HEIGHT, WIDTH))
    return rle.decode(Rle(HEIGHT, WIDTH, merged["counts"]))


def square(x1, y1, x2, y2):
    return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("json", "images"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "images" / "a.png")
    write(tmp_path, document(SHAPES))
    return tmp_path


def document(shapes, **changes):
    fields = {"version": "6.3.1", "flags": {}, "shapes": shapes, "imagePath": "..\\images\\a.png"}
    return fields | {"imageData": None, "imageHeight": HEIGHT, "imageWidth": WIDTH} | changes


def write(folder, content, name="a"):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "json" / f"{name}.json").write_text(text)


def read(folder, **options):
    return read_labelme(folder / "json", folder / "images", "plants", "val", **options)


def test_every_type_of_shape_gives_the_pixels_and_boxes_drawn(folder):
    dataset, faults = read(folder)
    assert faults == ()
    names = [category.name for category in dataset.categories]
    assert names == ["bud", "leaf", "stem"]
    objects = dataset.annotations[1].objects
    found = [names[category] for category in objects.categories]
    assert found == ["leaf", "stem", "leaf", "bud", "leaf", "stem"]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    crop = np.zeros((HEIGHT, WIDTH), bool)
    crop[7:10, 6:10] = CROP == 1
    expected = [
        polygon(RING),
        polygon(square(4, 5, 9, 12)),
        (columns - 12) ** 2 + (rows - 10.5) ** 2 <= 5.25**2,
        crop,
        polygon(OTHER) | polygon(square(1, 20, 5, 23)),
        polygon(square(0, 20, 2, 22)),
    ]
    for mask, own in zip(objects.masks, expected, strict=True):
        assert (rle.decode(mask) == own).all()
    assert objects.areas.tolist() == [own.sum() for own in expected]
    assert objects.boxes.tolist() == [
        [3, 2, 17.5, 17], [4, 5, 5, 7], [6.75, 5.25, 10.5, 10.5], [7, 7, 2, 2],
        [1, 3, 29, 20], [0, 20, 2, 2],
    ]  # fmt: skip


def test_rectangles_alone_stay_boxes_and_a_group_of_them_does_not(folder):
    write(folder, document([SHAPES[1]]))
    assert read(folder)[0].annotations[1].objects.masks is None
    write(folder, document([dict(SHAPES[1], group_id=1), dict(SHAPES[1], group_id=1)]))
    objects = read(folder)[0].annotations[1].objects
    assert objects.masks is not None
    assert len(objects) == 1


def test_images_are_numbered_by_their_files_and_classes_may_be_given(folder):
    Image.new("RGB", (5, 4)).save(folder / "images" / "b.png")
    write(folder, document([], imagePath="b.png", imageHeight=None, imageWidth=None), "0")
    dataset, _ = read(folder, class_names=["stem", "bud", "leaf"])
    assert [(i.id, i.path, i.tags) for i in dataset.images] == [
        (1, "b.png", ("empty",)), (2, "a.png", ())
    ]  # fmt: skip
    assert dataset.annotations[2].objects.categories.tolist() == [2, 0, 2, 1, 2, 0]
    with pytest.raises(FaultyInputError, match="the class is 'bud', which is none of --classes"):
        read(folder, class_names=["stem", "leaf"])


def spoilt(**changes):
    return document([SHAPES[0], SHAPES[3] | changes])


def top(**changes):
    return document(SHAPES, **changes)


TWO = [[1, 1], [2, 2]]
FAULTS = {
    "point": (
        spoilt(shape_type="point", points=[[1, 1]]),
        "a.json shapes[1]: the shape is of type",
    ),
    "line": (spoilt(shape_type="linestrip"), "of type linestrip, which encloses no area"),
    "unknown": (spoilt(shape_type="star"), "'shape_type' is 'star'; expected polygon, rect"),
    "no kind": (spoilt(shape_type=None), "'shape_type' is None"),
    "corners": (spoilt(shape_type="rectangle", points=RING), "a rectangle of 4 points; expected"),
    "no points": (spoilt(points=None), "'points' is None; expected [[x, y], …]"),
    "triple": (spoilt(points=[[1, 2, 3], [1, 2]]), "'points' is [[1, 2, 3], [1, 2]]"),
    "text": (spoilt(points=[["1", 2], [3, 4]]), "a coordinate is 1; expected a finite number"),
    "flat": (spoilt(shape_type="rectangle", points=[[1, 1], [1, 9]]), "a rectangle of 0 x 8"),
    "no radius": (spoilt(shape_type="circle", points=[[1, 1], [1, 1]]), "radii 0 and 0"),
    "label": (spoilt(label=""), "'label' is ''; expected a text"),
    "group": (spoilt(group_id="x"), "'group_id' is 'x'; expected null or a whole number"),
    "no mask": (spoilt(mask=None), "'mask' is None; expected a PNG in base64"),
    "base64": (spoilt(mask="%%%"), "'mask' is no base64"),
    "no png": (spoilt(mask=base64.b64encode(b"GIF89a").decode()), "the PNG cannot be read"),
    "colours": (spoilt(mask=png(np.zeros((3, 4, 3), np.uint8))), "the PNG has mode RGB"),
    "mask size": (spoilt(points=TWO), "its mask is 3 x 4 (height x width), but its points leave"),
    "outside": (spoilt(points=[[30, 7], [33, 9]]), "is not inside its image of 32 x 24"),
    "no pixels": (spoilt(mask=png(CROP * 0)), "it covers no pixel of its image"),
    "no object": (document([SHAPES[0], 7]), "shapes[1]: the entry is 7; expected an object"),
    "other json": ({"images": []}, "a.json: this is no file of LabelMe"),
    "list": ([], "a.json: this is no file of LabelMe"),
    "cut": ("{", "this is no JSON"),
    "no path": (top(imagePath=None), "'imagePath' is None; expected the name of a file"),
    "no image": (top(imagePath="x.png"), "a.json: the image file does not exist"),
    "path out": (top(imagePath="../.."), "leads out of the folder"),
    "size": (top(imageHeight=WIDTH, imageWidth=HEIGHT), "the two look swapped"),
    "size of text": (top(imageHeight="24"), "imageHeight and imageWidth are ['24', 32]"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    content, said = FAULTS[name]
    write(folder, content)
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / "images" / "b.png")
    write(folder, document(SHAPES[:1], imagePath="b.png"), "b")
    with pytest.raises(FaultyInputError) as told:
        read(folder)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    dataset, faults = read(folder, skip_bad=True)
    assert len(faults) == 1
    assert len(dataset.images) == 1 + ("shapes[1]" in told.value.faults[0])


def test_two_files_of_one_image_are_told(folder):
    write(folder, document(SHAPES), "b")
    with pytest.raises(FaultyInputError, match=r"b\.json: the image 'a\.png' occurred before"):
        read(folder)


def test_a_folder_without_json_is_refused(folder):
    with pytest.raises(UsageError, match=r"holds no \.json files"):
        read_labelme(folder / "images", folder / "images", "d", "val")


def test_nothing_of_a_file_makes_the_reader_fail_otherwise(folder):
    for key in (*document([]), *SHAPES[3]):
        for value in (None, True, -1, 1e999, "", "x", [], {}, [[]], [[None, 1]] * 2, 10**30):
            write(folder, document([SHAPES[0], SHAPES[3] | {key: value}]) | {key: value})
            try:
                read(folder, skip_bad=True)
            except UsageError as error:
                assert str(error)  # noqa: PT017 - either outcome is right, another error is not
