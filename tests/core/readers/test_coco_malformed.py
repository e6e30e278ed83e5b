"""COCO instances that are spoilt in one place: each fault is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import FaultyInputError

REMOVED = object()


def spoil(name: str, index: int, /, **changes: object) -> Callable[[dict[str, Any]], None]:
    """Change fields of one record; REMOVED takes a field away."""

    def change(document: dict[str, Any]) -> None:
        record = document[name][index]
        record.update(changes)
        for key in [key for key, value in changes.items() if value is REMOVED]:
            del record[key]

    return change


def annotation(**changes: object) -> Callable[[dict[str, Any]], None]:
    return spoil("annotations", 0, **changes)


def image(**changes: object) -> Callable[[dict[str, Any]], None]:
    return spoil("images", 0, **changes)


def category(**changes: object) -> Callable[[dict[str, Any]], None]:
    return spoil("categories", 0, **changes)


def entry(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda document: document[name].append(value)


def run_lengths(size: object = (20, 12), **rest: object) -> Callable[[dict[str, Any]], None]:
    size = list(size) if isinstance(size, tuple) else size
    return annotation(segmentation={"size": size, **rest})


NAN, INFINITY = float("nan"), float("inf")
NUMBERS = "expected [x, y, width, height], four finite numbers"
FAULTS = [
    # annotations
    ("a: id missing", annotation(id=REMOVED), "'id' is missing; expected a whole number"),
    ("a: id text", annotation(id="21"), "(id '21'): 'id' is '21'; expected a whole number"),
    ("a: id float", annotation(id=21.0), "'id' is 21.0; expected a whole number"),
    ("a: id bool", annotation(id=True), "'id' is True; expected a whole number"),
    ("a: id negative", annotation(id=-1), "'id' is -1; expected a whole number from 0"),
    ("a: id beyond 63 bits", annotation(id=2**63), "a whole number from 0 to 9223372036854775807"),
    ("a: image missing", annotation(image_id=REMOVED), "'image_id' is missing"),
    ("a: image null", annotation(image_id=None), "'image_id' is null"),
    ("a: image list", annotation(image_id=[9]), "'image_id' is [9]; expected a whole number"),
    ("a: image unknown", annotation(image_id=5), "'image_id' is 5, but no image"),
    ("a: class unknown", annotation(category_id=1), "'category_id' is 1, but no category"),
    ("a: class text", annotation(category_id="cat"), "'category_id' is 'cat'; expected a whole"),
    ("a: crowd 2", annotation(iscrowd=2), "'iscrowd' is 2; expected a whole number from 0 to 1"),
    ("a: crowd bool", annotation(iscrowd=False), "'iscrowd' is False; expected a whole number"),
    ("a: area negative", annotation(area=-0.5), "'area' is -0.5; expected a finite number from 0"),
    ("a: area NaN", annotation(area=NAN), "'area' is nan; expected a finite number"),
    ("a: area infinite", annotation(area=INFINITY), "'area' is inf; expected a finite number"),
    ("a: area null", annotation(area=None), "'area' is null; expected a number"),
    ("a: area huge", annotation(area=10**400), "expected a finite number from 0"),
    ("a: box short", annotation(bbox=[1, 2, 3]), f"'bbox' is [1, 2, 3]; {NUMBERS}"),
    ("a: box NaN", annotation(bbox=[1, NAN, 3, 4]), f"'bbox' is [1, nan, 3, 4]; {NUMBERS}"),
    ("a: box negative", annotation(bbox=[9, 9, -3, 4]), "width and height 0 or more"),
    ("a: box text", annotation(bbox=[1, 2, 3, "4"]), NUMBERS),
    ("a: box far", annotation(bbox=[1e300, 0, 1, 1]), NUMBERS),
    ("a: box object", annotation(bbox={"x": 1}), f"'bbox' is {{'x': 1}}; {NUMBERS}"),
    ("a: no mask", annotation(segmentation=[]), "'segmentation' is missing or empty, but other"),
    ("a: mask text", annotation(segmentation="1"), "'segmentation' is '1'; expected polygons"),
    ("a: flat polygon", annotation(segmentation=[1, 2, 3]), "polygon 0 is of type int"),
    ("a: short polygon", annotation(segmentation=[[1, 2, 3, 4]]), "polygon 0 has 4 numbers"),
    ("a: odd polygon", annotation(segmentation=[[1] * 7]), "polygon 0 has 7 numbers; expected an"),
    ("a: NaN polygon", annotation(segmentation=[[1, 1, 2, 2, 3, NAN]]), "holds nan at place 5"),
    ("a: far polygon", annotation(segmentation=[[1, 1, 2, 2, 1e9, 3]]), "further than one image"),
    ("a: no counts", run_lengths(), "the counts are None; expected a string or a list"),
    ("a: no size", run_lengths(None, counts=[240]), "the size is None; expected [20, 12]"),
    ("a: size swapped", run_lengths((12, 20), counts=[240]), "[20, 12]; height comes first"),
    ("a: size wrong", run_lengths((2, 3), counts=[6]), "the size is [2, 3], but the image's is"),
    ("a: size floats", run_lengths((20.0, 12.0), counts=[240]), "the size is [20.0, 12.0]"),
    ("a: runs short", run_lengths(counts=[1, 2]), "the counts sum to 3 pixels; expected 20 x 12"),
    ("a: runs negative", run_lengths(counts=[241, -1]), "counts[1] is -1; expected whole numbers"),
    ("a: runs floats", run_lengths(counts=[240.0]), "counts[0] is 240.0; expected whole numbers"),
    ("a: string short", run_lengths(counts="0"), "the counts sum to 0 pixels; expected 20 x 12"),
    ("a: string cut", run_lengths(counts="P"), "counts are cut off inside the number"),
    ("a: string alien", run_lengths(counts="a\u20ac"), "'0' to 'o' only"),
    # images
    ("i: id missing", image(id=REMOVED), "images[0]: 'id' is missing"),
    ("i: id text", image(id="9"), "images[0] (id '9'): 'id' is '9'; expected a whole number"),
    ("i: height missing", image(height=REMOVED), "images[0] (id 9): 'height' is missing"),
    ("i: height 0", image(height=0), "'height' is 0; expected a whole number from 1"),
    ("i: width negative", image(width=-12), "'width' is -12; expected a whole number from 1"),
    ("i: width float", image(width=12.0), "'width' is 12.0; expected a whole number"),
    ("i: side too long", image(width=65_501), "width is 65501; expected a whole number from 1 to"),
    ("i: too many pixels", image(height=60000, width=60000), "at most 178956970 can be read"),
    ("i: name missing", image(file_name=REMOVED), "'file_name' is missing; expected a text"),
    ("i: name empty", image(file_name=" "), "'file_name' is ' '; expected a text"),
    ("i: name number", image(file_name=7), "'file_name' is 7; expected a text"),
    ("i: name surrogate", image(file_name="\ud800.png"), "'file_name' is '\\ud800.png'"),
    ("i: name NUL", image(file_name="b\0.png"), "'file_name' is 'b\\x00.png'"),
    ("i: name absolute", image(file_name="/etc/passwd"), "'/etc/passwd' is absolute"),
    ("i: name drive", image(file_name="C:/b.png"), "'C:/b.png' is absolute"),
    ("i: name upwards", image(file_name="sub/../../b.png"), "leads out of the folder"),
    ("i: name a dot", image(file_name="./"), "leads out of the folder"),
    ("i: name backslash", image(file_name="sub\\b.png"), "has backslashes"),
    ("i: name too long", image(file_name="b" * 300), "the image file cannot be read"),
    ("i: file missing", image(file_name="c.png"), "the image file does not exist"),
    ("i: file a folder", image(file_name="sub"), "the image file is no file"),
    ("i: size differs", image(height=21), "is 20 x 12 (height x width), expected 21 x 12"),
    ("i: size swapped", image(height=12, width=20), "the two look swapped"),
    ("i: tags text", image(tags="night"), "'tags' is 'night'; expected a list of texts"),
    ("i: tags numbers", image(tags=[1]), "'tags' is [1]; expected a list of texts"),
    ("i: repeated id", spoil("images", 1, id=9), "images[1] (id 9): 'id' is 9, which entry 0"),
    (
        "i: repeated name",
        spoil("images", 1, file_name="./b.png", height=20, width=12),
        "images[1] (id 4): 'file_name' is 'b.png', which entry 0 of the list has already",
    ),
    # categories
    ("c: id missing", category(id=REMOVED), "categories[0]: 'id' is missing"),
    ("c: id text", category(id="7"), "categories[0] (id '7'): 'id' is '7'"),
    ("c: id repeated", category(id=3), "categories[1] (id 3): 'id' is 3, which entry 0"),
    ("c: name missing", category(name=REMOVED), "categories[0] (id 7): 'name' is missing"),
    ("c: name number", category(name=1), "'name' is 1; expected a text"),
    ("c: name repeated", category(name="dog"), "categories[1] (id 3): 'name' is 'dog', which"),
    ("c: group", category(supercategory=[1]), "'supercategory' is [1]; expected a text"),
    # entries that are no records
    ("a: number", entry("annotations", 5), "annotations[3]: the entry is 5; expected an object"),
    ("i: null", entry("images", None), "images[2]: the entry is None; expected an object"),
    ("c: list", entry("categories", []), "categories[2]: the entry is []; expected an object"),
    (
        "a: repeated id",
        spoil("annotations", 2, id=21),
        "annotations[2] (id 21): 'id' is 21, which entry 0 of the list has already",
    ),
]
PLACES = {"a": "annotations[", "i": "images[", "c": "categories["}


@pytest.mark.parametrize(
    ("change", "fault", "place"),
    [pytest.param(change, fault, PLACES[name[0]], id=name) for name, change, fault in FAULTS],
)
def test_a_spoilt_record_is_told_with_its_place(coco, change, fault, place):
    document = coco.document()
    change(document)
    with pytest.raises(FaultyInputError) as caught:
        coco.read(document)
    told = caught.value.faults
    assert any(sentence.startswith(place) and fault in sentence for sentence in told), told
    # an image without a sound id leaves its annotations without an image
    assert len(told) == 1 or place == "images[", told


def test_every_fault_is_told_at_once(coco):
    document = coco.document()
    document["annotations"][0].update(area=-1, category_id=1, bbox=None)
    document["annotations"][2]["segmentation"] = [[1, 2]]
    with pytest.raises(FaultyInputError) as caught:
        coco.read(document)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [
        *["annotations[0] (id 21)"] * 3,
        "annotations[2] (id 23)",
    ]
    assert "--skip-bad" in str(caught.value)
    assert str(coco.annotations) in str(caught.value)


def test_faults_of_an_image_are_not_told_again_for_its_annotations(coco):
    document = coco.document()
    document["images"][0]["height"] = -1
    with pytest.raises(FaultyInputError) as caught:
        coco.read(document)
    assert len(caught.value.faults) == 1


def test_skipping_is_refused_if_nothing_would_be_left(coco):
    document = coco.document()
    for record in document["annotations"]:
        record["category_id"] = 1
    with pytest.raises(FaultyInputError, match="Nothing would be left"):
        coco.read(document, skip_bad=True)


def test_bad_categories_are_never_skipped(coco):
    document = coco.document()
    document["categories"][0]["name"] = ""
    with pytest.raises(FaultyInputError, match=r"categories\[0\] \(id 7\): 'name' is ''"):
        coco.read(document, skip_bad=True)
