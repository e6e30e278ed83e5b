"""Trials of runs: every score of every subset, and what is said of its certainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.evaluate import evaluate_run
from core.metrics import METRICS
from core.metrics import significance as chance
from core.scoring import (
    FEW_IMAGES,
    Choice,
    RunScores,
    begin_trial,
    coverage,
    differences,
    method,
    named_runs,
    ranking,
    score_runs,
)
from core.scoring.measures import run_measure
from core.scoring.panoptic import SEGMENT_FIGURES
from core.store.connection import Store
from core.structures import Dataset, Objects, Prediction
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

CLASSES = ("a", "b", "c", "background")
IMAGES = range(1, 25)
KINDS = {
    "things": {"has_boxes": True, "has_masks": True, "has_labels": True},
    "maps": {"has_boxes": False, "has_masks": False, "has_label_maps": True},
    "singles": {"has_boxes": True, "has_masks": False},
}
CHOICES = [
    pytest.param(Choice(), id="all"),
    pytest.param(Choice(protocol="per-image", with_background=False), id="per image"),
    pytest.param(Choice(protocol="ground-truth-present", classes=(0, 2)), id="two classes"),
    pytest.param(Choice(size="small"), id="small"),
]


def single(objects: Objects) -> Objects:
    """Return the first object alone."""
    parts = {name: getattr(objects, name)[:1] for name in ("boxes", "categories", "areas", "crowd")}
    scores = None if objects.scores is None else objects.scores[:1]
    return Objects(**{**parts, "crowd": np.zeros(1, bool)}, scores=scores)


def dataset_of(kind: str, split: str = "val") -> Dataset:
    """Return objects of all sizes, label maps, or one object an image."""
    maps = kind == "maps"
    dataset = make_dataset(
        kind, split, image_ids=IMAGES, classes=CLASSES, objects=not maps, masks=kind == "things",
        label_maps=maps, background=3 if maps else None, seed=len(kind),
    )  # fmt: skip
    rng = np.random.default_rng(9)
    for image, annotation in list(dataset.annotations.items()):
        objects = annotation.objects
        if kind == "things":
            areas = rng.choice([100.0, 1024.0, 3000.0, 20000.0], len(objects))
            objects = replace(objects, areas=areas)
        if kind == "singles":
            objects = objects if len(objects) else dataset.annotations[1].objects
            classes = rng.integers(0, 3, len(objects), np.int32)
            objects = single(replace(objects, categories=classes))
        dataset.annotations[image] = replace(annotation, objects=objects)
    return dataset


def fill(store: Store, dataset: Dataset, name: str, seed: int) -> None:
    """Store one run, its scores not all 0 and its probabilities often equal."""
    kind = dataset.name
    found = make_predictions(
        dataset, objects=kind != "maps", masks=kind == "things", label_maps=kind == "maps",
        labels=kind == "things", seed=seed,
    )  # fmt: skip
    if kind == "things":
        found = [replace(one, probabilities=one.probabilities.round(1)) for one in found]
    put_run(store, dataset, [near(one, dataset) for one in found], name, **KINDS[kind])
    evaluate_run(store, name)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Two runs of each kind, and one of another split to choose a threshold on."""
    store = Store.at(tmp_path_factory.mktemp("trial") / "store.duckdb")
    for kind in KINDS:
        put(store, dataset_of(kind))
        for seed in (1, 2):
            fill(store, dataset_of(kind), f"{kind} {seed}", seed)
    put(store, dataset_of("things", "train"))
    fill(store, dataset_of("things", "train"), "things train", 3)
    return store


