"""Where a label head and what was found differ, against plain loops."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.metrics.image_labels import LEAST_PIXELS
from core.scoring.label_sides import side_table
from core.store.connection import Store
from core.store.queries.image_labels import (
    FOUND_ALONE,
    SAID_ALONE,
    SIDES,
    LabelQuestion,
    SideFilter,
    label_side_images,
)
from tests.core.scoring.label_scene import (
    BACKGROUND,
    MAPS,
    OBJECTS,
    dataset_of,
    found,
    label,
    predictions_of,
)
from tests.filling import put, put_run

CLASSES = (1, 2, 3, 4)


@pytest.fixture(scope="module", params=["objects", "maps"])
def scene(request, tmp_path_factory):
    """A run with a label head, and one without."""
    store = Store.at(tmp_path_factory.mktemp("sides") / "store.duckdb")
    dataset = dataset_of(request.param, "val", 0)
    maps = request.param == "maps"
    predictions = predictions_of(dataset, 4, maps=maps)
    put(store, dataset)
    flags = MAPS if maps else OBJECTS
    runs = [
        put_run(store, dataset, predictions, "two heads", **flags),
        put_run(store, dataset, predictions, "silent", **flags),
    ]
    with store.write() as cursor:
        cursor.execute("DELETE FROM prediction_label WHERE run_id = ?", runs[1:])
        cursor.execute("UPDATE run SET has_labels = false WHERE run_id = ?", runs[1:])
    for name in ("two heads", "silent"):
        evaluate_run(store, name)
    return store, dataset, predictions, tuple(runs)


def side(dataset, prediction, class_: int, least: float) -> str:
    said = prediction.probabilities[class_] >= least
    marked = found(dataset, prediction, class_) >= least
    return {(1, 1): "both", (1, 0): SAID_ALONE, (0, 1): FOUND_ALONE, (0, 0): "neither"}[
        said, marked
    ]


def asked(runs, **more) -> LabelQuestion:
    return LabelQuestion(runs, 5, BACKGROUND, LEAST_PIXELS, **more)


@pytest.mark.parametrize("least", [0.3, 0.5, 0.8])
def test_images_are_counted_by_side_as_by_hand(scene, least):
    store, dataset, predictions, runs = scene
    with store.read() as cursor:
        table = side_table(cursor, asked(runs), SideFilter(least))
    assert table["run_id"].tolist() == [runs[0]] * 4
    for class_, row in zip(CLASSES, table.to_dict("records"), strict=True):
        sides = [side(dataset, each, class_, least) for each in predictions]
        counted = Counter(sides)
        assert {name: row[name] for name in SIDES} == {name: counted[name] for name in SIDES}
        right = [
            label(dataset, each.image.id, class_) is (where == SAID_ALONE)
            for each, where in zip(predictions, sides, strict=True)
            if where in (SAID_ALONE, FOUND_ALONE)
            and label(dataset, each.image.id, class_) is not None
        ]
        share = np.mean(right) if right else np.nan
        assert row["label_head_right"] == pytest.approx(share, nan_ok=True)


def test_differences_are_listed_one_by_one(scene):
    store, dataset, predictions, runs = scene
    with store.read() as cursor:
        rows = label_side_images(cursor, asked(runs), SideFilter(0.5), [SAID_ALONE, FOUND_ALONE])
    listed = list(zip(rows["source_id"], rows["class"], rows["side"], strict=True))
    expected = [
        (each.image.id, class_, side(dataset, each, class_, 0.5))
        for each in predictions
        for class_ in CLASSES
        if side(dataset, each, class_, 0.5) in (SAID_ALONE, FOUND_ALONE)
    ]
    assert listed == expected
    assert {where for _, _, where in expected} == {SAID_ALONE, FOUND_ALONE}
    by_image = {each.image.id: each for each in predictions}
    for row in rows.to_dict("records"):
        assert row["probability"] == by_image[row["source_id"]].probabilities[row["class"]]
        truth = label(dataset, row["source_id"], row["class"])
        assert row["shown"] == truth or (truth is None and not isinstance(row["shown"], bool))


def test_one_class_some_images_and_one_side(scene):
    store, dataset, predictions, runs = scene
    with store.read() as cursor:
        some = tuple(
            key
            for (key,) in cursor.execute(
                "SELECT image_id FROM image WHERE source_id <= 12"
            ).fetchall()
        )
        rows = label_side_images(
            cursor, asked(runs, images=some), SideFilter(0.5, class_=2), [FOUND_ALONE]
        )
        table = side_table(cursor, asked(runs, images=some), SideFilter(0.5, class_=2))
    expected = [
        each.image.id for each in predictions[:12] if side(dataset, each, 2, 0.5) == FOUND_ALONE
    ]
    assert rows["source_id"].tolist() == expected != []
    assert table[list(SIDES)].to_numpy().sum() == 12


def test_runs_without_a_label_head_have_no_sides(scene):
    store, *_, runs = scene
    with store.read() as cursor:
        table = side_table(cursor, asked(runs[1:]), SideFilter(0.5))
    assert table.empty
    assert table.columns.tolist() == ["run_id", "class", *SIDES, "label_head_right"]
