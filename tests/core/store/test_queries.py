"""Questions about a split, held against counts made straight from COCO's file."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import pytest

from core.readers.coco import read_coco
from core.store import rows
from core.store.connection import Store
from core.store.queries import catalogue, counts, explore
from core.store.queries.ask import SQL_FOLDER, sql_text

PLACE = {"dataset": 1, "split": "val"}


@pytest.fixture(scope="module")
def coco(shared_data: Path) -> dict:
    return json.loads((shared_data / "coco_val2017" / "instances.json").read_text())


@pytest.fixture(scope="module")
def store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = shared_data / "coco_val2017"
    dataset, _ = read_coco(folder / "instances.json", folder / "images", "coco", "val")
    store = Store.at(tmp_path_factory.mktemp("queries") / "store.duckdb")
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
    return store


@pytest.fixture
def cursor(store):
    with store.read() as opened:
        yield opened


@pytest.fixture(scope="module")
def objects(coco) -> list[dict]:
    return [entry for entry in coco["annotations"] if not entry["iscrowd"]]


@pytest.fixture(scope="module")
def class_of(coco) -> dict[int, int]:
    return {category: i for i, category in enumerate(sorted(c["id"] for c in coco["categories"]))}


def as_dict(frame, key, value) -> dict:
    return dict(zip(frame[key].tolist(), frame[value].tolist(), strict=True))


@pytest.mark.shared
def test_class_frequency_counts_as_the_file(cursor, coco, objects, class_of):
    answer = explore.class_frequency(cursor, **PLACE)
    crowd = Counter(class_of[e["category_id"]] for e in coco["annotations"] if e["iscrowd"])
    images = defaultdict(set)
    for entry in objects:
        images[class_of[entry["category_id"]]].add(entry["image_id"])
    counted = Counter(class_of[entry["category_id"]] for entry in objects)
    assert as_dict(answer, "class", "objects") == {i: counted[i] for i in range(80)}
    assert as_dict(answer, "class", "images") == {i: len(images[i]) for i in range(80)}
    assert as_dict(answer, "class", "crowd_regions") == {i: crowd[i] for i in range(80)}
    assert sum(crowd.values()) == 20


@pytest.mark.shared
def test_objects_per_image_includes_empty_images(cursor, coco, objects):
    held = Counter(entry["image_id"] for entry in objects)
    expected = Counter(held[image["id"]] for image in coco["images"])
    answer = explore.objects_per_image(cursor, **PLACE)
    assert as_dict(answer, "objects", "images") == dict(expected)
    assert expected[0] >= 2


@pytest.mark.shared
def test_images_of_a_single_object_count_crowd_regions_too(cursor, coco):
    held = Counter(entry["image_id"] for entry in coco["annotations"])
    expected = sorted(image for image, objects in held.items() if objects == 1)
    keys = counts.single_object_images(cursor, **PLACE)["image_id"]
    (order,) = cursor.execute("SELECT list(source_id ORDER BY image_id) FROM image").fetchone()
    assert [order[key - 1] for key in keys] == expected
    assert len(expected) == 10


@pytest.mark.shared
@pytest.mark.parametrize("class_", [None, 0, 79])
def test_sizes_follow_the_limits_of_coco(cursor, objects, class_of, class_):
    areas = [e["area"] for e in objects if class_ in (None, class_of[e["category_id"]])]
    (found,) = explore.size_ranges(cursor, **PLACE, class_=class_).to_dict("records")
    assert found == {
        "objects": len(areas),
        "small": sum(area <= 32**2 for area in areas),
        "medium": sum(32**2 <= area <= 96**2 for area in areas),
        "large": sum(area >= 96**2 for area in areas),
    }
    steps = explore.size_steps(cursor, **PLACE, class_=class_)
    expected = Counter(
        math.floor(4 * math.log(max(math.sqrt(area), 1) / 32) / math.log(3)) for area in areas
    )
    assert as_dict(steps, "step", "objects") == dict(expected)


@pytest.mark.shared
def test_image_sizes(cursor, coco):
    answer = explore.image_sizes(cursor, **PLACE)
    found = {(row.width, row.height): row.images for row in answer.itertuples()}
    assert found == Counter((image["width"], image["height"]) for image in coco["images"])


@pytest.mark.shared
def test_pairs_of_classes_on_one_image(cursor, objects, class_of):
    held = defaultdict(set)
    for entry in objects:
        held[entry["image_id"]].add(class_of[entry["category_id"]])
    chosen = [0, 2, 56, 60]
    expected = Counter(
        pair for classes in held.values() for pair in product(classes & set(chosen), repeat=2)
    )
    answer = explore.object_pairs(cursor, **PLACE, classes=chosen)
    found = {(row[1], row.other): row.images for row in answer.itertuples()}
    assert found == expected


@pytest.mark.shared
def test_examples_begin_with_the_largest_object(cursor, coco, objects, class_of):
    largest, counted = defaultdict(float), Counter()
    for entry in objects:
        if class_of[entry["category_id"]] == 2:
            image = entry["image_id"]
            largest[image] = max(largest[image], entry["area"])
            counted[image] += 1
    keys = rows.image_ids(cursor, "coco", "val")
    order = sorted(largest, key=lambda image: (-largest[image], keys[image]))[:5]
    answer = explore.class_examples(cursor, **PLACE, class_=2, most=5)
    assert answer["image_id"].tolist() == [keys[image] for image in order]
    assert answer["objects"].tolist() == [counted[image] for image in order]


@pytest.fixture
def edge(tmp_path):
    """One image: areas at COCO's limits, a crowd region of a class that has no object there."""
    store = Store.at(tmp_path / "edge.duckdb")
    with store.write() as cursor:
        cursor.execute("INSERT INTO dataset (name) VALUES ('edge')")
        cursor.execute(
            "INSERT INTO category SELECT 1, unnest, 'c' || unnest, '', 0 FROM unnest([0, 1, 2])"
        )
        cursor.execute(
            "INSERT INTO image (dataset_id, split, source_id, name, path, height, width) "
            "VALUES (1, 'val', 1, 'a', 'a.jpg', 200, 200)"
        )
        cursor.executemany(
            "INSERT INTO annotation_object VALUES (1, ?, ?, 0, 0, 1, 1, ?, ?, NULL)",
            [(0, 0, 1024.0, False), (1, 0, 9216.0, False), (2, 0, 0.0, False), (3, 1, 50.0, True)],
        )
    with store.read() as cursor:
        yield cursor


