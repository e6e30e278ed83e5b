"""YOLO's text files: a scene of exact fractions, real labels, files spoilt in one place."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from core.errors import FaultyInputError, UsageError
from core.readers.class_names import read_class_names
from core.readers.yolo import read_yolo, read_yolo_predictions

HEIGHT, WIDTH = 32, 64
BOXES = {"a": [(2, 8, 4, 16, 8), (0, 0.5, 1, 3, 2.25)], "b": [], "c": [(1, 40, 20, 24, 12)]}
CORNERS = [4, 2, 40, 6.5, 30, 28, 6, 20]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, a file of labels for the first and the last, an empty one for the second."""
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    for name, boxes in BOXES.items():
        Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "images" / f"{name}.png")
        write(tmp_path, name, *(box_row(*box) for box in boxes))
    return tmp_path


def write(folder, name, *rows):
    (folder / "labels" / f"{name}.txt").write_text("\n".join(rows))


def box_row(category, x, y, width, height, *confidence):
    centre = (x + width / 2) / WIDTH, (y + height / 2) / HEIGHT
    return " ".join(map(repr, (category, *centre, width / WIDTH, height / HEIGHT, *confidence)))


def polygon_row(category, corners, *confidence):
    sides = [WIDTH, HEIGHT] * (len(corners) // 2)
    numbers = [n / side for n, side in zip(corners, sides, strict=True)]
    return " ".join(map(repr, (category, *numbers, *confidence)))


def read(folder, **options):
    return read_yolo(folder / "labels", folder / "images", "d", "val", **options)


def predicted(folder, **options):
    dataset, _ = read(folder, class_names=["x", "y", "z"])
    rows = {"a": [box_row(2, 8, 4, 16, 8, 0.25), box_row(2, 8, 4, 16, 8, 0.25)], "c": []}
    (folder / "runs").mkdir(exist_ok=True)
    for name, own in (options.pop("rows", None) or rows).items():
        (folder / "runs" / f"{name}.txt").write_text("\n".join(own))
    return read_yolo_predictions(folder / "runs", dataset, **options)


def test_boxes_are_those_of_the_scene_to_the_last_bit(folder):
    (folder / "labels" / "b.txt").unlink()
    (folder / "labels" / "classes.txt").write_text("x\ny\nz")
    dataset, faults = read(folder)
    assert faults == ()
    assert [category.name for category in dataset.categories] == ["class 0", "class 1", "class 2"]
    assert [(image.id, image.name) for image in dataset.images] == [(1, "a"), (2, "b"), (3, "c")]
    for image, boxes in zip(dataset.images, BOXES.values(), strict=True):
        found = dataset.annotations[image.id].objects
        assert found.masks is None
        assert found.categories.tolist() == [box[0] for box in boxes]
        assert found.boxes.tolist() == [list(box[1:]) for box in boxes]
        assert found.areas.tolist() == [box[3] * box[4] for box in boxes]
    assert dataset.images[1].tags == ("empty",)


def test_polygons_are_painted_as_pycocotools_does(folder):
    for name in BOXES:
        write(folder, name, polygon_row(1, CORNERS))
    objects = read(folder)[0].annotations[1].objects
    painted = coco_mask.merge(coco_mask.frPyObjects([CORNERS], HEIGHT, WIDTH))
    assert objects.masks[0].counts == painted["counts"]
    assert objects.boxes.tolist() == [[4, 2, 36, 26]]
    assert objects.areas.tolist() == [coco_mask.area(painted)]


def test_predictions_have_their_confidence_and_may_repeat(folder):
    predictions, faults = predicted(folder)
    assert faults == ()
    assert [p.image.name for p in predictions] == ["a", "b", "c"]
    found = predictions[0].objects
    assert found.boxes.tolist() == [[8, 4, 16, 8]] * 2
    assert found.scores.tolist() == [0.25, 0.25]
    assert found.categories.tolist() == [2, 2]
    assert [len(p.objects) for p in predictions] == [2, 0, 0]


def test_a_predicted_box_may_be_cut_to_nothing_at_the_border(folder):
    predictions, _ = predicted(folder, rows={"a": [box_row(0, 8, 32, 16, 0, 0.5)]})
    assert predictions[0].objects.boxes.tolist() == [[8, 32, 16, 0]]
    with pytest.raises(
        FaultyInputError, match=r"a rectangle of -0\.32 x 4; expected sides above 0"
    ):
        predicted(folder, rows={"a": [box_row(0, 8, 30, -0.32, 4, 0.5)]})


def test_predicted_polygons_become_masks(folder):
    predictions, _ = predicted(folder, rows={"c": [polygon_row(0, CORNERS, 0.5)]})
    found = predictions[2].objects
    painted = coco_mask.merge(coco_mask.frPyObjects([CORNERS], HEIGHT, WIDTH))
    assert found.masks[0].counts == painted["counts"]
    assert found.areas.tolist() == [coco_mask.area(painted)]
    assert found.scores.tolist() == [0.5]


ROWS = {
    "text": ("0 a 0.5 0.5 0.5", "line 1: it is '0 a 0.5 0.5 0.5'; expected finite numbers"),
    "nan": ("0 nan 0.5 0.5 0.5", "expected finite numbers"),
    "class": ("0.5 0.5 0.5 0.5 0.5", "the class is '0.5'; expected a whole number from 0"),
    "negative class": ("-1 0.5 0.5 0.5 0.5", "the class is '-1'"),
    "pixels": ("0 12 3 4 5", "a coordinate is 12; expected fractions of the image's width"),
    "beyond": ("0 0.5 0.5 0.5 -0.02", "a coordinate is -0.02"),
    "no side": ("0 0.5 0.5 0.5 0", "a rectangle of 32 x 0; expected sides above 0"),
    "confidence": ("0 0.5 0.5 0.5 0.5 0.9", "it has 6 numbers, as predictions with their"),
    "few": ("0 0.5 0.5", "it has 3 numbers; expected a box or a polygon of 3 points"),
    "class alone": ("0", "it has 1 numbers; expected a box or a polygon"),
    "polygon": ("0 .1 .1 .5 .1 .5 .5", "the row is a polygon among boxes"),
    "twice": (box_row(0, 0, 0, 4, 4) + "\n" + box_row(0, 0, 0, 4, 4), "line 2: it repeats line 1"),
    "unknown class": ("5 0.5 0.5 0.5 0.5", "line 1: the class is 5; expected 0 to 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_faulty_row_is_told_with_its_place_and_can_be_skipped(folder, name):
    row, said = ROWS[name]
    write(folder, "b", row)
    options = {"class_names": ["x", "y", "z"]}
    with pytest.raises(FaultyInputError) as told:
        read(folder, **options)
    assert len(told.value.faults) == 1
    assert "b.txt line " in told.value.faults[0]
    assert said in told.value.faults[0]
    dataset, faults = read(folder, skip_bad=True, **options)
    assert len(faults) == 1
    assert len(dataset.images) == 3


PREDICTED = {
    "no confidence": (box_row(0, 1, 1, 4, 4), "rows without confidence have. Predict again with"),
    "too sure": (box_row(0, 1, 1, 4, 4, 1.5), "the confidence is 1.5; expected 0 to 1"),
    "class": (box_row(3, 1, 1, 4, 4, 0.5), "the class is 3; expected 0 to 2"),
    "thin": (polygon_row(0, [1.1, 1, 1.2, 1, 1.2, 1.1], 0.5), "it covers no pixel of its image"),
}  # fmt: skip


@pytest.mark.parametrize("name", PREDICTED)
def test_a_faulty_prediction_is_told(folder, name):
    row, said = PREDICTED[name]
    with pytest.raises(FaultyInputError) as told:
        predicted(folder, rows={"b": [row]})
    assert said in told.value.told()
    assert "positions in the data set's classes: 0 is x, 1 is y, 2 is z" in told.value.told()


def test_files_of_no_image_and_broken_images_are_told(folder):
    write(folder, "nothing", box_row(0, 1, 1, 2, 2))
    (folder / "images" / "b.png").write_bytes(b"no image")
    (folder / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FaultyInputError) as told:
        read(folder)
    text = told.value.told()
    assert "nothing.txt: there is no image of this name" in text
    assert "b.txt: there is no image of this name" in text  # the image is unreadable
    assert "b.png: the image file cannot be read" in text
    assert "a.txt: the file cannot be read" in text


def test_a_folder_without_labels_is_refused(folder):
    with pytest.raises(UsageError, match=r"holds no \.txt files of an image"):
        read_yolo(folder / "images", folder / "images", "d", "val")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, b]", ["a", "b"]),
        ("path: .\nnames:\n  0: traffic light\n  1: 7\n", ["traffic light", "7"]),
    ],
)
def test_names_of_a_data_yaml(tmp_path, text, names):
    (tmp_path / "data.yaml").write_text(text)
    assert read_class_names(tmp_path / "data.yaml") == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("names: {1: a, 2: b}", "by number from 0 without a gap"),
        ("names: {1: a, 0: b}", "in their order"),
        ("nc: 3", "'names' is None"),
        ("[]", "'names' is None"),
        ("names: [[a]]", "expected a list of class names"),
        ("names: [no]", "expected a list of class names"),
        ("names: []", "holds no names"),
        ("names: [a, a]", "names the class 'a' twice"),
        ("a: &a [x]\nnames: *a", "has YAML aliases"),
        ("names: !!python/object/apply:os.system [ls]", "could not be read as YAML"),
        ("names: [", "could not be read as YAML"),
        ("[" * 1200, "more than 50 deep"),
        ("[" * 100_000, "more than 50 deep"),
        ("a: {" * 60, "more than 50 deep"),
        (f"a: {'[' * 40}{']' * 40}\nb: {'[' * 40}{']' * 40}", "'names' is None"),
        ("#" * 1_000_001, "expected at most 1000000"),
    ],
)  # fmt: skip
def test_other_yaml_is_refused(tmp_path, text, said):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(UsageError) as told:
        read_class_names(tmp_path / "data.yaml")
    assert said in str(told.value)


