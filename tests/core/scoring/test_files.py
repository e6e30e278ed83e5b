"""Files straight to figures: equal to pycocotools on real and on made-up files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from core.errors import UsageError
from core.metrics.detection import FIGURES
from core.readers.coco import read_coco
from core.readers.tables import truth_table
from core.scoring.files import score_files
from tests.benchmarks.coco_scene import write_scene
from tests.core.metrics.coco_tables import official


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> tuple[Path, Path]:
    return write_scene(tmp_path_factory.mktemp("scene"), 40)


def assert_official(annotations: Path, results: Path, geometry: str):
    truth, predictions = json.loads(annotations.read_text()), json.loads(results.read_text())
    stats = official(truth, predictions, geometry).stats.tolist()
    ours = score_files(annotations, results, geometry)
    assert {**dict.fromkeys(FIGURES, -1.0), **{k: v for k, v in ours.items() if v == v}} == dict(
        zip(FIGURES, stats, strict=True)
    )


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_made_up_files_have_pycocotools_figures(scene, geometry):
    assert_official(*scene, geometry)


@pytest.mark.shared
@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_real_files_have_pycocotools_figures(shared_data, geometry):
    folder = shared_data / "coco_val2017"
    assert_official(
        folder / "instances.json", folder / "results/yolov8n-seg_int8_segm.json", geometry
    )


def test_a_file_that_the_scan_does_not_know_has_the_same_figures(scene, tmp_path):
    annotations, results = scene
    entries = json.loads(results.read_text())
    (tmp_path / "r.json").write_text(json.dumps([{**each, "note": "x"} for each in entries]))
    for geometry in ("box", "mask"):
        assert score_files(annotations, tmp_path / "r.json", geometry) == pytest.approx(
            score_files(annotations, results, geometry), nan_ok=True, abs=0
        )


def test_the_table_of_annotations_is_the_file(scene):
    dataset, _ = read_coco(scene[0], Path(), "d", "val", require_images=False)
    table, coco = truth_table(dataset), COCO(scene[0])
    expected = [(a["image_id"], a["category_id"] - 1) for a in coco.dataset["annotations"]]
    assert list(zip(table.images.tolist(), table.categories.tolist(), strict=True)) == expected
    assert table.indices[0] == 0
    assert len(table.masks) == len(table)


def test_masks_of_a_file_without_masks_are_refused(scene, tmp_path):
    annotations, results = scene
    entries = json.loads(results.read_text())
    for each in entries:
        del each["segmentation"]
    (tmp_path / "r.json").write_text(json.dumps(entries))
    with pytest.raises(UsageError, match="no masks"):
        score_files(annotations, tmp_path / "r.json", "mask")
