"""Runs beside each other, held against plain loops and against runs made of the best answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.evaluate import evaluate_run
from core.metrics.matching import IOU_THRESHOLDS
from core.scoring import score_runs
from core.scoring.agreement import object_hits, pixel_agreement
from core.scoring.picking import best_picks, class_wins
from core.store.connection import Store
from core.store.queries.ask import sql_text
from core.structures import Dataset, Prediction
from tests.core.scoring.conftest import CLASSES, answers_to, of_every_size
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run
from tests.noting import NotingCursor

RUNS = ("one", "two", "three")


class Rivals(NamedTuple):
    """A store with three evaluated runs on the same images, and what went into it."""

    store: Store
    dataset: Dataset
    predictions: dict[str, list[Prediction]]


@pytest.fixture(scope="module")
def rivals(tmp_path_factory) -> Rivals:
    """Twelve images with crowd regions and scores that tie; "three" answers as "two" on some."""
    dataset = make_dataset("few", image_ids=range(3, 39, 3), classes=CLASSES, label_maps=True)
    dataset = replace(dataset, annotations=of_every_size(dataset))
    store = Store.at(tmp_path_factory.mktemp("rivals") / "store.duckdb")
    put(store, dataset)
    predictions = {}
    for seed, name in enumerate(RUNS):
        predictions[name] = answers_to(dataset, seed)
    predictions["three"][:5] = predictions["two"][:5]
    for name in RUNS:
        put_run(store, dataset, predictions[name], name)
        evaluate_run(store, name)
    return Rivals(store, dataset, predictions)


def overlap(found, annotated, geometry, place, row, crowd):
    if geometry == "box":
        return coco_mask.iou(found.boxes[[place]], annotated.boxes[[row]], [crowd])[0, 0]
    sides = [
        {"size": [mask.height, mask.width], "counts": mask.counts}
        for mask in (found.masks[place], annotated.masks[row])
    ]
    return coco_mask.iou(sides[:1], sides[1:], [crowd])[0, 0]


def found_plainly(annotated, found, geometry, threshold, least):
    """Return the rows that COCO's greedy matching finds on one image."""
    taken = set()
    for place in sorted(range(len(found)), key=lambda place: -found.scores[place]):
        best, best_row = threshold, None
        for row in range(len(annotated)):
            same = annotated.categories[row] == found.categories[place]
            if found.scores[place] < least or not same or annotated.crowd[row] or row in taken:
                continue
            if (iou := overlap(found, annotated, geometry, place, row, 0)) >= best:
                best, best_row = iou, row
        taken |= {best_row} - {None}
    return taken


@pytest.mark.parametrize("geometry", ["box", "mask"])
@pytest.mark.parametrize(("step", "least"), [(0, 0.0), (0, 0.5), (4, 0.3), (9, 0.1)])
def test_found_objects_are_those_of_a_plain_loop(rivals, geometry, step, least):
    with rivals.store.read() as cursor:
        hits = object_hits(cursor, RUNS, geometry, step, least)
    expected = []
    for run in RUNS:
        own = []
        for key, (image, answer) in enumerate(
            zip(rivals.dataset.images, rivals.predictions[run], strict=True), start=1
        ):
            annotated = rivals.dataset.annotations[image.id].objects
            rows = found_plainly(annotated, answer.objects, geometry, IOU_THRESHOLDS[step], least)
            own += [(key, row, row in rows) for row in np.flatnonzero(~annotated.crowd).tolist()]
        expected.append(own)
    keys = hits.annotations[["image_id", "object_index"]].to_numpy().tolist()
    assert keys == [[key, row] for key, row, _ in expected[0]]
    assert hits.found.tolist() == [[hit for _, _, hit in own] for own in expected]
    assert hits.images == 12
    assert 0 < hits.found.sum() < hits.found.size


def test_what_all_miss_comes_with_the_largest_first(rivals):
    with rivals.store.read() as cursor:
        hits = object_hits(cursor, RUNS, "box", 4, 0.5, images=[1, 2, 3, 4, 7])
    missed = hits.missed_by_all
    assert 0 < len(missed) == (~hits.found).all(axis=0).sum()
    assert missed["area"].is_monotonic_decreasing
    assert set(missed["image_id"]) <= {1, 2, 3, 4, 7}
    assert hits.images == 5


@pytest.mark.parametrize("metric", ["box_ap", "mask_ap", "miou"])
def test_scores_of_images_are_those_of_scoring_each_alone(rivals, metric):
    objects = [rivals.dataset.annotations[image.id].objects for image in rivals.dataset.images]
    crowded = [place for place, each in enumerate(objects) if each.crowd.any()]
    # the second has no objects
    places = sorted({0, 1, 2, *crowded[:3]})
    assert crowded
    assert not len(objects[1])
    with rivals.store.read() as cursor:
        picking = best_picks(cursor, RUNS, metric)
        for place in places:
            key = int(picking.images[place])
            alone = [each.scores[metric] for each in score_runs(cursor, RUNS, images=[key])]
            expected = [np.nan if score is None else score for score in alone]
            assert picking.scores[:, place] == pytest.approx(expected, nan_ok=True, abs=1e-12)
        overall = [each.scores[metric] for each in score_runs(cursor, RUNS)]
    assert picking.overall.tolist() == overall


