"""What is asked of all runs at once is what is asked of one after the other."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from core.evaluate import evaluate_run
from core.metrics.image_labels import LEAST_PIXELS
from core.scoring import Choice, score_runs
from core.scoring.coverage import of_each_run
from core.scoring.detections import curves, precision_table
from core.scoring.pixel_errors import pixel_losses
from core.scoring.repairs import error_repairs
from core.store import columns, memory
from core.store.connection import Store
from core.store.memory import Memory, remembering
from core.store.queries import ask, catalogue, counts, image_labels
from core.store.queries.ask import together
from core.structures import Objects, Prediction
from tests.core.scoring.test_remembered import assert_same
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

NOTHING = Objects(
    np.empty((0, 4)), np.empty(0, np.int32), np.empty(0), np.empty(0, bool), np.empty(0), ()
)
RUNS = ("masks", "boxes", "maps", "silent", "some", "labels")
WITH_BOXES = tuple(run for run in RUNS if run != "maps")
SUBSETS = {
    "all": None,
    "none": (),
    "one": (4,),
    "some": (1, 3, 4),
    "others": (7, 99),
    "each": range(1, 6),
}
ROWS = {
    "pixel_rows": ("pixel_count", ["image_id", "truth", "predicted"]),
    "boundary_rows": ("boundary_count", ["image_id", "class"]),
    "segment_rows": ("segment_count", ["image_id", "class"]),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Runs of masks, of boxes, of label maps, of nothing at all, on two images, and of labels."""
    store = Store.at(tmp_path_factory.mktemp("several") / "store.duckdb")
    dataset = make_dataset(label_maps=True)
    put(store, dataset)
    found = partial(make_predictions, dataset)
    silent = [Prediction(image, None, NOTHING) for image in dataset.images]
    maps = {"has_boxes": False, "has_masks": False, "has_label_maps": True}
    put_run(store, dataset, found(), "masks")
    put_run(store, dataset, found(masks=False, seed=2), "boxes", has_masks=False)
    put_run(store, dataset, found(objects=False, label_maps=True, seed=3), "maps", **maps)
    put_run(store, dataset, silent, "silent")
    put_run(store, dataset, found(seed=4)[2:4], "some")
    put_run(store, dataset, found(labels=True, seed=5), "labels", has_labels=True)
    for run in RUNS:
        evaluate_run(store, run)
    return store


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(memory, "_memory", Memory())


@pytest.fixture
def cursor(store):
    with store.read() as opened:
        yield Counting(opened)


class Counting:
    """A cursor that counts how often the store is asked."""

    def __init__(self, cursor) -> None:
        self._cursor = cursor
        self.runs = []
        self.texts = []

    def execute(self, text, parameters=None):
        self.texts.append(text)
        if parameters and "runs" in parameters:
            self.runs.append(tuple(parameters["runs"]))
        return self._cursor.execute(text, parameters)

    def __getattr__(self, name):
        return getattr(self._cursor, name)


def keys(cursor) -> list[int]:
    known = catalogue.runs(cursor).set_index("run")["run_id"]
    return [int(known[run]) for run in RUNS]


def labels(cursor, run, images):
    asked = image_labels.LabelQuestion((run,), 3, None, LEAST_PIXELS, images)
    return image_labels.image_labels(cursor, asked)


QUESTIONS = {
    **{name: getattr(counts, name) for name in (*ROWS, "single_objects")},
    **{
        f"{name} of {geometry}": partial(getattr(counts, name), geometry=geometry)
        for name in ("match_rows", "match_bits")
        for geometry in ("box", "mask")
    },
    **{
        name: lambda cursor, run, images, name=name: getattr(counts, name)(cursor, [run], images)
        for name in (
            *("pixel_totals", "pixel_class_images", "pixel_error_totals"),
            *("seconds", "stage_seconds"),
        )
    },
    "image_labels": labels,
}


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_rows_of_a_run_are_those_asked_of_it_alone(cursor, question, images):
    chosen = None if images is None else tuple(images)
    runs = keys(cursor)
    alone = [question(cursor, run, images=chosen) for run in runs]
    cursor.runs.clear()
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
    cursor.runs.clear()
    with together(runs, 5):
        found = [counts.pixel_rows(cursor, run) for run in runs]
    assert cursor.runs == [tuple(runs[place : place + 2]) for place in (0, 2, 4)]
    for one, other in zip(found, alone, strict=True):
        assert_frame_equal(one, other)


def test_what_is_known_is_not_asked_again(cursor):
    runs = keys(cursor)
    with remembering("now"):
        counts.pixel_rows(cursor, runs[1])
        cursor.runs.clear()
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


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_some_images_of_what_is_known_of_all_are_those_asked_for(cursor, question, images):
    chosen = None if images is None else tuple(images)
    runs = keys(cursor)
    expected = [question(cursor, run, images=chosen) for run in runs]
    with remembering("now"):
        for run in runs:
            question(cursor, run, images=None)
        with together(runs, 5):
            for run, alone in zip(runs, expected, strict=True):
                found = question(cursor, run, images=chosen)
                assert_frame_equal(ordered(found), ordered(alone), check_dtype=False)


def test_rows_by_image_are_not_asked_for_again(cursor):
    place = cursor.execute("SELECT dataset_id, split FROM image LIMIT 1").fetchone()
    with remembering("now"):
        for images in (None, (1, 3)):
            cursor.texts.clear()
            for question in (counts.match_bits, counts.match_rows):
                question(cursor, 1, "box", images)
            counts.boundary_rows(cursor, 1, images)
            areas = counts.annotation_areas(cursor, *place, images)
            assert len(cursor.texts) == (4 if images is None else 0)
    assert_frame_equal(areas, counts.annotation_areas(cursor, *place, (1, 3)))
    assert len(cursor.texts) == 1


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("order", ["grouped", "mixed"])
def test_rows_are_parted_by_run_in_their_order(order, with_key):
    runs = np.random.default_rng(3).integers(0, 4, 50).astype(np.int32)
    runs = np.sort(runs) if order == "grouped" else runs
    found = pd.DataFrame({"run_id": runs, "row": np.arange(50), "name": list("ab") * 25})
    parts = ask._by_run(found.copy(), [3, 0, 9, 1], with_key=with_key)
    assert list(parts) == [3, 0, 9, 1]
    for run, part in parts.items():
        expected = found[found["run_id"] == run].reset_index(drop=True)
        assert_frame_equal(part, expected if with_key else expected.drop(columns="run_id"))


SPELT_APART = [
    *([1, 2], (1, 2), [1.0, 2.0], ["1", "2"], ["1, 2"], [True, 2], [[1], 2], [1, [2]], [], ()),
    *([None], ["None"], [np.int64(1), 2], np.array([1, 2]), {"a": [1]}, [("a", [1])], "[1, 2]"),
]


def test_no_two_values_are_spelt_alike():
    texts = [memory.spelt(value) for value in SPELT_APART]
    assert len(set(texts)) == len(texts)
    assert memory.spelt([1, 2]) == memory.spelt([1, 2])
