"""The 48 COCO figures of three real detectors, from the command line, against pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.drive import COCO_RUNS, command_line, scores_of

pytestmark = pytest.mark.shared

FIGURES = [
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
]
CASES = [("yolov8n", "box"), ("yolov8n-seg", "box"), ("yolov8n-seg", "mask"), ("yolox-nano", "box")]


def pycocotools_figures(
    folder: Path, results: str, geometry: str, images: list[int] | None = None
) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / "instances.json"))
        judged = COCOeval(
            truth,
            truth.loadRes(str(folder / "results" / results)),
            {"box": "bbox", "mask": "segm"}[geometry],
        )
        if images is not None:
            judged.params.imgIds = images
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return [float(figure) for figure in judged.stats]


@pytest.mark.parametrize(("run", "geometry"), CASES)
def test_all_twelve_figures_equal_pycocotools(
    coco_store: Path, shared_data: Path, run: str, geometry: str
) -> None:
    ours = scores_of(coco_store, run)[run]["scores"]
    reference = pycocotools_figures(shared_data / "coco_val2017", COCO_RUNS[run], geometry)
    assert [ours[f"{geometry}_{figure}"] for figure in FIGURES] == reference


@pytest.mark.parametrize(("run", "geometry"), CASES)
def test_all_twelve_figures_equal_those_published_beside_the_data(
    coco_store: Path, shared_data: Path, run: str, geometry: str
) -> None:
    file = shared_data / "coco_val2017" / "results" / "reference_metrics.json"
    key = f"{COCO_RUNS[run]}:{'bbox' if geometry == 'box' else 'segm'}"
    published = json.loads(file.read_text())["results"][key]["staged"]
    ours = scores_of(coco_store, run)[run]["scores"]
    assert [ours[f"{geometry}_{figure}"] for figure in FIGURES] == pytest.approx(
        published, abs=6e-7
    )


def test_a_run_of_boxes_has_no_mask_figures(coco_store: Path) -> None:
    scores = scores_of(coco_store, "yolov8n")["yolov8n"]["scores"]
    assert scores["mask_ap"] is None
    assert scores["miou"] is None


def test_ap_on_a_tagged_subset_equals_pycocotools_on_it(
    coco_store: Path, shared_data: Path
) -> None:
    folder = shared_data / "coco_val2017"
    annotations = json.loads((folder / "instances.json").read_text())["annotations"]
    crowd = sorted({a["image_id"] for a in annotations if a["iscrowd"]})
    ours = scores_of(coco_store, "yolov8n-seg", "--tag", "crowd")["yolov8n-seg"]
    assert ours["images"] == len(crowd)
    for geometry in ("box", "mask"):
        reference = pycocotools_figures(folder, COCO_RUNS["yolov8n-seg"], geometry, crowd)
        assert [ours["scores"][f"{geometry}_{figure}"] for figure in FIGURES] == reference


def test_importing_twice_is_refused_and_changes_nothing(
    coco_store: Path, shared_data: Path
) -> None:
    coco = shared_data / "coco_val2017"
    before = command_line(coco_store)("runs", "--json").stdout
    refused = command_line(coco_store)(
        *("import-run", "yolov8n", "--dataset", "coco-val", "--split", "val"),
        *("--format", "coco-results", coco / "results" / COCO_RUNS["yolov8n"]),
        status=2,
    )
    assert "already has a run named 'yolov8n'" in refused.stderr
    assert command_line(coco_store)("runs", "--json").stdout == before


def test_the_store_is_sound(coco_store: Path) -> None:
    assert "sound" in command_line(coco_store)("check").stdout


def test_evaluating_again_gives_the_same(coco_store: Path) -> None:
    before = scores_of(coco_store)
    command_line(coco_store)("evaluate", "yolov8n-seg", "--again")
    assert scores_of(coco_store) == before
