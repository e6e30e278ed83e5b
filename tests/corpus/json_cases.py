"""COCO's files: annotations, run lengths and detections that hurt other tools."""

from __future__ import annotations

import json

from tests.corpus.case import HEIGHT, SOUND, WIDTH, Case, coco, detected, detections, masked, spoilt

NAN = float("nan")
SOUND_TEXT = json.dumps(SOUND)

COCO = [
    coco("empty file", "this is no JSON", ""),
    coco("cut off", "this is no JSON", SOUND_TEXT[:-40]),
    coco("not UTF-8", "is no UTF-8", SOUND_TEXT.encode("utf-16")),
    coco("nested 100,000 deep", "nested too deeply", "[" * 100_000),
    coco("an integer of 5,000 digits", "this is no JSON", SOUND_TEXT.replace("21", "2" * 5000)),
    coco("a list", "expected", "[1, 2]"),
    coco("no images", "'images'", json.dumps({**SOUND, "images": []})),
    coco("a key twice", "more than once", SOUND_TEXT.replace('"id": 21', '"id": 21, "id": 22')),
    coco(
        "one id of two images",
        "which entry 0 of the list has already",
        json.dumps({**SOUND, "images": [SOUND["images"][0]] * 2}),
    ),
    coco(
        "one name of two classes",
        "cat",
        json.dumps({**SOUND, "categories": [*SOUND["categories"], {"id": 8, "name": "cat"}]}),
    ),
    spoilt("NaN in a box", "four finite numbers", "annotations", bbox=[1, NAN, 3, 4]),
    spoilt("infinite area", "expected a finite number", "annotations", area=float("inf")),
    spoilt("box backwards", "width and height 0 or more", "annotations", bbox=[9, 9, -3, 4]),
    spoilt("id beyond 63 bits", "9223372036854775807", "annotations", id=2**63),
    spoilt("id a text", "expected a whole number", "annotations", id="21"),
    spoilt("id a truth value", "expected a whole number", "annotations", id=True),
    spoilt("unknown class", "but no category", "annotations", category_id=1),
    spoilt("unknown image", "but no image", "annotations", image_id=5),
    spoilt("polygon of two points", "4 numbers", "annotations", segmentation=[[1, 2, 3, 4]]),
    spoilt("polygon at infinity", "at place 5", "annotations", segmentation=[[1, 1, 2, 2, 3, NAN]]),
    spoilt("photograph out of the folder", "leads out", "images", file_name="../secret.png"),
    spoilt("photograph at the root", "is absolute", "images", file_name="/etc/passwd"),
    spoilt("photograph on another drive", "is absolute", "images", file_name="C:/x.png"),
    spoilt("a NUL in a name", "file_name", "images", file_name="b\0.png"),
    spoilt("half a letter in a name", "file_name", "images", file_name="\ud800.png"),
    spoilt(
        "a terminal's colours",
        "holds �[31m at",
        "annotations",
        segmentation=[[2, "\x1b[31m", 6, 2, 6, 6]],
    ),
    spoilt("two billion rows", "expected a whole number", "images", height=2**31, width=2**31),
    spoilt("height and width swapped", "look swapped", "images", height=WIDTH, width=HEIGHT),
]

# pycocotools answers these with garbage, a hang or the end of the interpreter
RUN_LENGTHS = [
    masked("height 0", "the size is [0, 12]", size=[0, WIDTH], counts="0"),
    masked("no pixels at all", "the size is [0, 0]", size=[0, 0], counts=[]),
    masked("2^31 rows", "the size is [2147483648", size=[2**31, 2**31], counts="0"),
    masked("negative size", "the size is [-1", size=[-1, WIDTH], counts="0"),
    masked("swapped size", "height comes first", size=[WIDTH, HEIGHT], counts=[HEIGHT * WIDTH]),
    masked("empty counts", "sum to 0 pixels", counts=""),
    masked("too short", "the counts sum to 3 pixels", counts=[1, 2]),
    masked("too long", "the counts", counts=[HEIGHT * WIDTH, 10**9]),
    masked("negative", "counts[1] is -1", counts=[241, -1]),
    masked("beyond 64 bits", "the mask cannot be read", counts=[2**70]),
    masked("garbage string", "cannot be read: counts", counts="\x01\x02!~~~~"),
    masked("string cut inside a number", "cut off inside the number", counts="P"),
    masked("a number of 40 letters", "cannot be read: ", counts="o" * 40 + "0"),
    masked("no counts", "the counts are None"),
]

GARBAGE = {"size": [HEIGHT, WIDTH], "counts": "~garbage~"}
DETECTIONS = [
    detections("no list", "expected", '{"a": 1}'),
    detections("cut off", "detections.json", '[{"image_id": 9,'),
    detections("nested 100,000 deep", "detections.json", "[" * 100_000),
    detected("score NaN", "'score' is nan", {"score": NAN}),
    detected("score 7", "'score' is 7", {"score": 7}),
    detected("score a text", "'score' is 'high'", {"score": "high"}),
    detected("box of three", "bbox", {"bbox": [1, 2, 3]}),
    detected("box infinite", "bbox", {"bbox": [1, 2, 3, float("inf")]}),
    detected("unknown image", "image_id", {"image_id": 77}),
    detected("image beyond 63 bits", "image_id", {"image_id": 2**64}),
    detected("unknown class", "category_id", {"category_id": 1}),
    detected("an entry that is a number", "[1]", 5),
    detected("garbage run lengths", "'0' to 'o' only", {"segmentation": GARBAGE}),
    detected(
        "run lengths of no height",
        "the size is [0, 9]",
        {"segmentation": {"size": [0, 9], "counts": "0"}},
    ),
]

CASES: list[Case] = [*COCO, *RUN_LENGTHS, *DETECTIONS]