def test_bytes_of_any_kind_are_a_usage_error_or_a_data_set(folder):
    draw = random.Random(3)
    sound = (folder / "labels" / "a.txt").read_bytes()
    for _ in range(150):
        spoilt = bytearray(sound)
        for _ in range(3):
            spoilt[draw.randrange(len(spoilt))] = draw.choice(b"0 \n.-e9\xff\x00n")
        (folder / "labels" / "a.txt").write_bytes(spoilt)
        try:
            read(folder, skip_bad=True)
        except UsageError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, another error is not


def test_real_labels_are_the_boxes_of_the_official_file(shared_data):
    panoptic = shared_data / "coco_panoptic"
    names = read_class_names(panoptic / "configs" / "object_detection_config.yaml")
    dataset, faults = read_yolo(
        panoptic / "yolo_det_labels" / "val2017",
        panoptic / "images" / "val2017",
        "d",
        "val",
        class_names=names,
    )
    assert faults == ()
    official = json.loads((shared_data / "coco_val2017" / "instances.json").read_text())
    ids = {each["id"]: each["name"] for each in official["categories"]}
    compared = 0
    for image in dataset.images:
        boxes = [each for each in official["annotations"]
                 if each["image_id"] == int(image.name) and not each["iscrowd"]]  # fmt: skip
        found = dataset.annotations[image.id].objects
        if not boxes:
            continue
        own = sorted(zip([names[c] for c in found.categories], found.boxes.tolist(), strict=True))
        theirs = sorted((ids[each["category_id"]], each["bbox"]) for each in boxes)
        assert [word for word, _ in own] == [word for word, _ in theirs]
        rounding = 1e-6 * max(image.width, image.height)  # the labels have six digits
        np.testing.assert_allclose([b for _, b in own], [b for _, b in theirs], atol=rounding)
        compared += len(own)
    assert compared == 40
