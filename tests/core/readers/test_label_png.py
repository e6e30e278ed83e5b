"""Label maps as PNG: every kind of grey and palette, held against PIL and NumPy."""

from __future__ import annotations

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.label_png import read_label_png, read_label_png_predictions

CAMVID = ["Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol"]
CAMVID += ["Fence", "Car", "Pedestrian", "Bicyclist"]
NAMES = ["road", "car", "tree"]
SIZE = (2, 3)


def mode_of(path):
    with Image.open(path) as image:
        return image.mode


@pytest.fixture
def folder(tmp_path, save_png):
    """Save label PNGs, an image for each, and read them."""

    class Folder:
        labels, images = tmp_path / "labels", tmp_path / "images"

        def add(self, stem, values, dtype=np.uint8, mode=None, size=SIZE):
            save_png(f"labels/{stem}.png", np.array(values, dtype).reshape(size), mode)
            save_png(f"images/{stem}.jpg", np.zeros(SIZE))

        def read(self, **options):
            return read_label_png(self.labels, self.images, "streets", "val", **options)

        def maps(self, **options):
            dataset = self.read(**options)[0]
            return [dataset.annotations[image.id].label_map.ravel() for image in dataset.images]

    return Folder()


@pytest.mark.shared
def test_camvid_has_the_pixels_that_numpy_counts(shared_data):
    labels, images = (shared_data / "camvid" / name for name in ("testannot", "test"))
    dataset, faults = read_label_png(labels, images, "camvid", "test", class_names=CAMVID, void=11)
    assert faults == ()
    assert len(dataset.images) == 78
    assert [category.name for category in dataset.categories] == CAMVID
    assert dataset.background is None
    ours, expected = np.zeros(256, int), np.zeros(256, int)
    for image in dataset.images:
        label_map = dataset.annotations[image.id].label_map
        assert label_map.dtype == np.uint8
        ours += np.bincount(label_map.ravel(), minlength=256)
        stored = np.asarray(Image.open(labels / f"{image.name}.png"))
        expected += np.bincount(stored.ravel(), minlength=256)
    assert expected[:12].all()
    np.testing.assert_array_equal(ours[:11], expected[:11])
    assert ours[255] == expected[11]


@pytest.mark.shared
def test_camvid_without_its_void_value_has_a_twelfth_class(shared_data):
    labels, images = (shared_data / "camvid" / name for name in ("testannot", "test"))
    only = [path.stem for path in sorted(images.iterdir())[:3]]
    dataset, _ = read_label_png(labels, images, "camvid", "test", only=only)
    assert [image.name for image in dataset.images] == only
    assert [category.name for category in dataset.categories][-1] == "class 11"
    with pytest.raises(
        FaultyInputError, match="values 11 are no classes; expected 0 to 10, and 255"
    ):
        read_label_png(labels, images, "camvid", "test", only=only, class_names=CAMVID)


@pytest.mark.shared
def test_membrane_masks_are_black_and_white(shared_data):
    folder = shared_data / "membrane" / "train"
    dataset, _ = read_label_png(folder / "label", folder / "image", "membrane", "train")
    assert [category.name for category in dataset.categories] == ["background", "foreground"]
    assert dataset.background == 0
    predictions, _ = read_label_png_predictions(folder / "label", dataset)
    for image, prediction in zip(dataset.images, predictions, strict=True):
        stored = np.asarray(Image.open(folder / "label" / f"{image.name}.png")) == 255
        np.testing.assert_array_equal(dataset.annotations[image.id].label_map, stored)
        np.testing.assert_array_equal(prediction.label_map, stored)


def test_images_are_numbered_by_name_and_found_by_it(folder):
    folder.add("b", [0, 1, 2, 0, 1, 2])
    folder.add("a.1", [2, 2, 2, 2, 2, 2])
    dataset, _ = folder.read(class_names=NAMES)
    assert [(image.id, image.name, image.path) for image in dataset.images] == [
        (1, "a.1", "a.1.jpg"),
        (2, "b", "b.jpg"),
    ]
    assert (dataset.images[0].height, dataset.images[0].width) == SIZE
    assert dataset.annotations[2].label_map.tolist() == [[0, 1, 2], [0, 1, 2]]
    assert dataset.annotations[2].objects is None
    assert [category.source_id for category in dataset.categories] == [0, 1, 2]
    assert 3 not in dataset.annotations


def test_indices_of_a_palette_are_the_classes(folder):
    folder.add("a", [0, 1, 2, 255, 1, 2], mode="P")
    assert mode_of(folder.labels / "a.png") == "P"
    assert folder.maps(class_names=NAMES)[0].tolist() == [0, 1, 2, 255, 1, 2]