@pytest.mark.parametrize("metric", ["box_ap", "mask_ap", "miou"])
def test_the_bound_is_the_score_of_a_run_made_of_the_best_answers(rivals, metric):
    with rivals.store.read() as cursor:
        picking = best_picks(cursor, RUNS, metric)
    assert len(set(picking.chosen.tolist())) > 1
    put_together = [
        rivals.predictions[RUNS[run]][place] for place, run in enumerate(picking.chosen)
    ]
    put_run(rivals.store, rivals.dataset, put_together, f"best {metric}")
    evaluate_run(rivals.store, f"best {metric}")
    with rivals.store.read() as cursor:
        (scored,) = score_runs(cursor, [f"best {metric}"])
    assert picking.pooled == scored.scores[metric]


@pytest.mark.parametrize(
    ("metric", "question"), [("mask_ap", "match_bits"), ("miou", "pixel_rows")]
)
def test_of_all_runs_the_store_is_asked_once(rivals, metric, question):
    with rivals.store.read() as cursor:
        noting = NotingCursor(cursor)
        best_picks(noting, RUNS, metric)
    assert noting.texts.count(sql_text(question)) == 1


def test_wins_count_ties_apart_and_every_scored_image(rivals):
    with rivals.store.read() as cursor:
        picking = best_picks(cursor, RUNS, "box_ap")
    best, tied = [0, 0, 0], [0, 0, 0]
    for column in picking.scores.T:
        if np.isnan(column).all():
            continue
        winners = [run for run in range(3) if column[run] == np.nanmax(column)]
        for run in winners:
            (best if len(winners) == 1 else tied)[run] += 1
    wins = picking.wins()
    assert wins["best"].tolist() == best
    assert wins["tied"].tolist() == tied
    assert sum(tied) > 0 < min(best)
    # the second image has no objects
    assert picking.scored == 12 - np.isnan(picking.scores[0]).sum() < 12


def test_best_of_classes_names_all_that_tie(rivals):
    with rivals.store.read() as cursor:
        scores = score_runs(cursor, ["two", "one", "two"])
    won = class_wins([each.classes for each in scores], ["two", "one", "twin"], "box_ap")
    for _, row in won.iterrows():
        two, one = (each.classes["box_ap"][row["class"]] for each in scores[:2])
        assert row["best"] == (("two", "twin") if two > one else ("one",))
        assert (row["score"], row["others"]) == (max(two, one), min(two, one))
    assert set(won["best"]) == {("two", "twin"), ("one",)}


def test_pixels_alike_are_those_of_the_maps(tmp_path):
    dataset = make_dataset("maps", objects=False, masks=False, label_maps=True)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    flags = {"has_boxes": False, "has_masks": False, "has_label_maps": True}
    answers = []
    for seed in (1, 2):
        found = make_predictions(dataset, objects=False, label_maps=True, seed=seed)
        found[0].label_map[:3] = 255  # without an answer
        answers.append(found)
        put_run(store, dataset, found, f"net {seed}", **flags)
        evaluate_run(store, f"net {seed}")
    with store.read() as cursor:
        same, total = pixel_agreement(cursor, ["net 1", "net 2"])
    first, second = (
        np.concatenate([each.label_map.ravel() for each in found]) for found in answers
    )
    answered = (first != 255).sum()
    assert total == len(first) > answered
    alike = ((first == second) & (first != 255)).sum()
    assert same.tolist() == [[answered, alike], [alike, answered]]
    with store.read() as cursor:
        some, fewer = pixel_agreement(cursor, ["net 1", "net 2"], images=[3])
    size = answers[0][2].label_map.size
    assert (some[0, 0], fewer) == (size, size)


def test_runs_that_saw_the_truth_or_another_split_are_refused(rivals):
    other = replace(rivals.dataset, split="test")
    put(rivals.store, other)
    put_run(rivals.store, other, rivals.predictions["one"], "elsewhere")
    evaluate_run(rivals.store, "elsewhere")
    put_run(rivals.store, rivals.dataset, rivals.predictions["one"], "told")
    evaluate_run(rivals.store, "told")
    with rivals.store.write() as cursor:
        settings = json.dumps({"oracle": "boxes"})
        cursor.execute("UPDATE run SET settings = ? WHERE name = 'told'", [settings])
    with rivals.store.read() as cursor:
        with pytest.raises(UsageError, match="'told' was told the true boxes"):
            object_hits(cursor, ["one", "told"], "box", 0, 0.5)
        with pytest.raises(UsageError, match="Runs of one split are needed"):
            best_picks(cursor, ["one", "elsewhere"], "box_ap")
        with pytest.raises(UsageError, match="no image in common"):
            best_picks(cursor, ["one", "two"], "box_ap", images=[4711])
        with pytest.raises(UsageError, match="'one' has no label maps"):
            pixel_agreement(cursor, ["one", "two"])
