"""Pascal VOC: a scene as VOC writes it, with and without PNGs; files spoilt in one place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.geometry import rle
from core.readers.pascal_voc import CLASSES, read_pascal_voc

HEIGHT, WIDTH = 20, 30
# class, first pixel, last pixel, both counted from 1 and inside; difficult
SCENE = {"2007_b": [("cat", (1, 1), (6, 9), 0), ("bus", (11, 3), (30, 20), 1)], "2007_a": []}
CAT, BUS = CLASSES.index("cat"), CLASSES.index("bus")


def xml(objects, size=f"<width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth>"):
    parts = [
        f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox><xmin>{x1}</xmin>"
        f"<ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox>"
        "<part><name>head</name><bndbox><xmin>x</xmin></bndbox></part></object>"
        for name, (x1, y1), (x2, y2), difficult in objects
    ]
    return f"<annotation><filename>other.jpg</filename><size>{size}</size>{''.join(parts)}</annotation>"  # noqa: E501


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A VOC folder of two images; the PNGs have a border of 255 around each object."""
    for name in ("Annotations", "JPEGImages", "SegmentationClass", "SegmentationObject"):
        (tmp_path / name).mkdir()
    for name, objects in SCENE.items():
        Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "JPEGImages" / f"{name}.jpg")
        (tmp_path / "Annotations" / f"{name}.xml").write_text(xml(objects))
        classes, numbers = np.zeros((2, HEIGHT, WIDTH), np.uint8)
        for number, (word, (x1, y1), (x2, y2), _) in enumerate(objects, start=1):
            for pixels, value in ((classes, CLASSES.index(word) + 1), (numbers, number)):
                pixels[y1 - 1 : y2, x1 - 1 : x2] = 255
                pixels[y1 : y2 - 1, x1 : x2 - 1] = value
        save(tmp_path / "SegmentationClass" / f"{name}.png", classes)
        save(tmp_path / "SegmentationObject" / f"{name}.png", numbers)
    return tmp_path


def save(path, pixels):
    image = Image.fromarray(pixels, "P")
    image.putpalette([(7 * index) % 256 for index in range(768)])
    image.save(path)


def read(folder, *, classes=False, objects=False, **options):
    if classes:
        options["png_folder"] = folder / "SegmentationClass"
    if objects:
        options["object_folder"] = folder / "SegmentationObject"
    return read_pascal_voc(folder / "Annotations", folder / "JPEGImages", "voc", "val", **options)


def test_boxes_count_from_one_and_hold_their_last_pixel(folder):
    dataset, faults = read(folder)
    assert faults == ()
    assert tuple(category.name for category in dataset.categories) == CLASSES
    assert [(image.id, image.name) for image in dataset.images] == [(1, "2007_a"), (2, "2007_b")]
    objects = dataset.annotations[2].objects
    assert objects.boxes.tolist() == [[0, 0, 6, 9], [10, 2, 20, 18]]
    assert objects.categories.tolist() == [CAT, BUS]
    assert objects.crowd.tolist() == [False, True]
    assert objects.areas.tolist() == [54, 360]
    assert objects.masks is None
    assert dataset.images[0].tags == ("empty",)
    assert dataset.background is None


def test_pngs_give_label_maps_and_masks_of_their_palettes_indices(folder):
    dataset, faults = read(folder, classes=True, objects=True)
    assert faults == ()
    assert dataset.background == 0
    assert [category.name for category in dataset.categories] == ["background", *CLASSES]
    annotation = dataset.annotations[2]
    with Image.open(folder / "SegmentationClass" / "2007_b.png") as image:
        assert (annotation.label_map == np.asarray(image)).all()
    with Image.open(folder / "SegmentationObject" / "2007_b.png") as image:
        numbers = np.asarray(image)
    assert annotation.objects.categories.tolist() == [CAT + 1, BUS + 1]
    for number, mask in enumerate(annotation.objects.masks, start=1):
        assert (rle.decode(mask) == (numbers == number)).all()
    assert annotation.objects.areas.tolist() == [4 * 7, 18 * 16]
    assert annotation.objects.boxes.tolist() == [[0, 0, 6, 9], [10, 2, 20, 18]]


def test_label_maps_alone_leave_objects_without_masks(folder):
    annotation = read(folder, classes=True)[0].annotations[2]
    assert annotation.label_map is not None
    assert annotation.objects.masks is None


def test_a_list_or_the_pngs_choose_the_images(folder):
    (folder / "SegmentationClass" / "2007_a.png").unlink()
    assert [image.name for image in read(folder, classes=True)[0].images] == ["2007_b"]
    dataset, _ = read(folder, only=["2007_a"])
    assert [image.name for image in dataset.images] == ["2007_a"]
    with pytest.raises(FaultyInputError, match="2007_a: there is no PNG of this name"):
        read(folder, classes=True, only=["2007_a", "2007_b"])
    with pytest.raises(FaultyInputError, match="c: there is no XML of this name"):
        read(folder, only=["c", "2007_b"])


