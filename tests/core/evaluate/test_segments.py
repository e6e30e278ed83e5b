"""Panoptic quality from stored counts: real segments, spoilt, against masks compared one by one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.geometry import rle
from core.readers.coco_panoptic import read_coco_panoptic
from core.scoring import Choice, begin_trials, score_runs
from core.store.connection import Store
from core.store.queries import counts
from core.store.rows import image_ids, insert_dataset, insert_predictions, insert_run
from core.structures import Objects, Prediction, Run
from tests.core.evaluate.street_scene import street_maps, street_store
from tests.core.metrics.panoptic_reference import counts as reference
from tests.core.metrics.panoptic_reference import means, qualities
from tests.core.readers.test_coco_panoptic import png_ids

pytestmark = pytest.mark.shared
IMAGES = 12
STUFF = 10**8


@pytest.fixture(scope="module")
def scene(shared_data, tmp_path_factory):
    """Store images and the run "net"; return the store, the reference's counts, the things."""
    folder = shared_data / "coco_panoptic"
    path = folder / "annotations" / "panoptic_val2017.json"
    home = tmp_path_factory.mktemp("panoptic")
    document = json.loads(path.read_text())
    document["annotations"] = document["annotations"][:IMAGES]
    there = {record["image_id"] for record in document["annotations"]}
    document["images"] = [image for image in document["images"] if image["id"] in there]
    few = home / path.name
    few.write_text(json.dumps(document))
    dataset, _ = read_coco_panoptic(
        few, folder / "images", "coco", "val", png_folder=path.with_suffix(""), require_images=False
    )
    classes = [category.source_id for category in dataset.categories]
    records = {record["image_id"]: record for record in document["annotations"]}
    seen = {s["category_id"] for record in records.values() for s in record["segments_info"]}
    things = {
        classes.index(category["id"])
        for category in document["categories"]
        if category["isthing"] and category["id"] in seen
    }
    predictions, expected = [], []
    for place, image in enumerate(dataset.images):
        record = records[image.id]
        ids = png_ids(path.with_suffix("") / record["file_name"])
        segments = {
            s["id"]: (classes.index(s["category_id"]), bool(s["iscrowd"]))
            for s in record["segments_info"]
        }
        answers, kept = spoil(ids, segments, things, place)
        predictions.append(prediction(image, answers, kept, things))
        expected.append(reference(ids, segments, answers, kept))
    store = Store.at(home / "evaluation.duckdb")
    with store.write() as cursor:
        insert_dataset(cursor, dataset)
        flags = {"has_boxes": True, "has_masks": True, "has_label_maps": True}
        run = Run("net", "net", "coco", "val")
        key = insert_run(cursor, run, **flags, expected_images=IMAGES, status="done")
        insert_predictions(cursor, key, image_ids(cursor, "coco", "val"), predictions)
    evaluate_run(store, "net")
    return store, expected, things


def spoil(ids, segments, things, place):
    """Return the ids moved, some dropped, some in two parts or of another class; id to class."""
    moved = np.roll(ids, (place * 3 % 19, place * 5 % 31), (0, 1))
    answers, kept = np.zeros_like(moved), {}
    for number, (each, (true, _)) in enumerate(segments.items()):
        mask, answered = moved == each, true
        if (number + place) % 7 == 3:
            continue
        if (number + place) % 5 == 1:
            answered = (true + 1) % 133 if (true + 1) % 133 in things else sorted(things)[place]
        halves = (mask, None) if number % 4 else (mask & (np.indices(ids.shape)[1] % 9 < 3), mask)
        for half, part in enumerate(halves):
            if part is None:
                continue
            name = STUFF + answered if answered not in things else 2 * number + half + 1
            answers[part & (answers == 0)] = name
            kept[name] = answered
    return answers, kept


