"""The scan of result files: equal to the careful reader, or it steps aside."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UsageError
from core.readers import coco_results, detection_scan
from core.readers.kernels.json_text import read_number
from core.structures import Category, Dataset, ImageRecord, Source

IMAGES = tuple(ImageRecord(key, f"i{key}", f"i{key}.jpg", 20, 30) for key in (3, 7, 500))
DATASET = Dataset(
    name="d",
    split="val",
    categories=(Category("cat", source_id=1), Category("dog", source_id=18)),
    images=IMAGES,
    annotations={},
    images_folder=Path(),
    source=Source("coco", "", ""),
)
SOUND = [
    {"image_id": 7, "category_id": 18, "bbox": [1, 2.5, 3.0, 4e0], "score": 0.25},
    {"image_id": 3, "category_id": 1, "bbox": [0.1, -2, 0, 1e-3], "score": 1},
    {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.30000000000000004},
]


def careful(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what the reader gives without the scan: predictions and faults."""
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with monkeypatch.context() as patch:
        patch.setattr(detection_scan, "scan", lambda *_: None)
        return coco_results.read_coco_results(path, DATASET)


def assert_equal(scanned, predictions):
    assert [each.image for each in scanned] == [each.image for each in predictions]
    for one, other in zip(scanned, predictions, strict=True):
        for name in ("boxes", "categories", "areas", "crowd", "scores"):
            ours, theirs = getattr(one.objects, name), getattr(other.objects, name)
            assert ours.dtype == theirs.dtype
            assert ours.tobytes() == theirs.tobytes(), name
        assert one.objects.masks == other.objects.masks


@pytest.fixture
def mask_entries():
    from core.geometry import rle

    shapes = np.zeros((4, 20, 30), np.bool_)
    shapes[0, 3:9, 4:20] = True
    shapes[1, :, 7] = True
    shapes[2] = np.indices((20, 30)).sum(axis=0) % 2 == 0
    return [
        {
            "image_id": 3,
            "category_id": 1,
            "segmentation": {"size": [20, 30], "counts": rle.encode(shape).counts.decode()},
            "score": 0.5,
        }
        for shape in shapes
    ]


def test_boxes_are_those_of_the_careful_reader(tmp_path, monkeypatch):
    content = json.dumps(SOUND).encode()
    scanned = detection_scan.scan(content, DATASET)
    predictions, faults = careful(content, tmp_path, monkeypatch)
    assert not faults
    assert_equal(scanned.predictions(DATASET), predictions)


def test_masks_are_those_of_the_careful_reader(tmp_path, monkeypatch, mask_entries):
    for boxed in (False, True):
        entries = [{**each, **({"bbox": [1, 2, 3, 4]} if boxed else {})} for each in mask_entries]
        content = json.dumps(entries, indent=1).encode()
        scanned = detection_scan.scan(content, DATASET)
        assert scanned.masks == [each["segmentation"]["counts"].encode() for each in entries]
        assert_equal(scanned.predictions(DATASET), careful(content, tmp_path, monkeypatch)[0])


def test_a_backslash_in_the_counts_is_read_once():
    counts = b"\\0e4`0"  # the characters of run lengths reach from 0 to o, the backslash among them
    content = json.dumps(
        [{"image_id": 3, "category_id": 1, "score": 1, "bbox": [1, 1, 1, 1],
          "segmentation": {"counts": counts.decode(), "size": [20, 30]}}]
    ).encode()  # fmt: skip
    scanned = detection_scan._scan(content)
    assert scanned.counts.tobytes() == counts


def test_the_table_has_keys_and_places_of_its_images():
    table = detection_scan.scan(json.dumps(SOUND).encode(), DATASET).table(DATASET)
    assert table.images.tolist() == [3, 7, 7]
    assert table.indices.tolist() == [0, 0, 1]
    assert table.categories.tolist() == [0, 1, 0]
    assert table.heights.tolist() == [20, 20, 20]


