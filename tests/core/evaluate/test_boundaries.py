"""Boundary IoU from stored counts: of runs, classes, subsets and draws of images."""

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.scoring import Choice, begin_trials, score_runs
from core.store.queries import counts
from tests.core.evaluate.street_scene import CLASSES, street_maps, street_store
from tests.core.metrics.test_boundary import reference


@pytest.fixture(scope="module")
def maps():
    return street_maps()


@pytest.fixture
def store(tmp_path, maps):
    return street_store(tmp_path, maps)


def scored(store, **how):
    with store.read() as cursor:
        return score_runs(cursor, ["net"], **how)[0]


def plain(maps):
    """Return the boundary IoU of each class from the reference's counts."""
    sums = np.zeros((3, CLASSES))
    for pair in maps:
        for each, *amounts in reference(*pair, CLASSES):
            sums[:, each] += amounts
    return sums[2] / (sums[0] + sums[1] - sums[2])


def test_stored_counts_are_those_of_the_reference(store, maps):
    with store.read() as cursor:
        rows = counts.boundary_rows(cursor, 1)
    assert list(rows.itertuples(index=False, name=None)) == [
        (key, *row) for key, pair in enumerate(maps, 1) for row in reference(*pair, CLASSES)
    ]


@pytest.mark.parametrize("images", [None, [2], [1, 4]])
def test_any_subset_scores_as_its_images_alone(store, maps, images):
    one = scored(store, images=images)
    ours = plain(maps if images is None else [maps[key - 1] for key in images])
    assert one.scores["boundary_iou"] == pytest.approx(ours.mean(), abs=1e-15)
    assert one.classes["boundary_iou"].tolist() == pytest.approx(ours.tolist(), abs=1e-15)
    assert one.scores["boundary_iou"] != pytest.approx(one.scores["miou"], abs=1e-3)


def test_images_are_averaged_where_the_protocol_says_so(store, maps):
    one = scored(store, choice=Choice(protocol="per-image", classes=(0, 2)))
    by_image = np.array([plain([pair]) for pair in maps])
    assert one.scores["boundary_iou"] == pytest.approx(by_image[:, [0, 2]].mean(), abs=1e-15)
    assert one.classes["boundary_iou"].tolist() == pytest.approx(by_image.mean(0)[[0, 2]].tolist())


@pytest.mark.parametrize("protocol", ["mmseg", "per-image"])
def test_a_draw_of_each_image_once_has_the_score_of_the_run(store, protocol):
    choice = Choice(protocol=protocol)
    with store.read() as cursor:
        (trial,) = begin_trials(cursor, ["net"], ["boundary_iou"], choice=choice)
    one = scored(store, choice=choice)
    expected = [one.scores["boundary_iou"], *one.classes["boundary_iou"]]
    assert trial.study.observed[0].tolist() == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("source", "threshold", "origin", "how"),
    [
        ("label_map", None, None, "--again"),
        ("painted", 0.5, "fixed", "--again"),
        ("painted", 0.35, "given", "--threshold 0.35"),
        ("painted", 0.4, "best on val, the split it is scored on", "--threshold-from val"),
        ("painted", 0.4, "best on my split", "--threshold-from 'my split'"),
    ],
)
def test_an_evaluation_without_them_says_how_to_count_them(store, source, threshold, origin, how):
    with store.write() as cursor:
        cursor.execute("DELETE FROM boundary_count")
        cursor.execute(
            "UPDATE evaluation SET pixel_source = ?, paint_threshold = ?, threshold_origin = ?",
            [source, threshold, origin],
        )
    one = scored(store)
    assert one.scores["boundary_iou"] is None
    assert "boundary_iou" not in one.classes
    assert f"not counted yet: python -m core evaluate net {how}" in one.protocol
    evaluate_run(store, "net")
    again = scored(store)
    assert again.scores["boundary_iou"] is not None
    assert "not counted" not in again.protocol