def test_black_and_white_bits_are_classes_0_and_1(folder):
    folder.add("a", [0, 1, 1, 0, 0, 1], dtype=np.bool_)
    assert mode_of(folder.labels / "a.png") == "1"
    assert folder.maps()[0].tolist() == [0, 1, 1, 0, 0, 1]


def test_sixteen_bits_hold_many_classes(folder):
    folder.add("a", [0, 1000, 255, 256, 65535, 3], dtype=np.uint16)
    dataset, _ = folder.read()
    assert len(dataset.categories) == 1001
    label_map = dataset.annotations[1].label_map
    assert label_map.dtype == np.uint16
    assert label_map.ravel().tolist() == [0, 1000, 255, 256, 65535, 3]


def test_few_classes_in_sixteen_bits_need_eight(folder):
    folder.add("a", [0, 1, 2, 65535, 1, 0], dtype=np.uint16)
    label_map = folder.maps(class_names=NAMES)[0]
    assert label_map.dtype == np.uint8
    assert label_map.tolist() == [0, 1, 2, 255, 1, 0]


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_is_not_stretched(folder, bits):
    """Pillow stretches such samples to 0..255; OpenCV and libpng's default do too."""
    folder.add("a", [0] * 6)
    samples = [[0, 1, 2**bits - 1], [1, 0, 1]]
    lines = b""
    for row in samples:
        packed = sum(value << (8 * 4 - bits * (place + 1)) for place, value in enumerate(row))
        width = -(-len(row) * bits // 8)
        lines += b"\0" + packed.to_bytes(4, "big")[:width]
    header = struct.pack(">IIBBBBB", 3, 2, bits, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    (folder.labels / "a.png").write_bytes(content)
    assert folder.maps()[0].tolist() == np.ravel(samples).tolist()


VALUES = {
    "255 is void": ({}, [[0, 1, 255, 0, 1, 1]], [[0, 1, 255, 0, 1, 1]], 2),
    "0 and 255 in all files": ({}, [[0, 255] * 3, [255] * 6], [[0, 1] * 3, [1] * 6], 2),
    "0 alone": ({}, [[0] * 6], [[0] * 6], 2),
    "0 and 255 in one file": ({}, [[0, 255] * 3, [1] * 6], [[0, 255] * 3, [1] * 6], 2),
    "255 given as void": ({"void": 255}, [[0, 255] * 3], [[0, 255] * 3], 1),
    "two names": ({"class_names": ["no", "yes"]}, [[0, 255] * 3], [[0, 1] * 3], 2),
    "0 alone, three names": ({"class_names": NAMES}, [[0] * 6], [[0] * 6], 3),
    "void below the classes": ({"void": 0}, [[0, 1, 2] * 2], [[255, 1, 2] * 2], 3),
    "void above": ({"void": 9}, [[0, 9, 2] * 2], [[0, 255, 2] * 2], 3),
}


@pytest.mark.parametrize(("options", "stored", "maps", "classes"), VALUES.values(), ids=VALUES)
def test_what_values_mean(folder, options, stored, maps, classes):
    for number, values in enumerate(stored):
        folder.add(str(number), values)
    assert [label_map.tolist() for label_map in folder.maps(**options)] == maps
    assert len(folder.read(**options)[0].categories) == classes


def test_black_and_white_masks_have_names_and_a_background(folder):
    folder.add("a", [0, 255, 0, 255, 0, 255])
    dataset, _ = folder.read()
    assert [category.name for category in dataset.categories] == ["background", "foreground"]
    assert dataset.background == 0
    dataset, _ = folder.read(class_names=["Background", "cell"])
    assert dataset.background == 0
    dataset, _ = folder.read(class_names=["membrane", "cell"])
    assert dataset.background is None


@pytest.mark.parametrize("names", [["cell"], NAMES])
def test_black_and_white_masks_need_two_names(folder, names):
    folder.add("a", [0, 255, 0, 255, 0, 255])
    with pytest.raises(UsageError, match=r"hold only 0 and 255.*give 255 as the void value"):
        folder.read(class_names=names)
    assert folder.maps(class_names=names, void=255)[0].tolist() == [0, 255] * 3


def unpaired_image(folder):
    (folder.labels / "b.png").unlink()


def unpaired_label(folder):
    (folder.images / "b.jpg").unlink()


def jpeg_label(folder):
    Image.new("L", (3, 2)).save(folder.labels / "b.png", format="JPEG")


def broken_label(folder):
    path = folder.labels / "b.png"
    path.write_bytes(path.read_bytes()[:-20])


def flipped_bit(folder):
    path = folder.labels / "b.png"
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 1
    path.write_bytes(content)


def two_labels(folder):
    Image.new("L", (3, 2)).save(folder.labels / "b.PNG")


def other_size(folder):
    Image.new("L", (2, 3)).save(folder.labels / "b.png")


def label_of_mode(mode):
    return lambda folder: Image.new(mode, (3, 2)).save(folder.labels / "b.png")


def values(*stored):
    return lambda folder: folder.add("b", stored)


def broken_image(folder):
    (folder.images / "b.jpg").write_bytes(b"no image")


def unwritable_name(folder):
    os.link(folder.images / "b.jpg", os.fsencode(folder.images) + b"/\xff.jpg")


FAULTS = {
    "no label": (unpaired_image, "b: there is no label PNG of this name in "),
    "no image": (unpaired_label, "b: there is no image of this name in "),
    "JPEG": (jpeg_label, "b.png: the file is a JPEG image, expected PNG; save one channel"),
    "cut off": (broken_label, "b.png: the PNG cannot be read"),
    "flipped bit": (flipped_bit, "b.png: the PNG cannot be read"),
    "two of a name": (two_labels, "b.png: b.PNG has the same name; expected one file a name"),
    "other size": (other_size, "b.png: the PNG is 3 x 2 (height x width), expected the image's 2"),
    "RGB": (label_of_mode("RGB"), "b.png: the PNG has mode RGB, expected 1, L, P, I;16"),
    "RGBA": (label_of_mode("RGBA"), "b.png: the PNG has mode RGBA, expected 1, L, P"),
    "LA": (label_of_mode("LA"), "b.png: the PNG has mode LA, expected 1, L, P"),
    "values": (values(0, 1, 2, 3, 9, 255), "b.png: values 3, 9 are no classes; expected 0 to 2"),
    "many values": (values(3, 4, 5, 6, 7, 8), "values 3, 4, 5, 6, 7, 8 are no classes"),
    "image": (broken_image, "b.jpg: the image file cannot be read"),
    "name": (unwritable_name, "\\udcff.jpg: the file name is"),
}


@pytest.mark.parametrize(("spoil", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_spoilt_file_is_told_and_can_be_left_out(folder, spoil, fault):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    folder.add("b", [2, 2, 2, 2, 2, 2])
    folder.add("c", [1, 1, 1, 1, 1, 1])
    spoil(folder)
    with pytest.raises(FaultyInputError) as caught:
        folder.read(class_names=NAMES)
    assert [told for told in caught.value.faults if fault in told], caught.value.faults
    assert len(caught.value.faults) == 1
    dataset, faults = folder.read(class_names=NAMES, skip_bad=True)
    assert [str(told) for told in faults] == list(caught.value.faults)
    assert dataset.annotations[len(dataset.images)].label_map.tolist() == [[1] * 3] * 2
    assert [image.id for image in dataset.images] == list(range(1, len(dataset.images) + 1))


def test_only_the_images_of_the_split_are_looked_at(folder):
    for stem in ("a", "b", "c"):
        folder.add(stem, [0, 1, 2, 0, 1, 2])
    broken_label(folder)
    unwritable_name(folder)
    dataset, faults = folder.read(class_names=NAMES, only=["c", "a"])
    assert (faults, [image.name for image in dataset.images]) == ((), ["a", "c"])
    with pytest.raises(FaultyInputError, match="  - z: there is no image of this name"):
        folder.read(class_names=NAMES, only=["a", "z"])


def test_hidden_and_other_files_are_passed_over(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    for name in ("Thumbs.db", ".hidden.png", "classes.txt"):
        (folder.labels / name).write_bytes(b"")
    assert len(folder.read(class_names=NAMES)[0].images) == 1


REQUESTS = {
    "void": ({"void": 70_000}, "The void value is 70000; expected 0 to 65535"),
    "only": ({"only": []}, "list of images that belong to the split is empty"),
    "no names": ({"class_names": []}, "Of the class names, none, or an empty one was given"),
    "empty name": ({"class_names": ["a", " "]}, "none, or an empty one was given"),
    "name twice": ({"class_names": ["a", "b", "a"]}, "'a' twice was given"),
    "names": ({"class_names": list(map(str, range(65_535)))}, "65535 classes; at most 65534"),
    "all void": ({"void": 1}, "all pixels of all files are void"),
}


@pytest.mark.parametrize(("options", "message"), REQUESTS.values(), ids=REQUESTS)
def test_requests_that_contradict_the_files_are_refused(folder, options, message):
    folder.add("a", [1] * 6)
    with pytest.raises(UsageError) as caught:
        folder.read(**options)
    assert message in str(caught.value)


def test_missing_and_empty_folders_are_told(folder, tmp_path):
    folder.add("a", [1] * 6)
    with pytest.raises(UsageError, match="none: there is no such folder"):
        read_label_png(tmp_path / "none", folder.images, "streets", "val")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty: the folder holds no image files"):
        read_label_png(folder.labels, tmp_path / "empty", "streets", "val")


def test_a_label_that_changes_later_is_refused(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    dataset, _ = folder.read(class_names=NAMES)
    folder.add("a", [0, 1, 2, 0, 1, 1])
    with pytest.raises(UsageError, match=r"a\.png: the file has changed since it was read"):
        dataset.annotations[1]


def test_the_fingerprint_follows_names_and_bytes(folder):
    folder.add("a", [0, 1, 2, 0, 1, 2])
    first = folder.read()[0].source
    assert (first.format, first.path) == ("label-png", str(folder.labels))
    assert folder.read()[0].source == first
    folder.add("a", [0, 1, 2, 0, 1, 1])
    second = folder.read()[0].source
    for place in (folder.labels / "a.png", folder.images / "a.jpg"):
        place.rename(place.with_stem("b"))
    assert len({first.sha256, second.sha256, folder.read()[0].source.sha256}) == 3


@pytest.fixture
def predict(folder, tmp_path, save_png):
    """Save predictions of a data set of two images, and read them."""
    folder.add("a", [0, 1, 2, 0, 1, 2])
    folder.add("b", [2, 2, 2, 2, 2, 255])

    def read(predicted, dtype=np.uint8, names=NAMES, **options):
        for stem, stored in predicted.items():
            save_png(f"run/{stem}.png", np.array(stored, dtype).reshape(SIZE))
        dataset, _ = folder.read(class_names=names)
        return read_label_png_predictions(tmp_path / "run", dataset, **options)

    return read


def test_predictions_stand_in_the_order_of_the_images(predict):
    predictions, faults = predict({"b": [2] * 6, "a": [0, 1, 2, 255, 1, 0], "z": [77] * 6})
    assert faults == ()
    assert [prediction.image.name for prediction in predictions] == ["a", "b"]
    assert predictions[0].label_map.tolist() == [[0, 1, 2], [255, 1, 0]]
    assert predictions[-1].label_map.tolist() == [[2] * 3] * 2
    assert [prediction.image.id for prediction in predictions[1:]] == [2]
    assert predictions[0].label_map.dtype == np.uint8


def test_no_answer_may_be_255_or_65535(predict):
    predictions, _ = predict({"a": [0, 1, 255, 65535, 1, 2], "b": [1] * 6}, dtype=np.uint16)
    assert predictions[0].label_map.ravel().tolist() == [0, 1, 255, 255, 1, 2]


def test_255_is_a_class_where_there_are_that_many(predict):
    many = [str(index) for index in range(300)]
    predictions, _ = predict({"a": [0, 255, 299, 65535, 1, 2], "b": [1] * 6}, np.uint16, many)
    assert predictions[0].label_map.ravel().tolist() == [0, 255, 299, 65535, 1, 2]


def test_predictions_of_0_and_255_are_black_and_white_only_for_two_classes(predict):
    predictions, _ = predict({"a": [0, 255] * 3, "b": [0] * 6})
    assert predictions[0].label_map.ravel().tolist() == [0, 255] * 3


def test_missing_and_bad_predictions_are_told(predict):
    with pytest.raises(FaultyInputError) as caught:
        predict({"a": [0, 1, 2, 3, 1, 2]})
    assert caught.value.faults[0].startswith("image b (id 2): there is no PNG of this name in ")
    assert caught.value.faults[1] == (
        "a.png: values 3 are no classes; expected 0 to 2, "
        "and 255 or 65535 for pixels without a class"
    )
    with pytest.raises(FaultyInputError, match="Nothing would be left"):
        predict({}, skip_bad=True)
    predictions, faults = predict({"b": [1] * 6}, skip_bad=True)
    assert [prediction.image.name for prediction in predictions] == ["b"]
    assert len(faults) == 1


def test_predictions_need_image_names_that_differ(coco, tmp_path):
    document = coco.document()
    coco.save_image("sub/b.png", 10, 10)
    document["images"][1]["file_name"] = "sub/b.png"
    dataset, _ = coco.read(document)
    with pytest.raises(UsageError, match="several images named 'b'"):
        read_label_png_predictions(tmp_path, dataset)
