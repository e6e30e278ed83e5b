"""Questions about errors, on a scene worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.metrics.errors import Kind
from core.store.connection import Store
from core.store.queries import failures
from core.store.queries.failures import FailureFilter
from tests.core.store.failure_scene import CAT, DOG

FIRST = FailureFilter(runs=(1,), geometry="box")
BOTH = replace(FIRST, runs=(1, 2))


def counted(store: Store, chosen: FailureFilter) -> dict[tuple[int, str], int]:
    with store.read() as cursor:
        found = failures.failure_counts(cursor, chosen)
    return {(row.run_id, row.kind): row.errors for row in found.itertuples()}


def listed(store: Store, chosen: FailureFilter, **options) -> list[tuple]:
    with store.read() as cursor:
        found = failures.failure_objects(cursor, chosen, **options)
    return [(row.image, row.kind, row.object_index) for row in found.itertuples()]


def ranked(store: Store, chosen: FailureFilter, **options) -> list[tuple[int, int]]:
    with store.read() as cursor:
        found = failures.failure_images(cursor, chosen, **options)
    return list(zip(found["image_id"], found["errors"], strict=True))


def test_each_kind_is_counted_as_worked_out_by_hand(scene):
    assert counted(scene, FIRST) == {
        (1, "missed"): 5,  # the cat of the unsure hit, two more of image 1, two of the last
        (1, "classification"): 1,
        (1, "localisation"): 1,
        (1, "duplicate"): 1,
        (1, "background"): 1,
        (1, "both"): 1,
    }


def test_every_kind_of_error_occurs(scene):
    kinds = {kind for _, kind in counted(scene, FIRST)}
    assert kinds == {kind.value for kind in Kind} - {"hit", "ignored"}


def test_images_of_a_kind_are_counted_once(scene):
    with scene.read() as cursor:
        counts = failures.failure_counts(cursor, FIRST).set_index("kind")
    assert counts.loc["missed", "images"] == 2


def test_an_unsure_hit_is_a_miss_only_above_its_score(scene):
    missed = replace(FIRST, kinds=("missed",))
    assert ("one", "missed", 1) in listed(scene, missed)
    assert ("one", "missed", 1) not in listed(scene, replace(missed, least=0.3))
    assert ("one", "missed", 1) in listed(scene, replace(missed, least=0.31))


def test_predictions_below_the_least_score_are_no_errors(scene):
    assert ("one", "both", 7) in listed(scene, FIRST)  # its score is exactly .5
    assert ("one", "both", 7) not in listed(scene, replace(FIRST, least=0.51))


def test_crowd_regions_are_never_missed(scene):
    missed = listed(scene, replace(BOTH, kinds=("missed",), least=1.0))
    assert ("one", "missed", 4) not in missed
    assert ("one", "missed", 3) in missed


def test_images_that_a_run_has_not_answered_have_no_misses(scene):
    second = replace(FIRST, runs=(2,))
    assert {image for image, _, _ in listed(scene, second)} == {"one", "two"}
    assert counted(scene, second) == {(2, "missed"): 5, (2, "background"): 1}


def test_runs_are_counted_apart_and_ranked_together(scene):
    assert counted(scene, BOTH)[2, "missed"] == 5
    assert ranked(scene, BOTH) == [(1, 12), (2, 2), (3, 2)]


def test_ranking_by_score_puts_images_with_misses_alone_last(scene):
    chosen = replace(BOTH, kinds=("missed", "background"))
    with scene.read() as cursor:
        surest = failures.failure_images(cursor, chosen, by_score=True)["surest"]
    assert ranked(scene, chosen, by_score=True) == [(2, 2), (1, 8), (3, 2)]
    assert surest.tolist()[:2] == [0.6, 0.55]
    assert surest[2:].isna().all()


def test_ranking_by_score_goes_by_the_surest_error_of_the_image(scene):
    # image 1 has errors of .8 and of .5, image 2 one of .6
    assert [image for image, _ in ranked(scene, BOTH, by_score=True)] == [1, 2, 3]


def test_images_with_misses_alone_come_by_their_number(scene):
    missed = replace(BOTH, kinds=("missed",))
    assert ranked(scene, missed, by_score=True) == [(1, 7), (3, 2), (2, 1)]


def test_class_is_that_of_the_prediction_or_the_missed_object(scene):
    dogs = listed(scene, replace(BOTH, class_=DOG))
    of_first = [kind for image, kind, _ in dogs if image == "one"]
    assert of_first == ["classification", "background", "both"]
    assert ("two", "missed", 0) in dogs


def test_limits_of_size_belong_to_both_sizes(scene):
    small = replace(BOTH, kinds=("missed",), least=0.95, smallest=0, largest=32**2)
    medium = replace(small, smallest=32**2, largest=96**2)
    large = replace(small, smallest=96**2, largest=1e10)
    assert ("one", "missed", 0) in set(listed(scene, small)) & set(listed(scene, medium))
    assert ("two", "missed", 0) in set(listed(scene, medium)) & set(listed(scene, large))
    assert ("two", "missed", 0) not in listed(scene, small)


def test_size_is_that_of_the_prediction_where_there_is_one(scene):
    small = replace(FIRST, smallest=0, largest=1000)
    assert ("one", "duplicate", 4) in listed(scene, small)  # 32 x 30, of a cat of 1024


def test_rows_name_what_the_prediction_overlaps(scene):
    with scene.read() as cursor:
        found = failures.failure_objects(cursor, FIRST).set_index("kind")
    wrong = found.loc["classification"]
    assert (wrong["class"], wrong["nearest_class"]) == (DOG, CAT)
    assert (wrong["nearest"], wrong["nearest_iou"], wrong["area"]) == (2, 1.0, 2500)
    assert wrong["source_id"] == 1
    assert found.loc["localisation", "nearest_iou"] == pytest.approx(1 / 3)
    assert found.loc["background", "nearest"] == -1
    assert found.loc["missed", "score"].isna().all()


def test_rows_come_surest_first_then_the_largest_missed(scene):
    every = listed(scene, FIRST)
    assert [(kind, index) for _, kind, index in every[:5]] == [
        ("classification", 6),
        ("localisation", 3),
        ("duplicate", 4),
        ("background", 2),
        ("both", 7),
    ]
    assert every[-2:] == [("2", "missed", 0), ("2", "missed", 1)]
    assert listed(scene, FIRST, most=2) == every[:2]
    assert listed(scene, replace(FIRST, images=(2, 3))) == [("2", "missed", 0), ("2", "missed", 1)]


def test_nothing_chosen_gives_no_rows(scene):
    assert counted(scene, replace(FIRST, runs=())) == {}
    assert ranked(scene, replace(FIRST, kinds=())) == []
    assert listed(scene, replace(FIRST, images=())) == []


def test_values_are_never_read_as_sql(scene):
    assert counted(scene, replace(FIRST, kinds=("' OR 1=1 --",))) == {}
    assert counted(scene, replace(FIRST, geometry="mask' OR '1'='1", kinds=("background",))) == {}