@pytest.mark.parametrize(
    "changed",
    [
        {"image_id": 4},
        {"image_id": "7"},
        {"image_id": 7.0},
        {"image_id": True},
        {"category_id": 2},
        {"score": 1.01},
        {"score": -0.1},
        {"score": math.nan},
        {"score": None},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"bbox": [1, 2, -3, 4]},
        {"bbox": [1, 2, 3, 2e9]},
        {"bbox": [1, 2, 3, math.inf]},
        {"bbox": []},
        {"bbox": None},
        {"segmentation": {"size": [20, 30], "counts": "P1"}},
        {"segmentation": {"size": [30, 20], "counts": "hb0"}},
        {"segmentation": {"size": [20, 30], "counts": "h~0"}},
        {"segmentation": {"size": [20, 30], "counts": [600]}},
        {"segmentation": [[1, 1, 5, 1, 5, 5]]},
        {"note": "another key"},
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_what_has_a_fault_or_is_unusual_is_left_to_the_careful_reader(changed, place):
    entries = [dict(each) for each in SOUND]
    entries[place].update(changed)
    assert detection_scan.scan(json.dumps(entries).encode(), DATASET) is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[{}]", "[", "[{]", "null", '[{"image_id":3,"image_id":3}]', "[1]", "\x00"],
)
def test_no_list_of_detections_is_left_to_the_careful_reader(text):
    assert detection_scan.scan(text.encode(), DATASET) is None


def test_whatever_follows_or_repeats_is_left_to_the_careful_reader():
    sound = json.dumps(SOUND)
    assert detection_scan.scan(f" \n{sound}\t ".encode(), DATASET) is not None
    assert detection_scan.scan(b"\xef\xbb\xbf" + sound.encode(), DATASET) is not None
    for text in (f"{sound}x", f"{sound}[]", sound[:-1], sound.replace("},", "},,", 1), sound + ","):
        assert detection_scan.scan(text.encode(), DATASET) is None
    twice = sound.replace('"score": 0.25', '"score": 0.25, "score": 0.3')
    assert detection_scan.scan(twice.encode(), DATASET) is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_a_changed_byte_is_read_as_before_or_left(data):
    content = bytearray(json.dumps(SOUND).encode())
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.sampled_from(b'0123456789.eE+-,:[]{}" \\n\x00\xff'))
    scanned = detection_scan.scan(bytes(content), DATASET)
    if scanned is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coco_results.json_file, "read_file", lambda _: bytes(content))
        patch.setattr(detection_scan, "scan", lambda *_: None)
        predictions, faults = coco_results.read_coco_results(Path("r.json"), DATASET)
    assert not faults
    assert_equal(scanned.predictions(DATASET), predictions)


NUMBERS = st.from_regex(r"\A-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?\Z")


@settings(max_examples=500, deadline=None)
@given(st.one_of(NUMBERS, st.floats(allow_nan=False, allow_infinity=False).map(repr)))
def test_numbers_are_exact_or_said_not_to_be(text):
    end, value, whole, exact = read_number(np.frombuffer(text.encode(), np.uint8), 0)
    assert end == len(text)
    assert whole == text.lstrip("-").isdigit()
    expected = float(json.loads(text)) if len(text) < 300 else math.inf
    assert not exact or (value, math.copysign(1, value)) == (expected, math.copysign(1, expected))


def test_numbers_of_many_digits_are_exact_or_said_not_to_be():
    generator = np.random.default_rng(0)
    exact_ones = 0
    for digits in np.repeat(np.arange(14, 20), 300):
        number = "".join(map(str, generator.integers(1, 10, digits)))
        point = int(generator.integers(1, digits))
        text = f"{number[:point]}.{number[point:]}"
        _, value, _, exact = read_number(np.frombuffer(text.encode(), np.uint8), 0)
        exact_ones += exact
        assert not exact or value == float(text), text
    assert 600 < exact_ones < 1200


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789.eE+-x ", max_size=8))
def test_only_numbers_of_json_are_read(text):
    end, *_ = read_number(np.frombuffer(text.encode(), np.uint8), 0)
    if end >= 0:
        assert json.loads(text[:end]) == float(text[:end])
        assert text[:end].strip() == text[:end]
    elif text and text.strip() == text:
        with pytest.raises(ValueError, match=r"Extra data|Expecting"):
            json.loads(text)


def test_inexact_numbers_are_read_by_python(tmp_path, monkeypatch):
    numbers = ["0.30000000000000004441", "123456.78901234567890123", "1e-30", "1.7e-23", "9.007e8"]
    entries = ",".join(
        f'{{"image_id":3,"category_id":1,"score":0.1e0,"bbox":[{number},{number},{number},0.5]}}'
        for number in numbers
    )
    content = f"[{entries}]".encode()
    scanned = detection_scan.scan(content, DATASET)
    assert_equal(scanned.predictions(DATASET), careful(content, tmp_path, monkeypatch)[0])
    assert scanned.boxes[:, 0].tolist() == [float(number) for number in numbers]


def test_faults_are_still_told(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(json.dumps([*SOUND, {**SOUND[0], "image_id": 4}]))
    with pytest.raises(UsageError, match="no image of the data set has this id"):
        coco_results.read_coco_results(path, DATASET)
