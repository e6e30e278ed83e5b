"""Average precision and recall, held against pycocotools to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from core.metrics import detection, matching
from tests.conftest import ROOT
from tests.core.metrics import reference
from tests.core.metrics.coco_tables import official, real_case, tables
from tests.core.metrics.scenes import CATEGORIES, IMAGES, crowded_scene, drawn, scene, scenes

GEOMETRIES = ("box", "mask")
FILES = [
    ("yolov8n_int8_bbox.json", "box"),
    ("yolox_nano_bbox.json", "box"),
    ("yolov8n-seg_int8_segm.json", "box"),
    ("yolov8n-seg_int8_segm.json", "mask"),
]


def matched_rows(truth, predictions, geometry="box"):
    """Return the table of annotations and the rows of the matched predictions."""
    of_truth, of_predicted = tables(truth, predictions, geometry)
    matches = matching.match_objects(of_truth, of_predicted, geometry)
    return of_truth, detection.match_rows(of_predicted, matches)


def scored(truth, predictions, geometry="box"):
    of_truth, rows = matched_rows(truth, predictions, geometry)
    counted = detection.positives(of_truth, len(truth["categories"]))
    return detection.accumulate(rows, counted)


def assert_equal_to_official(accumulated, evaluation):
    assert np.array_equal(accumulated.precision, evaluation.eval["precision"])
    assert np.array_equal(accumulated.recall, evaluation.eval["recall"])
    assert_figures_equal(detection.summarize(accumulated).values(), evaluation.stats)


def assert_figures_equal(ours, stats):
    """Compare without tolerance; what pycocotools calls -1 is NaN here."""
    assert np.array_equal(list(ours), np.where(stats == -1, np.nan, stats), equal_nan=True)


@pytest.mark.shared
@pytest.mark.parametrize(("file", "geometry"), FILES)
def test_figures_of_real_detectors_are_those_of_pycocotools(shared_data, file, geometry):
    truth, predictions, evaluation = real_case(shared_data, file, geometry)
    accumulated = scored(truth, predictions, geometry)
    assert_equal_to_official(accumulated, evaluation)
    published = json.loads(
        (shared_data / "coco_val2017/results/reference_metrics.json").read_text()
    )["results"][f"{file}:{'bbox' if geometry == 'box' else 'segm'}"]["staged"]
    assert [round(figure, 6) for figure in detection.summarize(accumulated).values()] == published


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "geometry", "every", "least_score", "category_ids"),
    [
        pytest.param(*FILES[0], 3, 0.0, None, id="a third of the images"),
        pytest.param(*FILES[1], 1, 0.25, None, id="scores from .25"),
        pytest.param(*FILES[1], 2, 0.05, [1, 3, 44, 62], id="images, scores and classes"),
        pytest.param(*FILES[3], 2, 0.1, [1, 17], id="masks, images, scores and classes"),
        pytest.param(*FILES[3], 200, 0.0, None, id="one image"),
    ],
)
def test_stored_matches_of_a_subset_score_as_the_subset_from_scratch(
    shared_data, file, geometry, every, least_score, category_ids
):
    truth, predictions, _ = real_case(shared_data, file, geometry)
    images = sorted(one["id"] for one in truth["images"])[::every]
    categories = sorted(one["id"] for one in truth["categories"])
    chosen = np.isin(categories, category_ids or categories)
    expected = official(
        truth,
        [one for one in predictions if one["score"] >= least_score],
        geometry,
        images,
        category_ids or categories,
    )
    of_truth, rows = matched_rows(truth, predictions, geometry)
    kept = np.isin(rows.images, images) & chosen[rows.categories] & (rows.scores >= least_score)
    counted = positives_of(of_truth, np.isin(of_truth.images, images), len(categories))
    accumulated = detection.accumulate(rows.where(kept), counted * chosen[:, None])
    assert_figures_equal(detection.summarize(accumulated).values(), expected.stats)
    assert np.array_equal(accumulated.precision[:, :, chosen], expected.eval["precision"])
    assert (accumulated.precision[:, :, ~chosen] == -1).all()


def positives_of(truth, kept, class_count):
    """Count positives of some rows of a table."""
    everything = detection.positives(truth, class_count)
    areas = matching.in_range(truth.areas) & (~truth.crowd & ~kept)[:, None]
    left_out = np.zeros_like(everything)
    np.add.at(left_out, truth.categories, areas)
    return everything - left_out


@pytest.mark.parametrize("geometry", GEOMETRIES)
@settings(max_examples=60, deadline=None)
@given(drawn_scene=scenes())
def test_figures_of_any_scene_are_those_of_pycocotools(geometry, drawn_scene):
    assert_equal_to_official(scored(*drawn_scene, geometry), official(*drawn_scene, geometry))


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("seed", range(3))
def test_figures_of_crowded_scenes_are_those_of_pycocotools(geometry, seed):
    crowded = crowded_scene(seed)
    assert_equal_to_official(scored(*crowded, geometry), official(*crowded, geometry))


@pytest.mark.parametrize("seed", range(3))
def test_subsets_of_crowded_scenes_score_as_from_scratch(seed):
    truth, predictions = crowded_scene(seed)
    of_truth, rows = matched_rows(truth, predictions)
    for image, least_score in ((IMAGES[0], 0.2), (IMAGES[1], 0.3), (IMAGES[2], 0.0)):
        kept = (rows.images == image) & (rows.scores >= least_score)
        counted = positives_of(of_truth, of_truth.images == image, len(CATEGORIES))
        above = [one for one in predictions if one["score"] >= least_score]
        assert_equal_to_official(
            detection.accumulate(rows.where(kept), counted), official(truth, above, "box", [image])
        )


def test_the_order_of_stored_rows_does_not_matter():
    truth, predictions = crowded_scene(seed=4)
    of_truth, rows = matched_rows(truth, predictions)
    shuffled = rows.where(np.random.default_rng(4).permutation(len(rows.scores)))
    accumulated = detection.accumulate(shuffled, detection.positives(of_truth, len(CATEGORIES)))
    assert_equal_to_official(accumulated, official(truth, predictions, "box"))


def test_accumulation_agrees_with_the_plain_reference():
    of_truth, rows = matched_rows(*crowded_scene(seed=5))
    counted = detection.positives(of_truth, len(CATEGORIES))
    accumulated = detection.accumulate(rows, counted)
    for class_index, area, limit, step in np.ndindex(len(CATEGORIES), 4, 3, 10):
        kept = (rows.categories == class_index) & (rows.rank < (1, 10, 100)[limit])
        kept_rows = rows.where(np.flatnonzero(kept)[np.argsort(-rows.scores[kept], kind="stable")])
        bit = np.uint64(1 << (10 * area + step))
        place = class_index, area, limit
        if counted[class_index, area] == 0:
            assert accumulated.recall[(step, *place)] == -1
            continue
        precision, recall = reference.precision_and_recall(
            (kept_rows.hits & bit) > 0, (kept_rows.ignored & bit) > 0, counted[class_index, area]
        )
        assert np.array_equal(accumulated.precision[(step, slice(None), *place)], precision)
        assert accumulated.recall[(step, *place)] == recall


def test_recall_points_are_those_of_linspace_not_hundredths():
    # with 100 annotations recall is k/100, which lies below linspace's 35th point
    boxes = [[float(i % 10 * 12), float(i // 10 * 12), 10.0, 10.0] for i in range(100)]
    truth = [drawn(box, area=100, iscrowd=0) for box in boxes]
    predictions = [drawn(box, score=1 - i / 1000) for i, box in enumerate(boxes[:35])]
    few = scene(truth, predictions)
    accumulated = scored(*few)
    assert_equal_to_official(accumulated, official(*few, "box"))
    recall, precision = detection.precision_recall_curve(accumulated, 0, 0)
    assert recall[35] > 0.35
    assert (precision[34], precision[35]) == (1.0, 0.0)


def test_a_class_without_annotations_costs_nothing_and_has_no_score():
    one = [0, 0, 20, 20]
    truth = [drawn(one, area=400, iscrowd=0)]
    wrong = [drawn(one, category=CATEGORIES[1], score=0.99) for _ in range(5)]
    accumulated = scored(*scene(truth, [drawn(one, score=0.5), *wrong]))
    figures = detection.summarize(accumulated)
    assert figures["ap"] == pytest.approx(1)
    assert np.isnan(figures["ap_medium"])
    assert np.isnan(detection.summarize_classes(accumulated)["ap"]).tolist() == [False, True, True]
    assert np.isnan(detection.precision_recall_curve(accumulated, 1, 0)[1]).all()


def test_predictions_on_images_without_annotations_are_wrong():
    one = [0, 0, 20, 20]
    truth = [drawn(one, area=400, iscrowd=0)]
    elsewhere = drawn(one, image=IMAGES[2], score=0.9)
    with_it = scored(*scene(truth, [drawn(one, score=0.5), elsewhere]))
    assert detection.summarize(with_it)["ap"] == pytest.approx(0.5)


def test_nothing_annotated_has_no_figures():
    figures = detection.summarize(scored(*scene([], [drawn([0, 0, 9, 9], score=0.5)])))
    assert list(figures) == list(detection.FIGURES)
    assert np.isnan(list(figures.values())).all()


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_figures_of_one_class_are_those_of_pycocotools_on_it_alone(geometry):
    truth, predictions = crowded_scene(seed=6)
    figures = detection.summarize_classes(scored(truth, predictions, geometry))
    for index, category in enumerate(CATEGORIES):
        alone = official(truth, predictions, geometry, categories=[category])
        assert_figures_equal((values[index] for values in figures.values()), alone.stats)


@pytest.mark.shared
def test_figures_of_real_classes_are_those_of_pycocotools_on_them_alone(shared_data):
    truth, predictions, _ = real_case(shared_data, *FILES[0])
    figures = detection.summarize_classes(scored(truth, predictions))
    categories = sorted(one["id"] for one in truth["categories"])
    for category in (1, 62, 89):  # many, some, hardly any annotations
        alone = official(truth, predictions, "box", categories=[category])
        index = categories.index(category)
        assert_figures_equal((values[index] for values in figures.values()), alone.stats)


@pytest.mark.shared
def test_curve_of_a_class_is_that_of_pycocotools(shared_data):
    truth, predictions, evaluation = real_case(shared_data, *FILES[0])
    recall, precision = detection.precision_recall_curve(scored(truth, predictions), 0, 5)
    assert np.array_equal(recall, evaluation.params.recThrs)
    assert np.array_equal(precision, evaluation.eval["precision"][5, :, 0, 0, 2])


@pytest.mark.shared
@pytest.mark.parametrize("score", [0.0, 0.25, 0.9])
def test_counts_from_a_score_are_those_of_pycocotools(shared_data, score):
    truth, predictions, evaluation = real_case(shared_data, *FILES[1])
    of_truth, rows = matched_rows(truth, predictions)
    counts = detection.counts_at(rows, detection.positives(of_truth, 80), score, iou_index=4)
    assert np.array_equal([counts.tp, counts.fp, counts.fn], official_counts(evaluation, score))


def test_counts_of_a_crowded_scene_stop_at_a_hundred_of_an_image_and_class():
    crowded = crowded_scene(seed=9)
    of_truth, rows = matched_rows(*crowded)
    counts = detection.counts_at(rows, detection.positives(of_truth, 3), 0.0, iou_index=4)
    expected = official_counts(official(*crowded, "box"), 0.0)
    assert np.array_equal([counts.tp, counts.fp, counts.fn], expected)


def official_counts(evaluation, score):
    """Count tp, fp and fn of each class at IoU .7 in the matches of pycocotools."""
    expected = np.zeros((3, len(evaluation.params.catIds)), int)
    for entry in filter(None, evaluation.evalImgs):
        if tuple(entry["aRng"]) != (0, 1e10):
            continue
        index = evaluation.params.catIds.index(entry["category_id"])
        kept = ~entry["dtIgnore"][4] & (np.array(entry["dtScores"]) >= score)
        hit = entry["dtMatches"][4] > 0
        found = np.count_nonzero(kept & hit)
        missed = np.count_nonzero(entry["gtIgnore"] == 0) - found
        expected[:, index] += found, np.count_nonzero(kept & ~hit), missed
    return expected


def test_counts_of_a_hand_made_scene():
    one, other = [0, 0, 20, 20], [50, 50, 20, 20]
    truth = [drawn(one, area=400, iscrowd=0), drawn(other, area=400, iscrowd=0),
             drawn([80, 0, 40, 40], area=1600, iscrowd=1)]  # fmt: skip
    predictions = [
        drawn(one, score=0.9),  # right
        drawn(one, score=0.8),  # a second time: wrong
        drawn(other, score=0.3),  # right, but below the least score
        drawn([85, 5, 10, 10], score=0.9),  # on the crowd region: not counted
        drawn(one, category=CATEGORIES[1], score=0.5),  # wrong class, exactly the least score
    ]
    of_truth, rows = matched_rows(*scene(truth, predictions))
    counts = detection.counts_at(rows, detection.positives(of_truth, 3), 0.5, iou_index=0)
    assert counts.tp.tolist() == [1, 0, 0]
    assert counts.fp.tolist() == [1, 1, 0]
    assert counts.fn.tolist() == [1, 0, 0]


def test_positives_leave_crowds_out_and_count_bounds_twice():
    areas = (1024.0, 9216.0, 9217.0, 2e10)
    truth = [drawn([0, 0, 9, 9], area=area, iscrowd=0) for area in areas]
    truth.append(drawn([0, 0, 9, 9], area=50, iscrowd=1))
    of_truth, _ = tables(*scene(truth, []))
    # all: three up to 1e10; small: 1024; medium: 1024 and 9216; large: 9216 and 9217
    assert detection.positives(of_truth, 2).tolist() == [[3, 1, 2, 2], [0, 0, 0, 0]]


def test_importing_the_metrics_does_not_import_numba():
    code = "import sys, core.metrics.detection; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_class_indices_out_of_range_are_refused():
    of_truth, rows = matched_rows(*crowded_scene(seed=7))
    with pytest.raises(ValueError, match="run from 0 to 1, but there are 1 classes"):
        detection.positives(of_truth, 1)
    with pytest.raises(ValueError, match="run from 0 to 2, but there are 2 classes"):
        detection.accumulate(rows, np.ones((2, 4), np.int64))
