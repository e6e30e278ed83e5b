"""COCO files and folders that cannot be used as they are: broken JSON, missing images."""

from __future__ import annotations

import json
import os

import pytest
from PIL import Image

from core.errors import FaultyInputError, UsageError
from core.readers.coco import read_coco

REPEATED = {
    "annotation": ('"id": 21', '"id": 21, "id": 24', "annotations[0] (id 24): the record holds"),
    "image": ('"id": 9', '"id": 9, "id": 9', "images[0] (id 9): the record holds the key 'id'"),
    "mask": ('"size": [20', '"size": [1, 1], "size": [20', "'segmentation' holds the key 'size'"),
}


@pytest.mark.parametrize(("old", "new", "fault"), REPEATED.values(), ids=REPEATED)
def test_a_key_that_occurs_twice_is_told(coco, old, new, fault):
    text = json.dumps(coco.document()).replace(old, new, 1)
    with pytest.raises(FaultyInputError) as caught:
        coco.read(text)
    assert fault in caught.value.faults[0]
    assert "more than once" in caught.value.faults[0]


STRUCTURES = {
    "no JSON": ("{", "this is no JSON"),
    "empty": ("", "this is no JSON"),
    "a list": ("[]", "the outermost value is of type list, expected an object"),
    "a number": ("7", "the outermost value is of type int, expected an object"),
    "no images": ('{"annotations": [], "categories": []}', "'images' is missing; expected a list"),
    "images an object": ('{"images": {}}', "'images' is {}; expected a list"),
    "no annotations": ('{"images": [], "categories": []}', "'annotations' is missing"),
    "images empty": (
        '{"images": [], "categories": [{}], "annotations": []}',
        "the list 'images' is empty",
    ),
    "categories empty": (
        '{"images": [{}], "categories": [], "annotations": []}',
        "the list 'categories' is empty",
    ),
    "lists repeated": (
        '{"images": [], "images": [], "categories": [], "annotations": []}',
        "the key images occurs more than once",
    ),
    "panoptic": (
        '{"images": [{}], "categories": [{}], "annotations": [{"segments_info": []}]}',
        "Import it as coco-panoptic",
    ),
    "nested too deeply": ("[" * 100_000, "nested too deeply"),
    "digits without end": ('{"images": ' + "9" * 5000 + "}", "this is no JSON"),
}


@pytest.mark.parametrize(("text", "message"), STRUCTURES.values(), ids=STRUCTURES)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_what_is_no_coco_file_is_refused(coco, text, message, skip_bad):
    with pytest.raises(UsageError) as caught:
        coco.read(text, skip_bad=skip_bad)
    assert message in str(caught.value)
    assert str(coco.annotations) in str(caught.value)


def test_values_nested_almost_too_deeply_are_shown_short(coco):
    document = json.dumps(coco.document())
    for depth in (100, 900, 940, 960, 980):
        spoilt = document.replace('"area": 15.5', f'"area": {"[" * depth}{"]" * depth}')
        with pytest.raises(UsageError) as caught:
            coco.read(spoilt)
        assert len(str(caught.value)) < 700


def test_bytes_that_are_no_utf8_are_told_with_their_position(coco):
    coco.read(coco.document())
    coco.annotations.write_bytes(b'{"images": "\xff"}')
    with pytest.raises(UsageError, match="byte 12 is no UTF-8"):
        read_coco(coco.annotations, coco.images, "pets", "val")


def test_missing_files_and_folders_are_told(coco, tmp_path):
    with pytest.raises(UsageError, match=r"none\.json: there is no such file"):
        read_coco(tmp_path / "none.json", coco.images, "pets", "val")
    coco.read(coco.document())
    with pytest.raises(UsageError, match="none: there is no such folder of images"):
        read_coco(coco.annotations, tmp_path / "none", "pets", "val")


def test_a_pipe_in_place_of_an_image_is_not_waited_for(coco):
    os.mkfifo(coco.images / "pipe.png")
    document = coco.document()
    document["images"][0]["file_name"] = "pipe.png"
    with pytest.raises(FaultyInputError, match="the image file is no file"):
        coco.read(document)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", "its content is none of", id="empty"),
        pytest.param(b"<svg/>", "its content is none of", id="unknown kind"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "cannot be read", id="header cut off"),
    ],
)
def test_an_image_that_cannot_be_opened_is_told(coco, content, fault):
    coco.images.joinpath("b.png").write_bytes(content)
    with pytest.raises(FaultyInputError) as caught:
        coco.read(coco.document())
    assert caught.value.faults[0].startswith("images[0] (id 9): the image file cannot be read")
    assert fault in caught.value.faults[0]


def test_an_image_beyond_the_limit_is_refused_from_its_header(coco):
    Image.new("1", (65_000, 4_000)).save(coco.images / "b.png")
    with pytest.raises(FaultyInputError, match=r"images\[0\] \(id 9\).*(limit|too large)"):
        coco.read(coco.document())


def test_an_image_that_pillow_warns_of_is_read(coco):
    Image.new("1", (20_000, 5_000)).save(coco.images / "b.png")
    document = coco.document()
    document["images"][0].update(height=5_000, width=20_000)
    document["annotations"] = []
    assert len(coco.read(document)[0].images) == 2