def test_areas_at_the_limits_count_on_both_sides(edge):
    (found,) = explore.size_ranges(edge, **PLACE).to_dict("records")
    steps = as_dict(explore.size_steps(edge, **PLACE), "step", "objects")
    assert found == {"objects": 3, "small": 2, "medium": 2, "large": 1}
    assert steps == {0: 1, 4: 1, -13: 1}


def test_crowd_regions_are_no_objects_and_absent_classes_have_their_row(edge):
    answer = explore.class_frequency(edge, **PLACE)
    assert answer["objects"].tolist() == [3, 0, 0]
    assert answer["images"].tolist() == [1, 0, 0]
    assert answer["crowd_regions"].tolist() == [0, 1, 0]
    pairs = explore.object_pairs(edge, **PLACE, classes=[0, 1, 2])
    assert pairs.to_dict("records") == [{"class": 0, "other": 0, "images": 1}]
    assert explore.class_examples(edge, **PLACE, class_=1, most=5).empty


@pytest.mark.shared
def test_tags_of_the_split(cursor):
    tags = as_dict(catalogue.tags(cursor, 1, "val"), "tag", "images")
    assert tags["empty"] == 2


@pytest.mark.parametrize("path", sorted(SQL_FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_question_holds_no_formula_but_sums(path):
    """Formulas live in `core.metrics`; a question is one statement that changes nothing."""
    text = sql_text(path.stem)
    assert ";" not in text
    assert not {"INSERT", "UPDATE", "DELETE", "ATTACH", "COPY"} & set(text.upper().split())
