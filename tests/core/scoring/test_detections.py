"""Curves and AP of stored runs are those of matching the same objects anew."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UsageError
from core.metrics import detection, matching
from core.metrics.average_precision import average_precisions
from core.scoring import SIZES, score_runs
from core.scoring.detections import curves, precision_table
from tests.core.scoring.conftest import some_of

PLACES = [0, 3, 4, 7, 11]
KEYS = [place + 1 for place in PLACES]


def matched(tables, geometry):
    truth, predicted = tables
    rows = detection.match_rows(predicted, matching.match_objects(truth, predicted, geometry))
    return rows, detection.positives(truth, 4)


@pytest.mark.parametrize("geometry", ["box", "mask"])
@pytest.mark.parametrize("step", [0, 6])
def test_counts_of_a_stored_run_are_those_of_matching_anew(erring, geometry, step):
    rows, positives = matched(erring.tables(), geometry)
    with erring.store.read() as cursor:
        found = curves(cursor, erring.run, geometry, step)
    for least in (0.0, 0.3, 0.52, 0.9, 1.0):
        alone = detection.counts_at(rows, positives, least, step)
        counts, pooled = found.by_class.at(least), found.together.at(least)
        assert [counts.tp.tolist(), counts.fp.tolist(), counts.fn.tolist()] == [
            alone.tp.tolist(), alone.fp.tolist(), alone.fn.tolist()
        ]  # fmt: skip
        assert [pooled.tp[0], pooled.fp[0], pooled.fn[0]] == [
            alone.tp.sum(), alone.fp.sum(), alone.fn.sum()
        ]  # fmt: skip
    assert found.images == 30


def test_images_and_classes_can_be_chosen(erring):
    rows, positives = matched(some_of(erring, PLACES), "box")
    with erring.store.read() as cursor:
        found = curves(cursor, erring.run, "box", 0, classes=(1, 2), images=KEYS)
    alone = detection.counts_at(rows, positives, 0.3, 0)
    pooled = found.together.at(0.3)
    assert found.images == 5
    assert pooled.tp[0] == alone.tp[[1, 2]].sum()
    assert pooled.fp[0] == alone.fp[[1, 2]].sum()
    assert pooled.fn[0] == alone.fn[[1, 2]].sum()
    assert found.by_class.at(0.3).fp.tolist() == alone.fp.tolist()


@pytest.mark.parametrize("size", SIZES)
def test_curve_at_cocos_points_is_the_mean_over_annotated_classes(erring, size):
    rows, positives = matched(erring.tables(), "box")
    precision = detection.accumulate(rows, positives).precision[2, :, :, SIZES.index(size), 2]
    with erring.store.read() as cursor:
        found = curves(cursor, erring.run, "box", 2, size=size, classes=(0, 3)).precision
    kept = precision[:, [c for c in (0, 3) if precision[0, c] >= 0]]
    expected = kept.mean(axis=1) if kept.size else np.full(101, np.nan)
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("protocol", ["coco", "voc07", "voc"])
def test_ap_of_a_stored_run_is_that_of_matching_anew(erring, protocol):
    rows, positives = matched(some_of(erring, PLACES), "mask")
    with erring.store.read() as cursor:
        found = precision_table(cursor, erring.run, "mask", protocol, images=KEYS)
    expected = average_precisions(rows, positives, protocol)
    assert np.array_equal(found.scores, expected, equal_nan=True)
    assert np.array_equal(found.positives, positives)


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_means_are_the_scores_of_the_run(erring, geometry):
    with erring.store.read() as cursor:
        table = precision_table(cursor, erring.run, geometry, "coco")
        (scores,) = score_runs(cursor, [erring.run])
    means = {"ap": table.mean(None), "ap50": table.mean(None, 0), "ap75": table.mean(None, 5),
             "ap_small": table.mean(None, size="small")}  # fmt: skip
    expected = {name: scores.scores[f"{geometry}_{name}"] for name in means}
    assert means == pytest.approx(expected, abs=1e-12)
    assert np.isnan(table.mean((0,), size="large"))
    assert np.isnan(table.mean(()))


def test_unknown_run_is_refused(erring):
    with (
        erring.store.read() as cursor,
        pytest.raises(UsageError, match="There is no run named 'nobody'"),
    ):
        curves(cursor, "nobody", "box", 0)
