"""Files straight to figures: equal to pycocotools on real and on made-up files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from core.errors import FaultyInputError, UsageError
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


def test_polygons_are_checked_even_where_boxes_alone_are_compared(scene, tmp_path):
    annotations, results = scene
    content = json.loads(annotations.read_text())
    polygons = [each for each in content["annotations"] if isinstance(each["segmentation"], list)]
    polygons[3]["segmentation"][0][4] = 1e9
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(FaultyInputError) as caught:
        score_files(tmp_path / "a.json", results, "box")
    place = content["annotations"].index(polygons[3])
    assert f"annotations[{place}] (id {polygons[3]['id']})" in str(caught.value)
    assert "at place 4" in str(caught.value)


@pytest.mark.parametrize("key", ["bbox", "area"])
def test_what_a_file_leaves_out_is_measured_on_the_mask(scene, tmp_path, key):
    content = json.loads(scene[0].read_text())
    for each in content["annotations"]:
        del each[key]
    (tmp_path / "a.json").write_text(json.dumps(content))
    read = [
        read_coco(tmp_path / "a.json", Path(), "d", "val", require_images=False, paint=paint)[0]
        for paint in (True, False)
    ]
    for record in read[0].images:
        painted, plain = (each.annotations[record.id].objects for each in read)
        assert plain.masks is None
        assert plain.boxes.tolist() == painted.boxes.tolist()
        assert plain.areas.tolist() == painted.areas.tolist()


def test_masks_of_a_file_without_masks_are_refused(scene, tmp_path):
    annotations, results = scene
    entries = json.loads(results.read_text())
    for each in entries:
        del each["segmentation"]
    (tmp_path / "r.json").write_text(json.dumps(entries))
    with pytest.raises(UsageError, match="no masks"):
        score_files(annotations, tmp_path / "r.json", "mask")
