"""VIA: one scene as VIA 1, VIA 2 and a project, held against plain painting; files spoilt once."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from core.errors import FaultyInputError, UsageError
from core.geometry import rle
from core.readers.via import read_via
from core.structures import Rle

HEIGHT, WIDTH = 24, 32
CORNERS = [3, 2, 20.5, 4, 17, 19, 5, 15]
SHAPES = [
    ({"name": "polygon", "all_points_x": CORNERS[::2], "all_points_y": CORNERS[1::2]}, "bus"),
    ({"name": "rect", "x": 4, "y": 5, "width": 6, "height": 3}, "car"),
    ({"name": "circle", "cx": 12, "cy": 10.5, "r": 5.25}, "bus"),
    ({"name": "ellipse", "cx": 20, "cy": 8, "rx": 9, "ry": 4, "theta": 0.6}, "car"),
    ({"name": "ellipse", "cx": 30, "cy": 2, "rx": 7, "ry": 5}, "apple"),
]


def inside(shape, x, y):
    """Tell whether a point is inside a circle or ellipse, as VIA's own code does."""
    turn = shape.get("theta", 0)
    dx = math.cos(turn) * (shape["cx"] - x) + math.sin(turn) * (shape["cy"] - y)
    dy = -math.sin(turn) * (shape["cx"] - x) + math.cos(turn) * (shape["cy"] - y)
    across, down = shape.get("rx", shape.get("r")), shape.get("ry", shape.get("r"))
    return dx * dx / across**2 + dy * dy / down**2 <= 1


def painted(shape):
    if shape["name"] == "polygon":
        ring = [n for xy in zip(shape["all_points_x"], shape["all_points_y"], strict=True)
                for n in xy]  # fmt: skip
    elif shape["name"] == "rect":
        x, y, w, h = (shape[key] for key in ("x", "y", "width", "height"))
        ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    else:
        return np.array([[inside(shape, column + 0.5, row + 0.5) for column in range(WIDTH)]
                         for row in range(HEIGHT)])  # fmt: skip
    merged = coco_mask.merge(coco_mask.frPyObjects([ring], HEIGHT, WIDTH))
    return rle.decode(Rle(HEIGHT, WIDTH, merged["counts"]))


def entry(name, regions):
    return {"filename": name, "size": 1, "file_attributes": {}, "regions": regions}


def scene():
    regions = [{"shape_attributes": shape, "region_attributes": {"kind": word, "note": ""}}
               for shape, word in SHAPES]  # fmt: skip
    return {"b.png1": entry("b.png", regions), "a.png1": entry("sub/a.png", [])}


def as_first_version(document):
    for each in document.values():
        each |= {"fileref": "", "base64_img_data": ""}
        each["regions"] = {str(i): region for i, region in enumerate(each["regions"])}
    return document


def as_project(document):
    return {"_via_settings": {}, "_via_img_metadata": document, "_via_attributes": {}}


def ticked(document):
    for region in document["b.png1"]["regions"]:
        word = region["region_attributes"]["kind"]
        region["region_attributes"]["kind"] = {"tree": False, word: True}
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "sub/a.png"):
        Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / name)
    return tmp_path


def read(folder, document, **options):
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "via.json").write_text(text, encoding="utf-8")
    options = {"class_attribute": "kind"} | options
    return read_via(folder / "via.json", folder, "shapes", "val", **options)


@pytest.mark.parametrize("written", [dict, as_first_version, as_project, ticked])
def test_every_version_gives_the_pixels_and_boxes_of_the_scene(folder, written):
    dataset, faults = read(folder, written(scene()))
    assert faults == ()
    assert [category.name for category in dataset.categories] == ["apple", "bus", "car"]
    assert [(i.id, i.name, i.path, i.height, i.width, i.tags) for i in dataset.images] == [
        (1, "b", "b.png", HEIGHT, WIDTH, ()), (2, "a", "sub/a.png", HEIGHT, WIDTH, ("empty",))
    ]  # fmt: skip
    objects = dataset.annotations[1].objects
    assert objects.categories.tolist() == [1, 2, 1, 2, 0]
    masks = [rle.decode(mask) for mask in objects.masks]
    for mask, (shape, _) in zip(masks, SHAPES, strict=True):
        assert (mask == painted(shape)).all(), shape
    assert objects.areas.tolist() == [mask.sum() for mask in masks]
    assert objects.boxes[:3].tolist() == [[3, 2, 17.5, 17], [4, 5, 6, 3], [6.75, 5.25, 10.5, 10.5]]
    assert objects.boxes[4].tolist() == [23, -3, 14, 10]
    assert len(dataset.annotations[2].objects) == 0