def test_corners_from_zero_are_asked_for(folder):
    objects = [("cat", (0, 0), (6, 9), 0)]
    (folder / "Annotations" / "2007_b.xml").write_text(xml(objects))
    with pytest.raises(FaultyInputError, match=r"begins at 0, 0, but VOC counts from 1.*--zero-"):
        read(folder)
    found = read(folder, zero_based=True)[0].annotations[2].objects
    assert found.boxes.tolist() == [[0, 0, 6, 9]]


def test_other_classes_are_sorted_or_given(folder):
    (folder / "Annotations" / "2007_b.xml").write_text(xml([("oak", (1, 1), (6, 9), 0)] * 2))
    assert [category.name for category in read(folder)[0].categories] == ["oak"]
    with pytest.raises(UsageError, match=r"'oak' is none of Pascal VOC's twenty.*--classes"):
        read(folder, classes=True)
    names = [f"c{index}" for index in range(19)] + ["oak"]
    dataset, _ = read(folder, classes=True, class_names=names)
    assert dataset.annotations[2].objects.categories.tolist() == [20, 20]
    with pytest.raises(FaultyInputError, match="the class is 'oak', which is none of --classes"):
        read(folder, class_names=["elm"])


def written(text):
    def spoil(folder):
        content = text if isinstance(text, bytes) else text.encode()
        (folder / "Annotations" / "2007_b.xml").write_bytes(content)

    return spoil


def boxed(*corners, difficult=0):
    return written(xml([("cat", corners[:2], corners[2:], difficult)]))


def pixels(folder_name, array):
    return lambda folder: save(folder / folder_name / "2007_b.png", np.array(array, np.uint8))


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><annotation>&b;</annotation>'
FAULTS = {
    "cut": (written(xml(SCENE["2007_b"])[:90]), "2007_b.xml: it is no XML"),
    "binary": (written(b"\xff\xfe\x00\x00"), "it is no XML"),
    "empty": (written(""), "it is no XML"),
    "encoding": (written('<?xml version="1.0" encoding="martian"?><a/>'), "it is no XML"),
    "entities": (written(ENTITIES), "it has a document type ('a')"),
    "outer": (written('<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>'), "document type"),
    "other root": (written("<html/>"), "its outermost element is 'html'; expected annotation"),
    "size": (written(xml([], "<width>30</width><height>x</height>")), "its size is 'x x 30'"),
    "other size": (written(xml([], "<width>20</width><height>30</height>")), "two look swapped"),
    "no class": (written(xml([(" ", (1, 1), (2, 2), 0)])), "object[0]: its name is ''; expected"),
    "backwards": (boxed(9, 9, 3, 12), "object[0]: a rectangle of -5 x 4"),
    "text": (boxed(1, 1, "x", 5), "its box is '1, 1, x, 5'; expected xmin, ymin, xmax, ymax"),
    "nan": (boxed(1, 1, "nan", 5), "its box is '1, 1, nan, 5'"),
    "infinite": (boxed(1, 1, "1e400", 5), "its box is '1, 1, 1e400, 5'"),
    "difficult": (boxed(1, 1, 5, 5, difficult="yes"), "difficult is 'yes'; expected 0 or 1"),
    "no image": (lambda folder: (folder / "JPEGImages" / "2007_b.jpg").unlink(), "no image of"),
    "class value": (pixels("SegmentationClass", [[21] * WIDTH] * HEIGHT), "values 21 are"),
    "class size": (pixels("SegmentationClass", [[0] * 3] * 4), "2007_b.png: the labels are 4 x 3"),
    "object value": (pixels("SegmentationObject", [[3] * WIDTH] * HEIGHT), "values [3], but"),
    "object size": (pixels("SegmentationObject", [[0] * 3] * 4), "PNG of objects is 4 x 3"),
    "colours": (lambda folder: Image.new("RGB", (WIDTH, HEIGHT)).save(
        folder / "SegmentationObject" / "2007_b.png"), "the PNG has mode RGB"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    spoil, said = FAULTS[name]
    spoil(folder)
    pngs = (
        {"classes": True, "objects": True}
        if any(word in said for word in ("PNG", "value", "labels"))
        else {}
    )
    with pytest.raises(FaultyInputError) as told:
        read(folder, **pngs)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    if pngs:
        (folder / "Annotations" / "2007_a.xml").write_text(xml(SCENE["2007_b"][:1]))
        save(folder / "SegmentationObject" / "2007_a.png", np.ones((HEIGHT, WIDTH), np.uint8))
    dataset, faults = read(folder, skip_bad=True, **pngs)
    assert len(faults) == 1
    assert dataset.images[0].name == "2007_a"


def test_an_object_without_pixels_is_told(folder):
    pixels("SegmentationObject", np.zeros((HEIGHT, WIDTH)))(folder)
    with pytest.raises(FaultyInputError, match=r"object\[1\]: it covers no pixel of its image"):
        read(folder, objects=True)


def test_a_folder_without_xml_is_refused(folder):
    with pytest.raises(UsageError, match=r"holds no \.xml files"):
        read_pascal_voc(folder / "JPEGImages", folder / "JPEGImages", "voc", "val")
