"""What each member adds: against ensembles that were stored and evaluated as runs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.evaluate import evaluate_run
from core.fusion.combine import combine
from core.fusion.recipe import read_recipe
from core.metrics.significance import CORRECTIONS
from core.scoring import begin_trial, differences, score_runs
from core.scoring.members import additions, begin_members, members_of, rule, together
from core.scoring.recipes import equal_recipe, recipe_text
from core.store import rows
from core.store.connection import Store
from tests.core.scoring.conftest import CLASSES, answers_to, of_every_size
from tests.factories import make_dataset, make_run
from tests.filling import FLAGS, put, put_run

RUNS = ("one", "two", "three")
METRICS = ("box_ap", "mask_ap", "miou")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Twenty images, three runs, and every ensemble of two or three of them as runs."""
    dataset = make_dataset("few", image_ids=range(3, 63, 3), classes=CLASSES, label_maps=True)
    dataset = replace(dataset, annotations=of_every_size(dataset))
    store = Store.at(tmp_path_factory.mktemp("members") / "store.duckdb")
    put(store, dataset)
    predictions = {}
    for seed, name in enumerate(RUNS):
        predictions[name] = answers_to(dataset, seed)
        put_run(store, dataset, predictions[name], name)
        evaluate_run(store, name)
    for metric in METRICS:
        for team in teams(store, metric):
            _put_ensemble(store, dataset, predictions, team, f"{metric} {' '.join(team)}")
    return store


def teams(store: Store, metric: str) -> list[list[str]]:
    """Return all runs, then all but one, the best first as ties go to it."""
    with store.read() as cursor:
        alone = {one.run: one.scores[metric] for one in score_runs(cursor, RUNS)}
    best_first = sorted(RUNS, key=lambda run: -alone[run])
    return [best_first, *([run for run in best_first if run != out] for out in best_first)]


def _put_ensemble(store, dataset, predictions, team, name):
    with store.read() as cursor:
        recipe = equal_recipe(cursor, team)
    if name.startswith("box_ap"):  # boxes alone are fused to judge boxes
        recipe = replace(recipe, objects=replace(recipe.objects, masks=False), maps=None)
    answers = zip(*(predictions[run] for run in team), strict=True)
    found = [
        combine(recipe, image, each) for image, each in zip(dataset.images, answers, strict=True)
    ]
    voted = recipe.maps is not None
    put_run(store, dataset, found, name, has_masks=voted, has_label_maps=voted)
    evaluate_run(store, name)


def trial_of(store: Store, metric: str, runs=RUNS, done: int | None = None, **asked):
    with store.read() as cursor:
        trial = begin_members(cursor, runs, metric, store.path, **asked)
    return trial.extended(trial.enough if done is None else done)


@pytest.mark.parametrize("metric", METRICS)
def test_fused_scores_are_those_of_ensembles_in_the_store(store, metric):
    trial = trial_of(store, metric, done=20)
    names = [f"{metric} {' '.join(team)}" for team in teams(store, metric)]
    with store.read() as cursor:
        stored = [one.scores[metric] for one in score_runs(cursor, names)]
        alone = [one.scores[metric] for one in score_runs(cursor, trial.ballot.runs["run"])]
    assert trial.study.observed[:, 0] == pytest.approx(stored, abs=1e-12)
    assert len(set(stored)) > 2
    assert list(trial.alone) == alone
    assert together(trial)[0] == trial.study.observed[0, 0]


@pytest.mark.parametrize("metric", ["box_ap", "miou"])
def test_certainty_is_that_of_comparing_the_ensembles(store, metric):
    trial = trial_of(store, metric, done=20 + 50)
    added = additions(trial).set_index("run")
    everyone, *others = teams(store, metric)
    for left_out, rest in zip(everyone, others, strict=True):
        names = [f"{metric} {' '.join(team)}" for team in (rest, everyone)]
        with store.read() as cursor:
            pair = begin_trial(cursor, names, metric, classes=False).extended(50)
        whole = differences(pair).iloc[0]
        own = added.loc[left_out]
        assert own["adds"] == pytest.approx(whole["difference"], abs=1e-12)
        assert own[["low", "high"]].tolist() == pytest.approx(whole[["low", "high"]].tolist())
        assert own["p"] == pytest.approx(whole["p"])
    adjusted = CORRECTIONS["holm"](added["p"].to_numpy())
    assert added["p_adjusted"].tolist() == adjusted.tolist()
    assert added["adds"].is_monotonic_decreasing