def test_the_box_of_a_turned_ellipse_holds_its_outline_tightly(folder):
    dataset, _ = read(folder, scene())
    x, y, width, height = dataset.annotations[1].objects.boxes[3]
    angles = np.linspace(0, 2 * np.pi, 200_001)
    along, beside = 9 * np.cos(angles), 4 * np.sin(angles)
    columns = 20 + along * np.cos(0.6) - beside * np.sin(0.6)
    rows = 8 + along * np.sin(0.6) + beside * np.cos(0.6)
    outline = [columns.min(), rows.min(), np.ptp(columns), np.ptp(rows)]
    np.testing.assert_allclose([x, y, width, height], outline, atol=1e-6)


def test_rectangles_alone_stay_boxes(folder):
    document = scene()
    document["b.png1"]["regions"] = document["b.png1"]["regions"][1:2]
    objects = read(folder, document)[0].annotations[1].objects
    assert objects.masks is None
    assert objects.areas.tolist() == [18]


def test_given_classes_set_the_order_and_refuse_others(folder):
    names = ["car", "tree", "bus", "apple"]
    dataset, _ = read(folder, scene(), class_names=names)
    assert [category.name for category in dataset.categories] == names
    assert dataset.annotations[1].objects.categories.tolist() == [2, 0, 2, 0, 3]
    with pytest.raises(FaultyInputError, match="the class is 'apple', which is none of --classes"):
        read(folder, scene(), class_names=["car", "bus"])


def test_the_class_is_asked_for_in_one_paragraph(folder):
    with pytest.raises(UsageError) as asked:
        read(folder, scene(), class_attribute=None)
    assert str(asked.value).endswith(
        "Which attribute is the class of a region? Of 5 regions, 5 have 'kind' ('bus' 2, 'car' 2, "
        "'apple' 1); 5 have 'note' ('nothing' 5). Name one, such as --class-attribute 'kind'; or "
        "name the class of all by --one-class."
    )
    with pytest.raises(UsageError, match=r"no region has the attribute 'Kind'\. Which attribute"):
        read(folder, scene(), class_attribute="Kind")
    with pytest.raises(UsageError, match="contradict each other"):
        read(folder, scene(), one_class="thing")
    dataset, _ = read(folder, scene(), class_attribute=None, one_class="thing")
    assert dataset.annotations[1].objects.categories.tolist() == [0] * 5


def region(**changes):
    def spoil(document):
        document["b.png1"]["regions"][2]["shape_attributes"] = changes

    return spoil


def attribute(value):
    def spoil(document):
        document["b.png1"]["regions"][2]["region_attributes"] = {"kind": value}

    return spoil


def image(key, value):
    return lambda document: document["b.png1"].update({key: value})


def polygon(columns, rows):
    return region(name="polygon", all_points_x=columns, all_points_y=rows)


