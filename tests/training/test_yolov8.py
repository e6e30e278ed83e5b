"""YOLOv8 with real weights on real images, against ultralytics' own path and its figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError, WorkFailedError
from core.geometry import rle
from tests.drive import command_line, scores_of
from tests.training.fake import ROOT

pytestmark = [pytest.mark.torch, pytest.mark.shared]

# Notes every attempt to reach another machine, then does as `python -m training`.
WATCHED = """
import socket, sys
def connect(self, address):
    open(sys.argv[1], "a").write(repr(address) + "\\n")
    raise OSError("no network in this test")
socket.socket.connect = socket.socket.connect_ex = connect
from training.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def network(shared_data: Path):
    from training.stages.yolov8 import YoloV8, prepare_library

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # networks this small gain nothing by more
        prepare_library()
        import ultralytics  # noqa: F401

    return YoloV8(shared_data / "weights" / "yolov8n-seg.pt", "cpu", side=256, batch=2)


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> list[np.ndarray]:
    paths = sorted((shared_data / "coco_val2017" / "images").glob("*.jpg"))[:3]
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def suppression(**changes: object):
    from training.stages.yolov8 import Suppression

    return Suppression(**{"least_score": 0.01, "iou": 0.7, "most": 100, **changes})


def as_text(detections) -> list[object]:
    return [detections.corners.tolist(), detections.scores.tolist(), detections.masks]


def test_an_answer_does_not_depend_on_the_company(network, photographs) -> None:
    together = network.detect(photographs, suppression())
    backwards = network.detect(photographs[::-1], suppression())[::-1]
    alone = [network.detect([each], suppression())[0] for each in photographs]
    assert sum(len(each.scores) for each in together) > 50
    for one, other, third in zip(together, backwards, alone, strict=True):
        assert as_text(one) == as_text(other) == as_text(third)


def test_masks_are_those_of_ultralytics(network, photographs) -> None:
    """Pixel by pixel, but for logits so close to 0 that the last bits decide."""
    import torch
    from ultralytics.utils.ops import process_mask_native

    from training.stages import yolov8_masks

    generator = torch.Generator().manual_seed(3)
    sides = [(480, 640), (640, 427), (333, 500), (37, 640), (640, 41), (1000, 1501), (80, 80)]
    for height, width in sides:
        prototypes = torch.randn((8, 80, 80), generator=generator)
        prototypes = torch.nn.functional.avg_pool2d(prototypes, 9, 1, 4)
        coefficients = torch.randn((12, 8), generator=generator)
        ends = torch.rand((12, 2, 2), generator=generator).sort(dim=1).values
        corners = (ends * torch.tensor([width, height])).flatten(1)
        corners[0] = torch.tensor([0, 0, width, height])
        expected = process_mask_native(prototypes, coefficients, corners, (height, width))
        logits = (coefficients @ prototypes.flatten(1)).unflatten(1, (80, 80)).numpy()
        ours = yolov8_masks.inside_boxes(logits, corners.numpy(), (height, width))
        differing = sum(
            int((rle.decode(mask) != reference.numpy().astype(bool)).sum())
            for mask, reference in zip(ours, expected, strict=True)
        )
        assert expected.sum() > 100
        assert differing <= 2e-5 * expected.numel(), (height, width)


def test_boxes_are_those_of_ultralytics_own_predictor(network, photographs, shared_data) -> None:
    from ultralytics import YOLO

    reference = YOLO(shared_data / "weights" / "yolov8n-seg.pt")
    kinds = {"imgsz": 256, "conf": 0.01, "iou": 0.7, "max_det": 100, "rect": False}
    for photograph, ours in zip(
        photographs, network.detect(photographs, suppression()), strict=True
    ):
        (theirs,) = reference.predict(
            photograph[:, :, ::-1], verbose=False, retina_masks=True, **kinds
        )
        assert len(ours.scores) == len(theirs.boxes)
        np.testing.assert_allclose(ours.scores, theirs.boxes.conf.numpy(), atol=1e-5)
        np.testing.assert_allclose(ours.corners, theirs.boxes.xyxy.numpy(), atol=1e-2)
        np.testing.assert_array_equal(ours.classes, theirs.boxes.cls.numpy())
        pixels = np.array([rle.decode(mask) for mask in ours.masks])
        assert (pixels != theirs.masks.data.numpy().astype(bool)).mean() < 1e-4