def test_images_are_fused_before_they_are_drawn(store):
    begun = trial_of(store, "box_ap", done=0)
    assert (begun.done, begun.fused, begun.resamples, begun.enough) == (0, 0, 0, 2020)
    assert additions(begun)["adds"].isna().all()
    assert np.isnan(together(begun)).all()
    part = begun.extended(1)
    assert (part.fused, part.study) == (16, None)
    whole = part.extended(20)
    assert (whole.fused, whole.resamples) == (20, 0)
    drawn = whole.extended(2020)
    assert (drawn.resamples, drawn.complete) == (2000, True)
    assert drawn.extended(5000).resamples == 2000
    assert "2,000 resamples of the 20 images" in rule(drawn)
    steps = part.extended(70).extended(120)
    assert np.array_equal(steps.study.resampled, drawn.study.resampled[:, :100], equal_nan=True)


def test_some_images_alone(store):
    with store.read() as cursor:
        images = sorted(rows.image_ids(cursor, "few", "val").values())[:13]
        alone = score_runs(cursor, ["two"], images=images)[0].scores["box_ap"]
    trial = trial_of(store, "box_ap", done=13, images=images)
    assert (trial.fused, len(trial.images)) == (13, 13)
    assert additions(trial).set_index("run").loc["two", "alone"] == alone


def test_a_recipe_is_read_as_it_was_made(store, tmp_path):
    with store.read() as cursor:
        recipe, text = equal_recipe(cursor, RUNS), recipe_text(cursor, RUNS)
    (tmp_path / "recipe.json").write_text(text, encoding="utf-8")
    assert read_recipe(tmp_path / "recipe.json") == recipe
    assert [member.run for member in recipe.members] == list(RUNS)
    assert all(member.paint_threshold is not None for member in recipe.members)
    assert recipe.fitted.images == 20


def test_an_ensemble_stands_for_its_members(store):
    dataset = make_dataset("few", image_ids=range(3, 63, 3), classes=CLASSES, label_maps=True)
    with store.write() as cursor:
        run = replace(make_run(dataset, "mixed"), settings={"members": {"two": {}, "one": {}}})
        rows.insert_run(cursor, run, **FLAGS, expected_images=20, status="done")
    with store.read() as cursor:
        assert members_of(cursor, ["mixed", "three", "one"], "box_ap") == ["two", "one", "three"]
    with store.write() as cursor:
        cursor.execute("UPDATE run SET has_boxes = false WHERE name = 'one'")
    with store.read() as cursor:
        assert members_of(cursor, ["mixed"], "box_ap") == ["two"]
    with store.write() as cursor:
        cursor.execute("UPDATE run SET has_boxes = true WHERE name = 'one'")
        evaluated = "UPDATE run SET settings = ? WHERE name = 'three'"
        cursor.execute(evaluated, [json.dumps({"members": {"one": {}}})])
    with pytest.raises(UsageError, match="is an ensemble itself"):
        trial_of(store, "box_ap")
    with store.write() as cursor:
        cursor.execute("UPDATE run SET settings = '{}' WHERE name = 'three'")


@pytest.mark.parametrize(
    ("runs", "metric", "told"),
    [
        (["one"], "box_ap", "an ensemble needs 2 to 64"),
        (["one", "one"], "box_ap", "1 different runs of 2 named"),
        (["one", "nobody"], "box_ap", "no run named 'nobody'"),
        (["one", "two"], "dice", "not by dice"),
    ],
)
def test_what_cannot_be_fused_is_told(store, runs, metric, told):
    with pytest.raises(UsageError, match=told):
        trial_of(store, metric, runs)