FAULTS = {
    "point": (region(name="point", cx=3, cy=3), "b.png regions[2]: the region is a point, which"),
    "line": (region(name="polyline", all_points_x=[1], all_points_y=[1]), "is a polyline"),
    "unknown": (region(name="star"), "the shape is 'star'; expected polygon, rect"),
    "no name": (region(), "the shape is None"),
    "text": (region(name="circle", cx="3", cy=3, r=3), "'cx' is '3'; expected a number of pixels"),
    "true": (region(name="circle", cx=3, cy=3, r=True), "'r' is True; expected a number"),
    "no radius": (region(name="circle", cx=3, cy=3, r=0), "radii 0 and 0; expected them above 0"),
    "huge": (region(name="circle", cx=1e300, cy=3, r=3), "a coordinate is 1e+300"),
    "big whole": (region(name="rect", x=10**400, y=1, width=2, height=2), "a coordinate is 1000"),
    "flat": (region(name="rect", x=1, y=1, width=0, height=4), "a rectangle of 0 x 4"),
    "two points": (polygon([1, 2], [1, 2]), "a polygon of 2 points; expected three or more"),
    "uneven": (polygon([1, 2, 9], [1, 2]), "expected two lists of one length"),
    "no lists": (polygon(5, None), "expected two lists of one length"),
    "null": (polygon([1, None, 9], [1, 2, 8]), "a coordinate is NoneType; expected a finite"),
    "nan": (polygon([1, math.nan, 9], [1, 2, 8]), "a coordinate is nan"),
    "far": (polygon([1, 900, 9], [1, 2, 8]), "further than one image width (32 px) outside"),
    "outside": (region(name="circle", cx=-9, cy=3, r=4), "it covers no pixel of its image"),
    "no class": (attribute(""), "the attribute 'kind' is ''; expected the name of one class"),
    "two ticked": (attribute({"a": True, "b": True}), "the attribute 'kind' is {'a': True"),
    "number": (attribute(3), "the attribute 'kind' is 3"),
    "not unicode": (attribute("\ud800"), "expected the name of one class"),
    "no regions": (image("regions", None), "images[0]: 'regions' is None; expected a list or"),
    "no file": (image("filename", "c.png"), "images[0]: the image file does not exist: '"),
    "path out": (image("filename", "../x.png"), "leads out of the folder"),
    "url": (image("filename", "https://a.example/b.png"), "the image file does not exist"),
    "twice": (image("filename", "sub/a.png"), "'sub/a.png' occurred before, in images[0]"),
    "no text": (image("filename", 7), "images[0]: 'filename' is 7; expected a text"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_can_be_skipped(folder, name):
    spoil, said = FAULTS[name]
    document = scene()
    spoil(document)
    with pytest.raises(FaultyInputError) as told:
        read(folder, document)
    assert said in told.value.told()
    assert len(told.value.faults) == 1
    if "b.png regions" in told.value.faults[0]:
        dataset, faults = read(folder, document, skip_bad=True)
        assert len(dataset.annotations[1].objects) == 4
        assert len(faults) == 1


@pytest.mark.parametrize(
    "document",
    [[], {}, 3, {"a": 1}, {"images": [], "annotations": [], "categories": []},
     {"_via_img_metadata": []},
     {"project": {}, "file": {}, "metadata": {}}, "{", '{"a": {"filename": "b.png"}}',
     '{"k": {"filename": "b.png", "regions": []}, "k": {"filename": "b.png", "regions": []}}'],
)  # fmt: skip
def test_other_files_are_refused(folder, document):
    with pytest.raises(
        UsageError, match=r"via\.json: (this is no|it holds the image 'k' more than)"
    ):
        read(folder, document)


def real(folder, name, **options):
    path = folder / name / "via_region_data.json"
    dataset, faults = read_via(path, folder / name, "real", "val", **options)
    assert faults == ()
    return dataset, list(json.loads(path.read_text()).values())


@pytest.mark.parametrize(
    ("name", "objects", "options"),
    [("via_balloon/val", 50, {"one_class": "balloon"}),
     ("via_vehicles/train", 23, {"class_attribute": "name"})],
)  # fmt: skip
def test_real_files_hold_the_polygons_of_their_json(shared_data, name, objects, options):
    dataset, entries = real(shared_data, name, **options)
    assert sum(len(each.objects) for each in dataset.annotations.values()) == objects
    for image, plain in zip(dataset.images, entries, strict=True):
        with Image.open(shared_data / name / plain["filename"]) as file:
            assert (image.width, image.height) == file.size
        found = dataset.annotations[image.id].objects
        regions = plain["regions"]
        regions = list(regions.values()) if isinstance(regions, dict) else regions
        for mask, each, category in zip(found.masks, regions, found.categories, strict=True):
            shape = each["shape_attributes"]
            ring = np.array([shape["all_points_x"], shape["all_points_y"]], float).T.ravel()
            own = coco_mask.frPyObjects([ring.tolist()], image.height, image.width)
            assert mask.counts == coco_mask.merge(own)["counts"]
            word = each["region_attributes"].get("name", "balloon")
            assert dataset.categories[category].name == word


def test_nothing_of_a_scene_makes_the_reader_fail_otherwise(folder):
    wrong = [None, True, -1, 1e999, "", "x", [], {}, [[]], {"a": None}, 10**30]
    document = scene()
    for path in _paths(document):
        for value in wrong:
            spoilt = copy.deepcopy(document)
            holder = spoilt
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
            try:
                read(folder, spoilt, skip_bad=True)
            except UsageError as error:
                assert str(error)  # noqa: PT017 - either outcome is right, another error is not


def _paths(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in pairs:
        yield (*path, key)
        if isinstance(held, dict | list):
            yield from _paths(held, (*path, key))
