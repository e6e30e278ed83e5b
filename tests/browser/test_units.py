"""The components' pure functions, run by Node against cases worked out by other means."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.structures import Objects, Rle
from pages.ui import payload
from pages.ui.layers import Layer
from pages.ui.modules import joined
from pages.ui.payload import pack_view
from pages.ui.thumbnails import fitted

TESTS = Path(__file__).with_name("units.test.mjs")
GALLERY, VIEWER = (Path(payload.__file__).parent / name for name in ("gallery", "viewer"))


@pytest.fixture(scope="module")
def node() -> str:
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node found")
    return program


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def blob(height: int, width: int) -> np.ndarray:
    """A random mask with holes and specks, some at the border."""
    noise = cv2.GaussianBlur(rng().random((height, width)), (0, 0), 1.5)
    return np.asfortranarray(noise > np.median(noise), np.uint8)


def mask_case(mask: np.ndarray) -> dict:
    counts = coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
    height, width = mask.shape
    sha1 = hashlib.sha1(np.ascontiguousarray(mask, np.uint8).tobytes()).hexdigest()
    return {"counts": counts, "height": height, "width": width, "sha1": sha1}


def made_up_masks() -> list[np.ndarray]:
    masks = [np.zeros((5, 7)), np.ones((5, 7)), blob(31, 17), blob(1, 40), blob(40, 1)]
    corner = np.zeros((3000, 2000), np.uint8)
    corner[-1, -1] = corner[0, 0] = corner[1500, 700:900] = 1
    return [*masks, corner]


def outline_case(reach: int) -> dict:
    mask = blob(24, 33)
    cross = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    cross[reach, :] = cross[:, reach] = 1
    inner = cv2.erode(
        np.ascontiguousarray(mask), cross, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return {**mask_case(mask), "reach": reach, "outline": (mask & (1 - inner)).ravel().tolist()}


def packed_map(labels: np.ndarray) -> dict:
    height, width = labels.shape
    return {
        "height": height,
        "width": width,
        "bytes": labels.dtype.itemsize,
        "labels": labels.ravel().tolist(),
    }


def label_outline_case(reach: int) -> dict:
    labels = rng().integers(0, 3, (6, 8), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    labels[2:5, 3:9] = 255
    near = np.zeros(labels.shape, bool)
    for step in range(1, reach + 1):
        down, across = labels[step:] != labels[:-step], labels[:, step:] != labels[:, :-step]
        near[step:] |= down
        near[:-step] |= down
        near[:, step:] |= across
        near[:, :-step] |= across
    outline = np.where(near & (labels != 255), labels.astype(int) + 1, 0)
    return {"map": packed_map(labels), "reach": reach, "outline": outline.ravel().tolist()}


def error_case(truth_dtype: type, dtype: type, hidden: list[int]) -> dict:
    """Class 3 is background; 255 is a class of the larger maps and void in the smaller."""
    void, own_void = np.iinfo(truth_dtype).max, np.iinfo(dtype).max
    truth = rng().choice(np.array([0, 1, 2, 3, 255, void], truth_dtype), (20, 30))
    predicted = np.random.default_rng(5).choice(np.array([0, 1, 2, 3, own_void], dtype), (20, 30))
    shown = [index for index in (0, 1, 2, 255) if index not in hidden]
    there = np.isin(truth, shown) & (truth != void)
    found = np.isin(predicted, shown) & (predicted != own_void)
    same = there & found & (truth == predicted)
    words = np.full(truth.shape, "", dtype="U20")
    words[there & ~found] = "false negative"
    words[~there & found] = "false positive"
    words[there & found] = "wrong class"
    words[same] = "right"
    words[truth == void] = "void"
    indices = (0, 1, 2, 3) if void == 255 else (0, 1, 2, 3, 255)
    classes = [{"index": i, "colour": None if i == 3 else "#00000f"} for i in indices]
    return {
        "truth": packed_map(truth),
        "predicted": packed_map(predicted),
        "classes": classes,
        "hidden": hidden,
        "outcomes": words.ravel().tolist(),
    }


def thumbnail_case(height: int, width: int) -> dict:
    mask = blob(height, width)
    mask[:, : width // 3] = 0
    new_width, new_height = fitted(width, height, 24, 18)
    rows = np.floor((np.arange(new_height) + 0.5) / (new_height / height)).astype(int)
    columns = np.floor((np.arange(new_width) + 0.5) / (new_width / width)).astype(int)
    case = mask_case(mask)
    return {
        **case,
        "box": coco_mask.toBbox(coco_mask.encode(mask)).tolist(),
        "size": {"width": new_width, "height": new_height},
        "sampled": mask[np.ix_(rows, columns)].ravel().tolist(),
    }


def payload_case() -> dict:
    labels = rng().integers(0, 65536, (4, 6), dtype=np.uint16)
    rle = Rle(4, 6, coco_mask.encode(np.ones((4, 6), np.uint8, order="F"))["counts"])
    objects = Objects(
        boxes=np.array([[1, 1, 1, 1], [0.5, 1, 2, 3], [0, 0, 6, 4]]),
        categories=np.zeros(3, np.int32),
        areas=np.array([1.0, 6.0, 24.0]),
        crowd=np.zeros(3, bool),
        scores=np.array([0.5, 0.75, 0.25]),
        masks=(rle,) * 3,
    )
    layer = Layer("run", "#000000", labels, objects, ious=[0.5, 0.25, None])
    classes = [(0, "road", "#112233"), (1, "<b>€</b>", None)]
    annotation = Layer("annotation", "#000000", None, replace(objects, scores=None))
    packed = pack_view(None, 6, 4, classes, [layer, annotation])
    return {"bytes": base64.b64encode(packed).decode(), "labels": labels.ravel().tolist()}


def run_units(node: str, tmp_path: Path, masks: list[dict]) -> None:
    cases = {
        "masks": masks,
        "outlines": [outline_case(reach) for reach in (1, 2, 3)],
        "labelOutlines": [label_outline_case(reach) for reach in (1, 2)],
        "errors": [
            error_case(truth, dtype, hidden)
            for truth in (np.uint8, np.uint16)
            for dtype in (np.uint8, np.uint16)
            for hidden in ([], [1], [0, 2])
        ],
        "thumbnails": [thumbnail_case(95, 130), thumbnail_case(17, 12)],
        "payload": payload_case(),
    }
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases))
    done = subprocess.run(
        [node, "--test", str(TESTS)],
        env={**os.environ, "CASES": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_units(node, tmp_path):
    run_units(node, tmp_path, [mask_case(mask) for mask in made_up_masks()])


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_masks_of_coco(node, tmp_path, shared_data):
    folder = shared_data / "coco_val2017"
    records = json.loads((folder / "results" / "yolov8n-seg_int8_segm.json").read_text())[::20]
    shapes = [record["segmentation"] for record in records]
    truth = json.loads((folder / "instances.json").read_text())
    sizes = {image["id"]: (image["height"], image["width"]) for image in truth["images"]}
    for annotation in truth["annotations"][::3]:
        shape = coco_mask.frPyObjects(annotation["segmentation"], *sizes[annotation["image_id"]])
        shapes.append(coco_mask.merge(shape) if isinstance(shape, list) else shape)
    run_units(node, tmp_path, [mask_case(coco_mask.decode(shape)) for shape in shapes])


@pytest.mark.parametrize(
    "entry", [VIEWER / "viewer.js", GALLERY / "gallery.js"], ids=lambda p: p.stem
)
def test_joined_modules_are_one_sound_module(node, tmp_path, entry):
    script = tmp_path / "joined.mjs"
    script.write_text(joined(entry))
    subprocess.run([node, "--check", str(script)], check=True, capture_output=True)
    assert "import " not in joined(entry).replace("import(", "")