def prediction(image, answers, kept, things):
    """Return the objects and the map of these answers, and an object too unsure to count."""
    label_map = np.full(answers.shape, 255, np.uint8)
    for name, answered in kept.items():
        label_map[answers == name] = answered
    own = [name for name, answered in kept.items() if answered in things]
    masks = [rle.encode(np.asfortranarray(answers == name)) for name in own]
    masks.append(rle.encode(np.ones(answers.shape, np.bool_, order="F")))
    objects = Objects(
        boxes=np.array([rle.box(mask) for mask in masks], np.float64),
        categories=np.array([*(kept[name] for name in own), min(things)], np.int32),
        areas=np.array([rle.area(mask) for mask in masks], np.float64),
        crowd=np.zeros(len(masks), np.bool_),
        scores=np.array([0.5] * len(own) + [0.49]),
        masks=tuple(masks),
    )
    return Prediction(image, objects=objects, label_map=label_map)


def scored(store, **how):
    with store.read() as cursor:
        return score_runs(cursor, ["net"], **how)[0]


def summed(expected):
    total = {}
    for image in expected:
        for each, row in image.items():
            total[each] = np.array(total.get(each, [0, 0, 0, 0.0])) + row
    return total


def test_stored_counts_are_those_of_the_masks(scene):
    store, expected, _ = scene
    with store.read() as cursor:
        rows = counts.segment_rows(cursor, 1)
    keys = [(image, each) for image, of in enumerate(expected, 1) for each in sorted(of)]
    assert list(zip(rows["image_id"], rows["class"], strict=True)) == keys
    plain = np.array([expected[image - 1][each] for image, each in keys])
    np.testing.assert_array_equal(rows[["tp", "fp", "fn"]], plain[:, :3])
    np.testing.assert_allclose(rows["iou"], plain[:, 3], rtol=0, atol=1e-12)
    assert (plain[:, :3].sum(axis=0) > 15).all()


@pytest.mark.parametrize("images", [None, [4], [2, 9, 12]])
def test_any_subset_scores_as_its_images_alone(scene, images):
    store, expected, things = scene
    one = scored(store, images=images)
    total = summed(expected if images is None else [expected[key - 1] for key in images])
    groups = {"": set(total), "_things": set(total) & things, "_stuff": set(total) - things}
    for group, members in groups.items():
        ours = [one.scores[f"{name}{group}"] for name in ("pq", "sq", "rq")]
        assert ours == pytest.approx(means([total[each] for each in members]), abs=1e-12)
    for each, row in total.items():
        ours = one.classes.loc[each, ["pq", "sq", "rq"]].tolist()
        assert ours == pytest.approx(qualities(row), abs=1e-12)
    assert one.classes["pq"].notna().sum() == len(total)


def test_chosen_classes_are_averaged_alone(scene):
    store, expected, things = scene
    total = summed(expected)
    chosen = sorted(total)[::3]
    one = scored(store, choice=Choice(classes=tuple(chosen)))
    ours = [one.scores[name] for name in ("pq", "sq", "rq")]
    assert ours == pytest.approx(means([total[each] for each in chosen]), abs=1e-12)
    of_things = means([total[each] for each in chosen if each in things])
    assert one.scores["pq_things"] == pytest.approx(of_things[0], abs=1e-12)
    assert scored(store, choice=Choice(size="small")).scores["pq"] is None


@pytest.mark.parametrize("metric", ["pq", "sq", "rq", "pq_things", "rq_stuff"])
def test_a_draw_of_each_image_once_has_the_score_of_the_run(scene, metric):
    store, *_ = scene
    with store.read() as cursor:
        (trial,) = begin_trials(cursor, ["net"], [metric])
    one = scored(store)
    expected = [one.scores[metric], *one.classes.get(metric, [])]
    observed = trial.study.observed[0].tolist()
    assert observed == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_label_maps_alone_have_no_segments(tmp_path):
    one = scored(street_store(tmp_path, street_maps()))
    assert one.scores["miou"] is not None
    assert one.scores["pq"] is None
    assert "panoptic" not in one.protocol


def test_an_evaluation_without_them_says_how_to_count_them(scene):
    store, *_ = scene
    before = scored(store).scores["pq"]
    with store.write() as cursor:
        cursor.execute("DELETE FROM segment_count")
        cursor.execute("UPDATE evaluation SET has_segments = NULL")
    one = scored(store)
    assert one.scores["pq"] is None
    assert "pq" not in one.classes
    told = "panoptic quality is not counted yet: python -m core evaluate net --again"
    assert told in one.protocol
    evaluate_run(store, "net")
    assert scored(store).scores["pq"] == before
    assert "not counted" not in scored(store).protocol
