"""Errors planted in an annotation come first; the command writes them down."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from core.__main__ import main
from core.errors import UsageError
from core.evaluate import evaluate_run
from core.scoring.label_errors import suspect_classes, suspect_objects, witnesses
from core.store.connection import Store
from core.structures import Annotation, Objects, Prediction
from tests.factories import make_dataset, make_image, make_rle
from tests.filling import put, put_run

RUNS = ("one", "two", "three")
SIDE = 64


class Planted(NamedTuple):
    """A store whose annotation has errors that are known."""

    store: Store
    removed: tuple[int, list[float], int]
    swapped: tuple[int, int, int]
    added: tuple[int, int]


def grid_objects(rng) -> Objects:
    """Six squares in a grid, of any class: none overlaps another."""
    places = [(4 + 20 * column, 4 + 30 * row) for row in range(2) for column in range(3)]
    boxes = np.array([[x, y, 14 - place % 3, 16] for place, (x, y) in enumerate(places)], float)
    return of_boxes(boxes, rng.integers(0, 3, 6))


def of_boxes(boxes, categories, scores=None) -> Objects:
    masks = []
    for x, y, width, height in np.round(boxes).astype(int):
        mask = np.zeros((SIDE, SIDE), bool)
        mask[max(y, 0) : y + height, max(x, 0) : x + width] = True
        masks.append(make_rle(mask))
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    count = len(boxes)
    return Objects(
        boxes=boxes,
        categories=np.asarray(categories, np.int32),
        areas=boxes[:, 2] * boxes[:, 3],
        crowd=np.zeros(count, bool),
        scores=scores,
        masks=tuple(masks),
    )


def seen_by_a_system(objects: Objects, rng) -> Objects:
    """Every object nearly in its place, some as another class or unseen, and a little noise."""
    kept = np.flatnonzero(rng.random(len(objects)) < 0.85)
    boxes = objects.boxes[kept] + rng.integers(-1, 2, (len(kept), 4))
    wrong = rng.random(len(kept)) < 0.1
    categories = np.where(wrong, rng.integers(0, 3, len(kept)), objects.categories[kept])
    scores = np.where(wrong, 0.55, rng.uniform(0.7, 0.95, len(kept)))
    noise = np.hstack([rng.uniform(0, 50, (2, 2)), rng.uniform(3, 10, (2, 2))])
    return of_boxes(
        np.vstack([boxes, noise]),
        np.append(categories, rng.integers(0, 3, 2)),
        np.append(scores, rng.uniform(0, 0.6, 2)),
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Planted:
    rng = np.random.default_rng(8)
    images = tuple(make_image(key, SIDE, SIDE) for key in range(5, 25))
    true = {image.id: grid_objects(rng) for image in images}
    clear = 0.99
    answers = {run: [] for run in RUNS}
    for place, image in enumerate(images):
        for run in RUNS:
            seen = seen_by_a_system(true[image.id], rng)
            if place in (3, 7):  # the planted errors lie where systems are sure
                seen = replace(true[image.id], scores=np.full(6, clear))
            answers[run].append(Prediction(image, None, seen))
    annotated = dict(true)
    lost, swapped, faked = images[3].id, images[7].id, images[11].id
    box = true[lost].boxes[2].tolist()
    annotated[lost] = of_boxes(
        np.delete(true[lost].boxes, 2, 0), np.delete(true[lost].categories, 2)
    )
    own = true[swapped].categories.copy()
    own[4] = (own[4] + 1) % 3
    annotated[swapped] = replace(true[swapped], categories=own)
    fake = np.vstack([true[faked].boxes, [18, 20, 30, 13]])
    annotated[faked] = of_boxes(fake, np.append(true[faked].categories, 1))
    dataset = make_dataset("planted", image_ids=range(5, 25))
    dataset = replace(
        dataset,
        images=images,
        annotations={key: Annotation(image, annotated[key]) for key, image in
                     zip(annotated, images, strict=True)},
    )  # fmt: skip
    store = Store.at(tmp_path_factory.mktemp("planted") / "store.duckdb")
    put(store, dataset, painted=True)
    for run in RUNS:
        put_run(store, dataset, answers[run], run)
        evaluate_run(store, run)
    return Planted(
        store,
        (lost, box, int(true[lost].categories[2])),
        (swapped, int(own[4]), int(true[swapped].categories[4])),
        (faked, 6),
    )


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_planted_errors_of_objects_come_first(planted, geometry):
    with planted.store.read() as cursor:
        found = suspect_objects(cursor, RUNS, geometry, 3, 0.5)
    names = ("cat", "dog", "car")
    first = {kind: rows.iloc[0] for kind, rows in found.groupby("kind", sort=False)}
    assert list(first) == ["missing", "wrong class", "spurious"] or list(first) == [
        "wrong class", "missing", "spurious",
    ]  # fmt: skip
    key, box, category = planted.removed
    missing = first["missing"]
    assert (missing["image_id"], missing["suggested"]) == (key, names[category])
    assert missing[["x", "y", "width", "height"]].tolist() == box
    assert (missing["annotated"], missing["object_index"]) == ("", -1)
    key, wrong, right = planted.swapped
    swapped = first["wrong class"]
    assert swapped[["image_id", "object_index"]].tolist() == [key, 4]
    assert (swapped["annotated"], swapped["suggested"]) == (names[wrong], names[right])
    for each in (missing, swapped):
        assert each["confidence"] == pytest.approx(0.99)
        assert (each["runs"], each["of"]) == (3, 3)
    fake = first["spurious"]
    assert (fake["image_id"], fake["object_index"]) == planted.added
    assert (fake["annotated"], fake["suggested"]) == ("dog", "")
    assert np.isnan(fake["confidence"])
    assert set(found.iloc[:2]["confidence"].round(6)) == {0.99}


def test_planted_errors_of_label_maps_are_all_that_is_found(tmp_path):
    rng = np.random.default_rng(9)
    dataset = make_dataset(
        "maps", image_ids=range(1, 11), objects=False, masks=False, label_maps=True, background=0
    )
    true = {}
    for image in dataset.images:
        true[image.id] = np.zeros((image.height, image.width), np.uint8)
        true[image.id][:6, :8] = 1
    annotated = {key: label_map.copy() for key, label_map in true.items()}
    annotated[3][:6, :8] = 0  # removed
    annotated[5][:6, :8] = 2  # swapped
    annotated[8][6:12, 10:16] = 2  # added
    annotations = {
        image.id: Annotation(image, label_map=annotated[image.id]) for image in dataset.images
    }
    store = Store.at(tmp_path / "store.duckdb")
    dataset = replace(dataset, annotations=annotations)
    put(store, dataset)
    for run in RUNS:
        answers = []
        for image in dataset.images:
            noise = rng.random(true[image.id].shape) < 0.1
            seen = np.where(noise, 1 - true[image.id], true[image.id]).astype(np.uint8)
            answers.append(Prediction(image, None, label_map=seen))
        flags = {"has_boxes": False, "has_masks": False, "has_label_maps": True}
        put_run(store, dataset, answers, run, **flags)
        evaluate_run(store, run)
    with store.read() as cursor:
        found = suspect_classes(cursor, RUNS, 3)
    columns = ["image_id", "kind", "annotated", "suggested", "runs", "of"]
    assert found[columns].to_numpy().tolist() == [
        [5, "wrong class", "car", "dog", 3, 3],
        [3, "missing", "", "dog", 3, 3],
        [8, "spurious", "car", "", 3, 3],
    ]
    assert found["confidence"].tolist()[0] == pytest.approx(0.9, abs=0.06)
    assert found["x"].isna().all()


def test_more_must_agree_than_there_are(planted):
    with planted.store.read() as cursor:
        for least in (1, 4):
            with pytest.raises(UsageError, match=f"{least} of 3 runs cannot agree"):
                suspect_objects(cursor, RUNS, "box", least, 0.5)
            with pytest.raises(UsageError, match="cannot agree"):
                suspect_classes(cursor, RUNS, least)


def test_unsure_predictions_bear_no_witness_but_find(planted):
    with planted.store.read() as cursor:
        some, none = (suspect_objects(cursor, RUNS, "box", 3, least) for least in (0.98, 0.995))
    assert set(some["kind"]) == {"missing", "wrong class", "spurious"}
    assert set(none["kind"]) == {"spurious"}
    spurious = some[some["kind"] == "spurious"].reset_index(drop=True)
    assert none.equals(spurious)


def test_images_can_be_chosen(planted):
    with planted.store.read() as cursor:
        whole = suspect_objects(cursor, RUNS, "box", 2, 0.5)
        some = suspect_objects(cursor, RUNS, "box", 2, 0.5, images=[1, 4, 12])
    kept = whole[whole["key"].isin([1, 4, 12])].reset_index(drop=True)
    assert len(kept) > 1
    assert some.equals(kept)


def test_who_saw_the_truth_or_is_fused_is_no_witness(planted):
    with planted.store.write() as cursor:
        for name, settings in (("told", {"oracle": "boxes"}), ("fused", {"members": ["one"]})):
            cursor.execute(
                "INSERT INTO run BY NAME SELECT * REPLACE (? AS name, ? AS settings, "
                "nextval('run_ids') AS run_id) FROM run WHERE name = 'one'",
                [name, json.dumps(settings)],
            )
            cursor.execute(
                "INSERT INTO evaluation BY NAME SELECT * REPLACE ((SELECT run_id FROM run WHERE "
                "name = ?) AS run_id) FROM evaluation WHERE run_id = 1",
                [name],
            )
    with planted.store.read() as cursor:
        assert sorted(witnesses(cursor, "planted", "val")) == sorted(RUNS)


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_command_writes_what_is_found(planted, tmp_path, capsys, ending):
    out = tmp_path / f"list.{ending}"
    place = ["--store", str(planted.store.path), "--dataset", "planted", "--split", "val"]
    assert main(["label-errors", *place, "--agree", "3", "--out", str(out)]) == 0
    assert "3 of 3 runs must agree: one, two, three." in capsys.readouterr().out
    text = out.read_text(encoding="utf-8")
    lines = json.loads(text) if ending == "json" else list(csv.DictReader(text.splitlines()))
    with planted.store.read() as cursor:
        found = suspect_objects(cursor, RUNS, "box", 3, 0.5)
    assert len(lines) == len(found)
    for line, (_, row) in zip(lines, found.iterrows(), strict=True):
        assert line["image"] == row["image"] == f"folder/image {row['image_id']:03d}.jpg"
        assert [float(line[side]) for side in ("x", "y", "width", "height")] == [
            row[side] for side in ("x", "y", "width", "height")
        ]
        sure = line["confidence"]
        assert (float(sure) if sure else None) == (
            None if np.isnan(row["confidence"]) else row["confidence"]
        )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--out", "list.txt"], "ends in .csv or .json"),
        (["--out", "no/folder/list.csv"], "does not exist"),
        (["--out", "list.csv", "--score", "1.5"], "from 0 to 1"),
        (["--out", "list.csv", "--agree", "9"], "9 of 3 runs cannot agree"),
        (["--out", "list.csv", "--runs", "one", "nobody"], "no run named 'nobody'"),
        (["--out", "list.csv", "--runs", "one"], "2 of 1 runs cannot agree"),
    ],
)
def test_unusable_requests_are_told_and_write_nothing(
    planted, tmp_path, monkeypatch, capsys, given, told
):
    monkeypatch.chdir(tmp_path)
    place = ["--store", str(planted.store.path), "--dataset", "planted", "--split", "val"]
    assert main(["label-errors", *place, *given]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