def test_only_the_classes_that_count_are_found(network, photographs) -> None:
    persons = network.detect(photographs, suppression(classes=(0,), most=5))
    assert {int(label) for each in persons for label in each.classes} == {0}
    everything = network.detect(photographs, suppression(most=5))
    assert sum(len(each.scores) for each in persons) > sum(
        int((each.classes == 0).sum()) for each in everything
    )


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, network) -> None:
    from training.stages.yolov8 import YoloV8

    path = tmp_path / "broken.pt"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(UsageError, match="cannot be loaded as a checkpoint of ultralytics"):
        YoloV8(path, "cpu", side=320, batch=1)
    with pytest.raises(UsageError, match="The device 'abacus' cannot be used"):
        YoloV8(path, "abacus", side=320, batch=1)


def test_without_a_network_a_download_fails_at_once(tmp_path: Path, monkeypatch) -> None:
    from training.stages.yolov8 import download

    def unreachable(*arguments: object, **more: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr("socket.getaddrinfo", unreachable)
    monkeypatch.setattr("socket.socket.connect", unreachable)
    with pytest.raises(WorkFailedError, match=r"yolov8n\.pt"):
        download("yolov8n.pt", tmp_path)
    assert not (tmp_path / "yolov8n.pt").exists()


def imported(shared_data: Path, folder: Path, images: int | None = None) -> Path:
    """Return a store with the COCO images, or the first of them."""
    coco = shared_data / "coco_val2017"
    truth = json.loads((coco / "instances.json").read_text())
    truth["images"] = sorted(truth["images"], key=lambda image: image["id"])[:images]
    kept = {image["id"] for image in truth["images"]}
    truth["annotations"] = [a for a in truth["annotations"] if a["image_id"] in kept]
    (folder / "instances.json").write_text(json.dumps(truth))
    store = folder / "evaluation.duckdb"
    command_line(store)(
        *("import", "coco", "--format", "coco", "--split", "val"),
        *("--annotations", folder / "instances.json", "--images", coco / "images"),
    )
    return store


def test_the_real_job_answers_offline_and_touches_nothing_else(
    shared_data: Path, tmp_path: Path
) -> None:
    store = imported(shared_data, tmp_path, images=6)
    home, attempts = tmp_path / "home", tmp_path / "attempts"
    home.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-c", WATCHED, str(attempts), "predict", "yolov8"),
            *("--weights", str(shared_data / "weights" / "yolov8n-seg.pt"), "--dataset", "coco"),
            *("--store", str(store), "--device", "cpu", "--imgsz", "320", "--batch", "3"),
        ],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "mask AP" in done.stdout
    assert not attempts.exists(), attempts.read_text()
    # numba keeps its compiled kernels where it is told to, which may be below the home
    written = [p for p in home.rglob("*") if p.is_file() and "numba" not in str(p)]
    assert written == []
    scores = scores_of(store, "yolov8n-seg-coco-val")["yolov8n-seg-coco-val"]
    assert scores["images"] == 6
    assert scores["scores"]["box_ap"] > 0.2
    assert scores["scores"]["seconds_per_image"] > 0


@pytest.mark.slow
def test_all_188_images_reproduce_the_published_figures(shared_data: Path, tmp_path: Path) -> None:
    """Twelve figures of boxes and of masks, from another program's run of the same weights."""
    store = imported(shared_data, tmp_path)
    command_line(store, "training")(
        *("predict", "yolov8", "--dataset", "coco", "--run", "seg"),
        *("--weights", shared_data / "weights" / "yolov8n-seg.pt"),
    )
    ours = scores_of(store, "seg")["seg"]["scores"]
    reference = shared_data / "coco_val2017" / "results" / "reference_metrics.json"
    published = json.loads(reference.read_text())["results"]
    names = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")
    for geometry, kind in (("box", "bbox"), ("mask", "segm")):
        figures = published[f"seg_deq_val.json:{kind}"]["full_conf0.001"]
        assert [ours[f"{geometry}_{name}"] for name in names] == pytest.approx(
            figures[:6], abs=5e-4
        )
    assert ours["box_ap"] == pytest.approx(0.362, abs=0.002)
    assert ours["mask_ap"] == pytest.approx(0.298, abs=0.002)