def near(prediction: Prediction, dataset) -> Prediction:
    """Return the prediction with some of the annotation in it, so that scores are not all 0."""
    truth = dataset.annotations[prediction.image.id]
    if prediction.label_map is not None:
        blend = np.where(prediction.label_map == 0, truth.label_map, prediction.label_map)
        return replace(prediction, label_map=np.where(blend == 255, 1, blend).astype(np.uint8))
    objects, count = prediction.objects, min(len(prediction.objects), len(truth.objects))
    boxes, categories = objects.boxes.copy(), objects.categories.copy()
    boxes[:count], categories[:count] = (
        truth.objects.boxes[:count],
        truth.objects.categories[:count],
    )
    categories[count // 2 : count] = 0
    masks = objects.masks
    if masks is not None:
        masks = (*truth.objects.masks[:count], *masks[count:])
    return replace(
        prediction, objects=replace(objects, boxes=boxes, categories=categories, masks=masks)
    )


def scored_metrics(store: Store, kind: str, choice: Choice = Choice()) -> list[str]:  # noqa: B008
    with store.read() as cursor:
        scores = score_runs(cursor, [f"{kind} 1", f"{kind} 2"], choice=choice)
    return [name for name in METRICS if all(one.scores[name] is not None for one in scores)]


def test_every_metric_is_tested_below(store):
    seen = {name for kind in KINDS for name in scored_metrics(store, kind)}
    # those of segments are tested with real ones, in tests/core/evaluate/test_segments.py
    assert seen == set(METRICS) - set(SEGMENT_FIGURES)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_measure_scores_any_subset_as_the_store_does(store, kind, choice):
    run = f"{kind} 1"
    with store.read() as cursor:
        (row,) = named_runs(cursor, [run]).itertuples(index=False)
        images = np.array(coverage(cursor, [run]).common)
        kept = np.random.default_rng(4).random((2, len(images))) < [[1.0], [0.6]]
        parts = [
            score_runs(cursor, [run], images=images[subset].tolist(), choice=choice)[0]
            for subset in kept
        ]
        for metric in scored_metrics(store, kind, choice):
            measure = run_measure(cursor, row, metric, images, choice)
            for part, figures in zip(parts, measure.scores(kept.astype(int)), strict=True):
                assert_scores(figures, part, metric)


def assert_scores(figures: np.ndarray, part: RunScores, metric: str) -> None:
    expected = part.scores[metric]
    expected = np.nan if expected is None else expected
    assert figures[0] == pytest.approx(expected, abs=1e-12, nan_ok=True), metric
    assert (len(figures) > 1) == (metric in part.classes), metric
    if metric in part.classes:
        ours = figures[1:][part.classes["class"]]
        assert ours == pytest.approx(part.classes[metric], abs=1e-12, nan_ok=True), metric


def test_differences_are_those_of_the_scores(store):
    runs = ["maps 1", "maps 2"]
    with store.read() as cursor:
        trial = begin_trial(cursor, runs, "miou").extended(100)
        a, b = score_runs(cursor, runs)
    table = differences(trial)
    assert list(table["name"]) == ["", *CLASSES]
    assert table["difference"].iloc[0] == pytest.approx(b.scores["miou"] - a.scores["miou"])
    assert table["difference"].iloc[1:].to_numpy() == pytest.approx(
        (b.classes["miou"] - a.classes["miou"]).to_numpy()
    )
    assert (table["low"] <= table["high"]).all()
    assert table["p_adjusted"].iloc[0] == table["p"].iloc[0]
    assert table["p_adjusted"].iloc[1:].to_numpy() == pytest.approx(
        chance.CORRECTIONS["holm"](table["p"].iloc[1:].to_numpy())
    )
    loose = differences(trial, "bh")["p_adjusted"].to_numpy()
    assert (loose <= table["p_adjusted"].to_numpy()).all()
    assert loose.sum() < table["p_adjusted"].sum()


def test_classes_that_are_not_looked_at_are_not_corrected_over(store):
    with store.read() as cursor:
        trial = begin_trial(cursor, ["maps 1", "maps 2"], "miou").extended(100)
        alone = begin_trial(cursor, ["maps 1", "maps 2"], "miou", classes=False).extended(100)
    table = differences(trial, names={"b"})
    assert list(table["name"]) == ["", "b"]
    assert table["p_adjusted"].tolist() == table["p"].tolist()
    whole = differences(alone)
    assert list(whole["name"]) == [""]
    assert whole.iloc[0].equals(table.iloc[0])
    assert (trial.enough, trial.complete) == (2000, False)
    assert alone.extended(2000).complete


def test_classes_on_few_images_are_named_so(store):
    with store.read() as cursor:
        images = coverage(cursor, ["maps 1"]).common
        few, enough = (
            differences(begin_trial(cursor, ["maps 1", "maps 2"], "miou", images=images[:count]))
            for count in (FEW_IMAGES - 1, FEW_IMAGES)
        )
    assert not few["reliable"].any()
    assert enough["reliable"].all()


def test_ranking_tells_the_better_first_and_who_is_like_it(store):
    with store.read() as cursor:
        trial = begin_trial(cursor, ["things 2", "things 1", "things 2"], "box_ap")
    rows = ranking(trial.extended(200))
    assert rows["score"].is_monotonic_decreasing
    assert np.isnan(rows["p"].iloc[0])
    twins = rows[rows["run"] == "things 2"]
    assert twins["group"].nunique() == 1
    assert ((rows["low"] <= rows["score"]) & (rows["score"] <= rows["high"])).all()
    with store.read() as cursor:
        times = begin_trial(cursor, ["things 1", "things 2"], "seconds_per_image")
    assert ranking(times.extended(50))["score"].is_monotonic_increasing


def test_runs_are_compared_where_both_answered(store, tmp_path):
    dataset = make_dataset("things", image_ids=IMAGES, classes=CLASSES)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    for name, count in (("long", 24), ("short", 7)):
        put_run(store, dataset, make_predictions(dataset)[:count], name)
        evaluate_run(store, name)
    with store.read() as cursor:
        trial = begin_trial(cursor, ["long", "short"], "box_ap")
        with pytest.raises(UsageError, match="no image in common among those asked for"):
            begin_trial(cursor, ["long", "short"], "box_ap", images=[20])
    assert (trial.images, trial.answered) == (7, {"long": 24, "short": 7})
    assert trial.study.exact
    assert "all 128 swaps" in method(trial)


def test_what_cannot_be_compared_is_refused(store):
    with store.read() as cursor:
        with pytest.raises(UsageError, match="different data sets"):
            begin_trial(cursor, ["things 1", "maps 1"], "miou")
        with pytest.raises(UsageError, match=r"maps 1 has no box_ap here. It has: miou"):
            begin_trial(cursor, ["maps 1", "maps 2"], "box_ap")
