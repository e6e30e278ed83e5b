"""The scan of annotations: equal to the careful reader, or it steps aside."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.readers import annotation_scan
from core.readers.coco import read_coco
from core.readers.coco_tables import read_tables
from tests.benchmarks.coco_scene import write_scene

SQUARE = [2, 2, 6.5, 2, 6, 6, 2, 6]
DOCUMENT = {
    "info": {"annotations": [1, "]}", {"a": 'x"y\\'}]},
    "images": [
        {"id": 9, "file_name": "b.png", "height": 20, "width": 12},
        {"id": 4, "file_name": "sub/ä.jpg", "height": 10, "width": 10},
        {"id": 5, "file_name": "empty.png", "height": 3, "width": 3},
    ],
    "annotations": [
        {"segmentation": [SQUARE], "area": 15.5, "iscrowd": 0, "image_id": 4,
         "bbox": [2, 2.0, 4e0, 4], "category_id": 7, "id": 21},
        {"segmentation": {"size": [20, 12], "counts": [0, 30, 210]}, "area": 30, "iscrowd": 1,
         "image_id": 9, "bbox": [0, 0, 2, 20], "category_id": 3, "id": 22},
        {"segmentation": [SQUARE, [1, 1, 3, 1, 0.30000000000000004, 3]], "area": 1e-3,
         "iscrowd": 0, "image_id": 4, "bbox": [-1, -0.0, 0.1, 123456789.12345678], "category_id": 7,
         "id": 0},
        {"segmentation": {"counts": "`7", "size": [20, 12]}, "area": 0, "iscrowd": 0,
         "image_id": 9, "bbox": [0, 0, 0, 0], "category_id": 3, "id": 999999999999999},
    ],
    "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}],
}  # fmt: skip


def read(path: Path, *, careful: bool, paint: bool = True, skip_bad: bool = False):
    """Return what the reader gives, with the scan or without: a data set and faults, or a text."""
    with pytest.MonkeyPatch.context() as patch:
        if careful:
            patch.setattr(annotation_scan, "scan", lambda _: None)
        try:
            return read_coco(
                path, path.parent, "d", "val", require_images=False, paint=paint, skip_bad=skip_bad
            )
        except UsageError as error:
            return str(error)


def assert_same(path: Path):
    for options in ({"paint": True}, {"paint": False}, {"skip_bad": True}):
        quick, careful = (read(path, careful=each, **options) for each in (False, True))
        if isinstance(careful, str):
            assert quick == careful
            continue
        assert quick[1] == careful[1]
        ours, theirs = quick[0], careful[0]
        for name in ("images", "categories", "source", "background", "images_folder"):
            assert getattr(ours, name) == getattr(theirs, name)
        assert list(ours.annotations) == list(theirs.annotations)
        for key in ours.annotations:
            assert_equal(ours.annotations[key], theirs.annotations[key])


def assert_equal(one, other):
    assert one.image == other.image
    for name in ("boxes", "categories", "areas", "crowd"):
        ours, theirs = getattr(one.objects, name), getattr(other.objects, name)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert ours.tobytes() == theirs.tobytes(), name
    assert one.objects.masks == other.objects.masks
    assert one.objects.scores is None


def written(tmp_path: Path, document: object, **options) -> Path:
    path = tmp_path / "a.json"
    text = document if isinstance(document, str) else json.dumps(document, **options)
    path.write_text(text, encoding="utf-8")
    return path


def is_scanned(path: Path) -> bool:
    """Tell whether the annotations of a file come from the scan, all of them sound."""
    file, scanned = annotation_scan.load(path)
    if scanned is None:
        return False
    tables = read_tables(path, None, [], panoptic=False, file=file)
    return scanned.objects(tables, paint=True) is not None


def changed(place: int, **fields: object) -> dict[str, object]:
    entries = [dict(each) for each in DOCUMENT["annotations"]]
    entries[place].update(fields)
    return {**DOCUMENT, "annotations": entries}


@pytest.mark.parametrize("options", [{}, {"indent": 1}, {"separators": (",", ":")}])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_annotations_are_those_of_the_careful_reader(tmp_path, options, ascii_only):
    path = written(tmp_path, DOCUMENT, ensure_ascii=ascii_only, **options)
    assert is_scanned(path)
    assert_same(path)


def test_a_file_that_begins_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT).encode())
    assert is_scanned(path)
    assert_same(path)


def test_boxes_alone(tmp_path):
    for empty in ({}, {"segmentation": []}):
        entries = [
            {**{k: v for k, v in each.items() if k != "segmentation"}, **empty}
            for each in DOCUMENT["annotations"]
        ]
        path = written(tmp_path, {**DOCUMENT, "annotations": entries})
        assert is_scanned(path)
        assert_same(path)


def test_a_made_up_scene_is_scanned_whole(tmp_path):
    path, _ = write_scene(tmp_path, 30)
    assert is_scanned(path)
    assert_same(path)


@pytest.mark.shared
def test_real_annotations_are_scanned_whole(shared_data):
    path = shared_data / "coco_val2017" / "instances.json"
    assert is_scanned(path)
    assert_same(path)


FAULTS = [
    {"image_id": 5000},
    {"image_id": "4"},
    {"image_id": 4.0},
    {"category_id": 2},
    {"category_id": True},
    {"id": 22},
    {"id": -1},
    {"id": None},
    {"iscrowd": 2},
    {"iscrowd": -1},
    {"area": -1},
    {"area": 1.1e18},
    {"area": math.nan},
    {"area": "1"},
    {"bbox": [1, 2, 3]},
    {"bbox": [1, 2, 3, 4, 5]},
    {"bbox": [1, 2, -3, 4]},
    {"bbox": [1, 2, 3, 2e9]},
    {"bbox": [1, math.inf, 3, 4]},
    {"bbox": []},
    {"segmentation": None},
    {"segmentation": []},
    {"segmentation": [[]]},
    {"segmentation": [SQUARE[:4]]},
    {"segmentation": [SQUARE[:7]]},
    {"segmentation": [SQUARE, 5]},
    {"segmentation": [[*SQUARE[:-1], 20.5]]},
    {"segmentation": [[*SQUARE[:-2], -10.01, 6]]},
    {"segmentation": [[*SQUARE[:-1], math.nan]]},
    {"segmentation": [[*SQUARE[:-1], "6"]]},
    {"segmentation": {"size": [10, 10], "counts": [99]}},
    {"segmentation": {"size": [12, 20], "counts": [240]}},
    {"segmentation": {"size": [10, 10], "counts": "h~0"}},
    {"segmentation": {"size": [10, 10]}},
]


@pytest.mark.parametrize("fields", FAULTS, ids=str)
def test_faults_are_told_by_the_careful_reader(tmp_path, fields):
    for place in (0, 2):
        path = written(tmp_path, changed(place, **fields))
        assert not is_scanned(path)
        assert isinstance(read(path, careful=True), str)
        assert_same(path)


def test_what_is_unusual_but_sound_is_left_to_the_careful_reader(tmp_path):
    without = [{k: v for k, v in e.items() if k != "bbox"} for e in DOCUMENT["annotations"]]
    for document in (
        changed(1, note="another key"),
        changed(0, id=2**62),
        {**DOCUMENT, "annotations": without},
        {**DOCUMENT, "annotations": []},
    ):
        path = written(tmp_path, document)
        assert not is_scanned(path)
        assert_same(path)


def test_points_at_the_very_limit_are_sound(tmp_path):
    ring = [-10, -10.0, 20, 2e1, 20.0, 0]
    path = written(tmp_path, changed(0, segmentation=[ring]))
    assert is_scanned(path)
    assert_same(path)


def test_faults_of_images_are_told_beside_sound_annotations(tmp_path):
    images = [*DOCUMENT["images"], {"id": 4, "file_name": "c.png", "height": 1, "width": 1}]
    assert_same(written(tmp_path, {**DOCUMENT, "images": images}))
    images = [{**DOCUMENT["images"][0], "height": 0}, *DOCUMENT["images"][1:]]
    assert_same(written(tmp_path, {**DOCUMENT, "images": images}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"annotations": [{"seg', '"annotations": [], "annotations": [{"seg'),
        ('"categories": [', '"annotations": [], "categories": ['),
        ('"id": 21', '"id": 21, "id": 21'),
        ('"size": [20, 12], "counts": [0', '"size": [20, 12], "size": [20, 12], "counts": [0'),
        ("}], \"categories\"", '}] "categories"'),
        ("}], \"categories\"", '}],, "categories"'),
        ('"id": 21}', '"id": 21},'),
        ('"counts": [0, 30, 210]}', '"counts": [0, 30, 210]]'),
        ('"x\\"y', '"x"y'),
        ('"name": "dog"}]}', '"name": "dog"}]'),
        ('"name": "dog"}]}', '"name": "dog"}]}}'),
        ('"area": 15.5', '"area": 015.5'),
        ('"area": 15.5', '"area": .5'),
        ('"area": 15.5', '"area": 15.'),
        ('[2, 2, 6.5', '[2, 2, 6.5.1'),
        ('[2, 2, 6.5', '[2, 2,, 6.5'),
        ('[2, 2, 6.5', '[+2, 2, 6.5'),
    ],
)  # fmt: skip
def test_what_is_no_json_or_repeats_is_told_where_it_stands(tmp_path, old, new):
    text = json.dumps(DOCUMENT)
    assert old in text
    path = written(tmp_path, text.replace(old, new, 1))
    assert isinstance(read(path, careful=True), str)
    assert_same(path)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_file_with_changed_bytes_is_read_as_before(tmp_path_factory, data):
    content = bytearray(json.dumps(DOCUMENT).encode())
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.sampled_from(b'0123456789.eE+-,:[]{}" \\n\x00\xff'))
    path = tmp_path_factory.getbasetemp() / "changed.json"
    path.write_bytes(bytes(content))
    assert_same(path)
