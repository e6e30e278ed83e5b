"""Street scenes: a run whose every score is known from an independent confusion matrix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix

from tests.drive import command_line, scores_of

pytestmark = pytest.mark.shared

CLASSES = [
    *("Sky", "Building", "Pole", "Road", "Pavement", "Tree"),
    *("SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist"),
]
VOID = 11
SHIFT = 3


def shifted(truth: np.ndarray) -> np.ndarray:
    """Move the labels 3 pixels right; the pixels that come in at the left are road."""
    moved = np.full_like(truth, CLASSES.index("Road"))
    moved[:, SHIFT:] = truth[:, :-SHIFT]
    moved[moved == VOID] = CLASSES.index("Road")
    return moved


@pytest.fixture(scope="module")
def predictions(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shifted")
    for path in sorted((shared_data / "camvid" / "testannot").glob("*.png")):
        Image.fromarray(shifted(np.asarray(Image.open(path)))).save(folder / path.name)
    return folder


@pytest.fixture(scope="module")
def camvid_store(shared_data: Path, predictions: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("camvid")
    (folder / "classes.txt").write_text("\n".join(CLASSES))
    store = folder / "evaluation.duckdb"
    core = command_line(store)
    core(
        *("import", "camvid", "--format", "label-png", "--split", "test"),
        *("--annotations", shared_data / "camvid" / "testannot"),
        *("--images", shared_data / "camvid" / "test"),
        *("--classes", folder / "classes.txt", "--void", VOID),
    )
    core(
        *("import-run", "shifted", "--dataset", "camvid", "--split", "test"),
        *("--format", "label-png", predictions),
    )
    core("evaluate")
    return store


@pytest.fixture(scope="module")
def confusion(shared_data: Path, predictions: Path) -> np.ndarray:
    """Rows are the truth; counted by scikit-learn, which knows nothing of our code."""
    total = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
    for path in sorted((shared_data / "camvid" / "testannot").glob("*.png")):
        truth = np.asarray(Image.open(path)).ravel()
        predicted = np.asarray(Image.open(predictions / path.name)).ravel()
        seen = truth != VOID
        total += confusion_matrix(truth[seen], predicted[seen], labels=range(len(CLASSES)))
    return total


def test_every_pixel_score_follows_from_the_independent_confusion_matrix(
    camvid_store: Path, confusion: np.ndarray
) -> None:
    ours = scores_of(camvid_store, "shifted")["shifted"]
    hits, truth, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    iou = hits / (truth + predicted - hits)
    assert ours["images"] == 78
    assert ours["scores"]["miou"] == pytest.approx(iou.mean(), abs=1e-15)
    assert ours["scores"]["pixel_accuracy"] == pytest.approx(hits.sum() / truth.sum(), abs=1e-15)
    assert ours["scores"]["mean_accuracy"] == pytest.approx((hits / truth).mean(), abs=1e-15)
    assert ours["scores"]["dice"] == pytest.approx(
        (2 * hits / (truth + predicted)).mean(), abs=1e-15
    )
    assert ours["scores"]["fw_iou"] == pytest.approx((iou * truth).sum() / truth.sum(), abs=1e-15)
    for name, value in zip(CLASSES, iou, strict=True):
        entry = next(row for row in ours["classes"] if row["class"] == name)
        assert entry["miou"] == pytest.approx(value, abs=1e-15)


def test_label_maps_have_no_detection_figures(camvid_store: Path) -> None:
    scores = scores_of(camvid_store, "shifted")["shifted"]["scores"]
    assert scores["box_ap"] is None
    assert scores["mask_ap"] is None
