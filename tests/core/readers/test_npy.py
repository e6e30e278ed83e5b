"""Arrays of images with their labels and boxes, in every form they come in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.readers.box_forms import FORMS
from core.readers.images import image_source
from core.readers.npy import read_npy

RNG = np.random.default_rng(2)
COUNT, HEIGHT, WIDTH = 12, 10, 20
PIXELS = RNG.integers(0, 256, (COUNT, HEIGHT, WIDTH, 3), np.uint8)
LABELS = np.array([2, 0, 1] * 4)
BOXES = np.stack([[1 + i, 2, 5, 3 + i % 4] for i in range(COUNT)]).astype(float)


class Arrays:
    """Files of images, labels and boxes, changed as a test asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, array: object) -> Path:
        np.save(self.folder / name, array)
        return self.folder / name

    def write(self, name: str, text: str) -> Path:
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def each(self, names, shape=(-1,)) -> Path:
        (self.folder / "each").mkdir()
        for name, pixels in zip(names, PIXELS, strict=False):
            np.save(self.folder / "each" / name, pixels.reshape(shape))
        return self.folder / "each"

    def read(self, images=PIXELS, labels=LABELS, boxes=None, **options):
        if not isinstance(images, Path):
            images = self.save("images.npy", images)
        if not isinstance(labels, Path):
            labels = self.save("labels.npy", labels)
        if boxes is not None:
            options["boxes"] = self.save("boxes.npy", boxes)
        return read_npy(labels, images, "arrays", "val", **options)


@pytest.fixture
def arrays(tmp_path):
    return Arrays(tmp_path)


def shown(dataset, index: int) -> np.ndarray:
    with Image.open(image_source(dataset.images_folder / dataset.images[index].path)) as image:
        return np.asarray(image)


def classes(dataset) -> list[int]:
    return [dataset.annotations[image.id].objects.categories[0] for image in dataset.images]


def boxes_of(dataset) -> np.ndarray:
    return np.concatenate([dataset.annotations[image.id].objects.boxes for image in dataset.images])


@pytest.mark.parametrize(
    ("saved", "options"),
    [
        (PIXELS, {}),
        (PIXELS / 255, {}),
        ((PIXELS / 255).astype(np.float32).reshape(COUNT, -1), {"shape": (HEIGHT, WIDTH, 3)}),
        (PIXELS.astype(np.int64), {}),
        (PIXELS.astype(np.uint16) * 257, {}),
        (PIXELS.astype(np.float64), {}),
    ],
    ids=["bytes", "fractions", "vectors", "int64", "16 bits", "floats to 255"],
)
def test_images_are_the_same_whatever_the_numbers_are(arrays, saved, options):
    dataset, faults = arrays.read(saved, **options)
    assert faults == ()
    for index in range(COUNT):
        np.testing.assert_array_equal(shown(dataset, index), PIXELS[index])
    assert classes(dataset) == LABELS.tolist()
    assert [category.name for category in dataset.categories] == ["class 0", "class 1", "class 2"]
    assert not dataset.located


@pytest.mark.parametrize("channels", [1, 3])
def test_vectors_of_squares_need_no_shape(arrays, channels):
    squares = RNG.integers(0, 256, (COUNT, 9, 9, channels), np.uint8)
    dataset, _ = arrays.read(squares.reshape(COUNT, -1))
    np.testing.assert_array_equal(shown(dataset, 3), squares[3].squeeze())


@pytest.mark.parametrize(
    "labels", [LABELS[:, np.newaxis], LABELS.astype(np.float32), np.eye(3)[LABELS]]
)
def test_labels_are_the_same_in_every_form(arrays, labels):
    assert classes(arrays.read(labels=labels)[0]) == LABELS.tolist()


def as_form(form: str) -> np.ndarray:
    """The boxes as the form has them, worked out box by box."""
    given = []
    for x, y, width, height in BOXES:
        numbers = {
            "xywh": (x, y, width, height),
            "xyxy": (x, y, x + width, y + height),
            "cxcywh": (x + width / 2, y + height / 2, width, height),
        }[form.removesuffix("-fractions")]
        across, down = (WIDTH, HEIGHT) if form.endswith("-fractions") else (1, 1)
        given.append(
            [numbers[0] / across, numbers[1] / down, numbers[2] / across, numbers[3] / down]
        )
    return np.array(given)


@pytest.mark.parametrize("form", FORMS)
def test_boxes_are_the_same_in_every_form(arrays, form):
    dataset, _ = arrays.read(boxes=as_form(form), box_form=form)
    np.testing.assert_allclose(boxes_of(dataset), BOXES, atol=1e-9)
    assert dataset.located


def test_boxes_without_a_form_tell_which_would_fit(arrays):
    with pytest.raises(UsageError) as told:
        arrays.read(boxes=as_form("xyxy-fractions"))
    assert "name it by --box-form. Of the 12 boxes" in str(told.value)
    assert "xyxy-fractions 12" in str(told.value)
    assert "xywh 0, xyxy 0" in str(told.value)


@pytest.mark.parametrize("shape", [(-1,), (1, -1), (HEIGHT, WIDTH, 3), (1, HEIGHT, WIDTH, 3)])
def test_a_file_an_image_with_labels_by_name(arrays, shape):
    names = [f"{i}.npy" for i in range(COUNT)]
    folder = arrays.each(names, shape)
    rows = [f"{name}, {'abc'[label]} ,{','.join(map(str, box))}" for name, label, box in
            zip(names, LABELS, as_form("xyxy"), strict=True)]  # fmt: skip
    csv = arrays.write("labels.csv", "\ufefffile,label,x1,y1,x2,y2\n" + "\n".join(reversed(rows)))
    dataset, faults = arrays.read(folder, csv, class_names="abc", shape=(HEIGHT, WIDTH, 3))
    assert faults == ()
    order = sorted(range(COUNT), key=str)
    assert [image.name for image in dataset.images] == [str(i) for i in order]
    assert classes(dataset) == LABELS[order].tolist()
    np.testing.assert_allclose(boxes_of(dataset), BOXES[order])
    np.testing.assert_array_equal(shown(dataset, 2), PIXELS[order[2]])


def test_labels_by_position_follow_names_that_have_one_order(arrays):
    folder = arrays.each([f"{i:02}.npy" for i in range(COUNT)], (HEIGHT, WIDTH, 3))
    dataset, _ = arrays.read(folder, boxes=as_form("xywh"), box_form="xywh")
    assert classes(dataset) == LABELS.tolist()
    np.testing.assert_allclose(boxes_of(dataset), BOXES)


def test_labels_by_position_are_refused_where_the_order_is_ambiguous(arrays):
    folder = arrays.each([f"{i}.npy" for i in range(COUNT)], (HEIGHT, WIDTH, 3))
    with pytest.raises(UsageError, match=r"as texts \(2.npy or 10.npy first\)"):
        arrays.read(folder)


def test_labels_of_one_file_by_index(arrays):
    rows = "\n".join(f"{i},{LABELS[i]}" for i in reversed(range(COUNT)))
    dataset, _ = arrays.read(labels=arrays.write("l.csv", f"index,label\n{rows}\n"))
    assert classes(dataset) == LABELS.tolist()


def test_the_source_is_known_by_all_its_files(arrays):
    first = arrays.read()[0].source.sha256
    assert arrays.read()[0].source.sha256 == first
    assert arrays.read(labels=(LABELS + 1) % 3)[0].source.sha256 != first
    changed = PIXELS.copy()
    changed[-1, -1, -1, -1] ^= 1
    assert arrays.read(changed)[0].source.sha256 != first
