"""What is asked of all runs at once is what is asked of one after the other."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from core.scoring import Choice, score_runs
from core.scoring.coverage import of_each_run
from core.scoring.detections import curves, precision_table
from core.scoring.pixel_errors import pixel_losses
from core.scoring.repairs import error_repairs
from core.store import columns
from core.store.memory import remembering
from core.store.queries import counts
from core.store.queries.ask import together
from tests.core.scoring.several_runs import (
    QUESTIONS,
    ROWS,
    RUNS,
    SUBSETS,
    WITH_BOXES,
    keys,
    ordered,
)
from tests.core.scoring.test_remembered import assert_same


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_rows_of_a_run_are_those_asked_of_it_alone(cursor, question, images):
    chosen = None if images is None else tuple(images)
    runs = keys(cursor)
    alone = [question(cursor, run, images=chosen) for run in runs]
    cursor.asked.clear()
    with together(runs, 5):
        for run, expected in zip(runs, alone, strict=True):
            found = question(cursor, run, images=chosen)
            # a column in which another run lacks values can be of a wider type
            assert_frame_equal(ordered(found), ordered(expected), check_dtype=False)
    assert cursor.runs == [tuple(runs)]


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("question", ROWS)
def test_rows_are_those_of_the_table(cursor, question, images):
    table, order = ROWS[question]
    whole = cursor.execute(f"SELECT * FROM {table}").df()
    assert len(whole)
    for run in keys(cursor):
        own = whole[whole["run_id"] == run]
        if images is not None:
            own = own[own["image_id"].isin(list(images))]
        expected = own.sort_values(order, ignore_index=True).drop(columns="run_id")
        assert_frame_equal(QUESTIONS[question](cursor, run, images), expected)


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
def test_matches_are_those_of_the_table(cursor, images):
    whole = cursor.execute("SELECT * FROM match").df()
    for geometry in ("box", "mask"):
        for run in keys(cursor):
            own = whole[(whole["run_id"] == run) & (whole["geometry"] == geometry)]
            if images is not None:
                own = own[own["image_id"].isin(list(images))]
            expected = own.sort_values(["image_id", "object_index"], ignore_index=True)
            found = counts.match_rows(cursor, run, geometry, images)
            columns = expected.drop(columns=["run_id", "geometry"])
            assert_frame_equal(found, columns, check_dtype=False)
            bits = counts.match_bits(cursor, run, geometry, images)
            assert_frame_equal(ordered(bits), ordered(expected[list(bits.columns)]))


@pytest.mark.parametrize("name", ["none", "some", "others"])
@pytest.mark.parametrize("choice", [Choice(), Choice(protocol="per-image", classes=(1,))])
def test_scores_are_those_of_each_run_alone(cursor, name, choice):
    images = SUBSETS[name]
    alone = [score_runs(cursor, [run], images=images, choice=choice)[0] for run in RUNS]
    with remembering("now"):
        for _ in range(2):
            for one, other in zip(
                score_runs(cursor, RUNS, images=images, choice=choice), alone, strict=True
            ):
                assert_same(one, other)
                assert one.stage_seconds == other.stage_seconds


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
def test_losses_are_those_of_each_run_alone(cursor, images):
    alone = [pixel_losses(cursor, [run], images) for run in RUNS]
    expected = pd.concat([own for own in alone if len(own)] or alone[:1])
    assert_frame_equal(pixel_losses(cursor, RUNS, images), expected)


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize(
    "question",
    [
        partial(of_each_run, question=precision_table, geometry="box", protocol="coco"),
        partial(of_each_run, question=curves, geometry="box", step=0, classes=(0, 2)),
        partial(of_each_run, question=error_repairs, geometry="box"),
    ],
    ids=["precision", "curves", "repairs"],
)
def test_answers_are_those_of_each_run_alone(cursor, question, images):
    parameters = {name: each for name, each in question.keywords.items() if name != "question"}
    function = question.keywords["question"]
    alone = {run: function(cursor, run, images=images, **parameters) for run in WITH_BOXES}
    with remembering("now"):
        found = question(cursor, runs=WITH_BOXES, images=images)
        asked = len(cursor.runs)
        fewer = question(cursor, runs=WITH_BOXES[:2], images=images)
    assert len(cursor.runs) == asked
    assert list(found) == list(WITH_BOXES)
    assert fewer == {run: found[run] for run in WITH_BOXES[:2]}
    for run in WITH_BOXES:
        np.testing.assert_equal(vars_of(found[run]), vars_of(alone[run]))


def vars_of(answer: object) -> object:
    """Return the fields of a frozen class, and of those in it."""
    if isinstance(answer, np.ndarray | float | int | str):
        return answer
    if isinstance(answer, dict):
        return {name: vars_of(each) for name, each in answer.items()}
    return {name: vars_of(each) for name, each in vars(answer).items()}


def test_no_more_are_asked_at_once_than_memory_allows(cursor, monkeypatch):
    monkeypatch.setattr(columns, "MOST_TOGETHER", 12)
    runs = keys(cursor)
    alone = [counts.pixel_rows(cursor, run) for run in runs]
    cursor.asked.clear()
    with together(runs, 5):
        found = [counts.pixel_rows(cursor, run) for run in runs]
    assert cursor.runs == [tuple(runs[place : place + 2]) for place in (0, 2, 4)]
    for one, other in zip(found, alone, strict=True):
        assert_frame_equal(one, other)


def test_what_is_known_is_not_asked_again(cursor):
    runs = keys(cursor)
    with remembering("now"):
        counts.pixel_rows(cursor, runs[1])
        cursor.asked.clear()
        with together(runs, 5):
            found = [counts.pixel_rows(cursor, run) for run in runs]
        assert cursor.runs == [(runs[0], *runs[2:])]
        assert [len(each) for each in found] == [
            len(counts.pixel_rows(cursor, run)) for run in runs
        ]


def test_an_answer_that_is_written_to_stays_as_it_was(cursor):
    runs = keys(cursor)
    with together(runs, 5):
        for question in (counts.pixel_rows, lambda c, run: counts.pixel_totals(c, [run])):
            found = question(cursor, runs[0])
            found["pixels"] = -1
            assert (question(cursor, runs[0])["pixels"] > 0).all()


def test_nothing_is_known_after_the_block(cursor):
    runs = keys(cursor)
    for _ in range(2):
        with together(runs, 5):
            counts.pixel_rows(cursor, runs[0])
    assert cursor.runs == [tuple(runs)] * 2


def test_geometry_and_images_tell_questions_apart(cursor):
    run = keys(cursor)[0]
    asked = [(geometry, images) for geometry in ("box", "mask") for images in (None, (4,), (1, 4))]
    alone = [counts.match_rows(cursor, run, *each) for each in asked]
    with together(keys(cursor), 5):
        for each, expected in zip(asked, alone, strict=True):
            assert_frame_equal(counts.match_rows(cursor, run, *each), expected)
