"""The time of each stage comes into the store, and out of it as means over any images."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from core.evaluate import evaluate_run
from core.scoring import score_runs
from core.store import parts, rows
from core.store.connection import Store
from core.store.queries import counts
from tests.factories import make_dataset, make_predictions, make_run

# "hand" was not asked on the second image, the third was not timed, and the names do not ascend
TIMES = (
    {"eye": 0.1, "hand": 0.7},
    {"eye": 1 / 3},
    None,
    {"eye": 0.0, "hand": 1e-9},
    {"eye": 2.0, "hand": 5e-324},
)


@pytest.fixture
def timed(store: Store):
    """A run to be filled, and predictions with the times of their stages."""
    dataset = make_dataset()
    predictions = [
        replace(each, stage_seconds=times)
        for each, times in zip(make_predictions(dataset), TIMES, strict=True)
    ]
    with store.write() as cursor:
        rows.insert_dataset(cursor, dataset)
        run_id = rows.insert_run(
            cursor,
            make_run(dataset),
            has_boxes=True,
            has_masks=True,
            has_label_maps=False,
            expected_images=5,
            status="done",
        )
    return store, run_id, predictions


def stored(store: Store, run_id: int) -> list[dict[str, float] | None]:
    with store.read() as cursor:
        found = cursor.execute(
            "SELECT stages, stage_seconds FROM prediction_image LEFT JOIN prediction_stage "
            "USING (run_id, image_id) WHERE run_id = ? ORDER BY image_id",
            [run_id],
        ).fetchall()
    return [stages and dict(zip(stages, times, strict=True)) for stages, times in found]


def insert(store: Store, run_id: int, predictions) -> None:
    with store.write() as cursor:
        rows.insert_predictions(cursor, run_id, rows.image_ids(cursor, 1, "val"), predictions)


def test_times_come_through_a_part_as_they_were(timed, tmp_path):
    store, run_id, predictions = timed
    path = parts.part_path(tmp_path)
    parts.write_part(path, predictions[::-1])
    assert parts.commit_part(store, run_id, path)
    assert stored(store, run_id) == list(TIMES)
    # in the order they act, which is not that of the alphabet
    assert [list(each) for each in stored(store, run_id) if each] == [
        list(each) for each in TIMES if each
    ]


def test_times_are_inserted_and_removed_with_their_run(timed):
    store, run_id, predictions = timed
    insert(store, run_id, predictions)
    assert stored(store, run_id) == list(TIMES)
    with store.write() as cursor:
        rows.remove_run(cursor, run_id)
        assert cursor.execute("SELECT count(*) FROM prediction_stage").fetchall() == [(0,)]


def test_a_part_from_before_stages_is_taken_in(timed, tmp_path):
    store, run_id, predictions = timed
    path = parts.part_path(tmp_path)
    parts.write_part(path, predictions)
    pq.write_table(pq.read_table(path).drop_columns(["stages", "stage_seconds"]), path)
    assert parts.commit_part(store, run_id, path)
    assert stored(store, run_id) == [None] * 5


@pytest.mark.parametrize("chosen", [None, (0, 1, 2), (2,), ()])
def test_means_are_over_the_images_that_a_stage_was_timed_on(timed, chosen):
    store, run_id, predictions = timed
    insert(store, run_id, predictions)
    with store.read() as cursor:
        keys = list(rows.image_ids(cursor, 1, "val").values())
        asked = None if chosen is None else [keys[place] for place in chosen]
        found = counts.stage_seconds(cursor, [run_id], asked)
    times = [TIMES[place] or {} for place in (range(5) if chosen is None else chosen)]
    expected = []
    for stage in ("eye", "hand"):
        own = [each[stage] for each in times if stage in each]
        if own:
            expected.append((run_id, stage, pytest.approx(sum(own) / len(own)), len(own)))
    assert list(found.itertuples(index=False, name=None)) == expected


def test_scores_have_the_stages_in_the_order_they_act(timed):
    store, run_id, predictions = timed
    turned = [
        each.stage_seconds and dict(reversed(each.stage_seconds.items())) for each in predictions
    ]
    insert(
        store,
        run_id,
        [
            replace(each, stage_seconds=times)
            for each, times in zip(predictions, turned, strict=True)
        ],
    )
    evaluate_run(store, "tiny-net")
    with store.read() as cursor:
        (scores,) = score_runs(cursor, ["tiny-net"])
    assert list(scores.stage_seconds) == ["hand", "eye"]
    assert scores.stage_seconds["eye"] == pytest.approx((0.1 + 1 / 3 + 0 + 2) / 4)
