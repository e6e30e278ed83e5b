"""Scores of images with one object each, from the store, against the numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from core.evaluate import evaluate_run
from core.metrics import calibration
from core.scoring import score_runs
from core.scoring.choice import Choice
from core.scoring.single import single_answers, single_scores
from core.store import rows
from core.store.connection import Store
from core.structures import Annotation, Objects, Prediction
from tests.factories import make_dataset
from tests.filling import put, put_run

COUNT = 30
CLASSES = ("a", "b", "c")


def one_object(generator: np.random.Generator, box: np.ndarray, class_: int, score=None) -> Objects:
    return Objects(
        boxes=box[np.newaxis],
        categories=np.array([class_], np.int32),
        areas=np.array([box[2] * box[3]]),
        crowd=np.zeros(1, bool),
        scores=None if score is None else np.array([score]),
    )


def made_up(store: Store, per_image: int = 1):
    """Thirty images of one object; two answers to each but the last, a bluff and a sure one."""
    generator = np.random.default_rng(4)
    dataset = make_dataset("singles", classes=CLASSES, image_ids=range(1, COUNT + 1))
    predictions, table = [], []
    for image in dataset.images:
        truth, guess = (int(each) for each in generator.integers(0, 3, 2))
        guess = truth if generator.random() < 0.5 else guess
        box = np.array([1.0, 2, 6, 5])
        shifted = box + np.array([generator.integers(0, 4), 0, 0, 0])
        score = float(generator.uniform(0.4, 1))
        annotated = one_object(generator, box, truth)
        if per_image == 2 and image.id == 1:
            annotated = Objects(
                np.repeat(annotated.boxes, 2, 0),
                np.repeat(annotated.categories, 2),
                np.repeat(annotated.areas, 2),
                np.zeros(2, bool),
            )
        dataset.annotations[image.id] = Annotation(image, annotated)
        found = Objects(
            boxes=np.stack([box, shifted]),
            categories=np.array([(guess + 1) % 3, guess], np.int32),
            areas=np.full(2, 30.0),
            crowd=np.zeros(2, bool),
            scores=np.array([score / 2, score]),
        )
        overlap = (6 - (shifted[0] - 1)) / (6 + shifted[0] - 1)
        if image.id == COUNT:
            none = np.empty(0)
            found = Objects(
                none.reshape(0, 4), none.astype(np.int32), none, none.astype(bool), none
            )
            guess, overlap, score = -1, 0.0, None
        predictions.append(Prediction(image, objects=found))
        table.append((truth, guess, overlap, score))
    put(store, dataset)
    run = put_run(store, dataset, predictions, "net", has_masks=False)
    evaluate_run(store, "net")
    with store.read() as cursor:
        keys = rows.image_ids(cursor, "singles", "val")
    return run, keys, table


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    store = Store.at(tmp_path_factory.mktemp("singles") / "store.duckdb")
    return store, *made_up(store)


def expected(table) -> dict[str, float]:
    truth, guess, overlaps, _ = zip(*table, strict=True)
    sure = [(score, one == other) for one, other, _, score in table if score is not None]
    bins = calibration.reliability(*(np.array(column) for column in zip(*sure, strict=True)))
    right = [one == other and iou >= 0.5 for one, other, iou, _ in table]
    return {
        "top1": np.mean(np.equal(truth, guess)),
        "macro_f1": reference.f1_score(truth, guess, average="macro", labels=sorted(set(truth))),
        "localization_iou": np.mean(overlaps),
        "joint_accuracy": np.mean(right),
        "ece": calibration.ece(bins),
    }


def test_the_surest_prediction_of_each_image_counts(scored):
    store, _, _, table = scored
    with store.read() as cursor:
        found = score_runs(cursor, ["net"])[0].scores
    assert {name: found[name] for name in expected(table)} == pytest.approx(expected(table))


def test_scores_of_a_subset(scored):
    store, _, keys, table = scored
    images = [keys[each] for each in range(1, 11)]
    with store.read() as cursor:
        found = score_runs(cursor, ["net"], images=images)[0].scores
    assert found["localization_iou"] == pytest.approx(np.mean([row[2] for row in table[:10]]))
    assert found["top1"] == np.mean([row[0] == row[1] for row in table[:10]])


def test_scores_on_the_images_of_one_class(scored):
    store, run, _, table = scored
    with store.read() as cursor:
        answers = single_answers(cursor, run)
    found = single_scores(answers, 3, class_=1)
    truth, guess, _, _ = zip(*table, strict=True)
    own = [row for row in table if row[0] == 1]
    assert expected(own) | {"macro_f1": found["macro_f1"]} == pytest.approx(found)
    assert found["macro_f1"] == reference.f1_score(truth, guess, average=None, labels=[1])[0]
    assert single_scores(answers, 4, class_=3) == {}


def test_scores_of_some_classes_are_left_out(scored):
    with scored[0].read() as cursor:
        found = score_runs(cursor, ["net"], choice=Choice(classes=(0,)))[0].scores
    assert found["top1"] is None


def test_images_of_several_objects_have_no_such_scores(tmp_path):
    store = Store.at(tmp_path / "store.duckdb")
    run, _, _ = made_up(store, per_image=2)
    with store.read() as cursor:
        answered = single_answers(cursor, run)
        assert score_runs(cursor, ["net"])[0].scores["top1"] is None
    assert answered.empty
    assert single_scores(answered, 3) == {}
