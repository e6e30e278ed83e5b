"""The ensemble from its command lines: fitted on val, used on test."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.fusion import paint
from core.fusion.boxes import fuse_objects
from core.fusion.combine import MOST_OBJECTS
from core.fusion.recipe import read_recipe, share_table
from core.scoring import score_runs
from core.store.connection import Store
from core.store.queries import catalogue
from core.store.rows import image_ids, load_dataset, load_predictions
from tests.training import ensemble_scene
from tests.training.ensemble_scene import (
    IMAGES,
    copy_scene,
    forget_run,
    make_scene,
    make_split,
    put_run,
)
from training.__main__ import main
from training.weights import sha256_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A scene with a recipe, for all tests to copy."""
    scene = make_scene(tmp_path_factory.mktemp("ensemble"))
    assert main(scene.fit()) == 0
    return scene


@pytest.fixture
def fitted(made, tmp_path):
    return copy_scene(made, tmp_path)


def runs_of(scene) -> pd.DataFrame:
    with Store.at(scene.store).read() as cursor:
        return catalogue.runs(cursor).set_index("run", drop=False)


def scores_of(scene, run):
    with Store.at(scene.store).read() as cursor:
        (scores,) = score_runs(cursor, [run])
    return scores.scores


def predictions_of(scene, run, split):
    store = Store.at(scene.store)
    dataset = load_dataset(store, "shapes", split)
    with store.read() as cursor:
        keys = image_ids(cursor, "shapes", split)
        images = {keys[image.id]: image for image in dataset.images}
        return load_predictions(cursor, int(runs_of(scene).loc[run, "run_id"]), images)


def test_the_scores_in_a_recipe_are_those_that_its_run_gets(fitted):
    recipe = read_recipe(fitted.recipe)
    told = recipe.fitted.scores["ensemble"]
    place = ["--weights", fitted.recipe, "--split", "val", "--run", "again", "--on-fitted-split"]
    assert main(fitted.predict(*place)) == 0
    scores = scores_of(fitted, "again")
    assert set(told) == {"box_ap", "mask_ap", "miou"}
    for metric, value in told.items():
        assert scores[metric] == pytest.approx(value, abs=1e-12)
    for member in ("boxes val", "masks val", "maps val"):
        own = scores_of(fitted, member)
        for metric in ("box_ap", "mask_ap"):
            assert recipe.fitted.scores[member].get(metric) == own[metric]
    assert recipe.fitted.scores["maps val"]["miou"] == scores_of(fitted, "maps val")["miou"]


def test_an_ensemble_is_better_than_its_members_on_the_split_it_was_fitted_on(fitted):
    recipe = read_recipe(fitted.recipe)
    scores = recipe.fitted.scores
    best = {
        metric: max(scores[member.run].get(metric, 0) for member in recipe.members)
        for metric in scores["ensemble"]
    }
    assert scores["ensemble"]["box_ap"] > best["box_ap"]
    assert scores["ensemble"]["miou"] >= best["miou"]


def test_a_run_on_another_split_is_what_the_recipe_says(fitted):
    assert main(fitted.predict("--weights", fitted.recipe, "--split", "test")) == 0
    recipe, name = read_recipe(fitted.recipe), "shapes-shapes-test"
    row = runs_of(fitted).loc[name]
    assert row["status"] == "done"
    assert row["weights_sha256"] == sha256_of(fitted.recipe)
    assert (row["has_boxes"], row["has_masks"], row["has_label_maps"]) == (True, True, True)
    kept = json.loads(row["settings"])
    members = [member.run.replace("val", "test") for member in recipe.members]
    assert list(kept["members"]) == members
    assert kept["in_sample"] is False
    found = predictions_of(fitted, name, "test")
    parts = [predictions_of(fitted, member, "test") for member in members]
    assert len(found) == IMAGES
    for key, prediction in found.items():
        own = [each[key] for each in parts]
        expected = fuse_objects(
            [each.objects for each in own if each.objects],
            share_table(recipe.objects.shares)[[each.objects is not None for each in own]],
            recipe.objects.least_iou,
            with_masks=True,
            most=MOST_OBJECTS,
        )
        np.testing.assert_array_equal(prediction.objects.boxes, expected.boxes)
        np.testing.assert_array_equal(prediction.objects.scores, expected.scores)
        assert prediction.objects.masks == expected.masks
        silent = True
        for member, each in zip(recipe.members, own, strict=True):
            label_map = each.label_map
            if member.paint_threshold is not None:
                label_map = paint(each.objects, 32, 32, 3, threshold=member.paint_threshold)
            if label_map is not None:
                silent = silent & (label_map != prediction.label_map)
        assert not silent.any()  # each pixel has a label that some member gave
        assert prediction.confidence is not None


def test_members_are_told_in_one_recipe_whatever_their_order(made, tmp_path):
    texts = set()
    for index, names in enumerate(
        (["maps val", "boxes val", "masks val"], ["masks val", "maps val", "boxes val"])
    ):
        out = tmp_path / f"{index}.json"
        named = [word for name in names for word in ("--members", name)]
        assert main(made.fit(*named, "--out", out)) == 0
        texts.add(out.read_text(encoding="utf-8"))
    assert len(texts) == 1


def test_the_split_a_recipe_was_fitted_on_is_refused_unless_it_is_wished(fitted, capsys):
    place = ["--weights", fitted.recipe, "--split", "val"]
    assert main(fitted.predict(*place)) == 2
    assert "was fitted on shapes · val, so its scores there would flatter it" in (
        capsys.readouterr().err
    )
    assert main(fitted.predict(*place, "--on-fitted-split")) == 0
    settings = json.loads(runs_of(fitted).loc["shapes-shapes-val", "settings"])
    assert settings["in_sample"] is True


def test_a_member_without_a_run_is_named_with_what_to_do(fitted, capsys):
    forget_run(fitted, "maps test")
    assert main(fitted.predict("--weights", fitted.recipe, "--split", "test")) == 2
    told = capsys.readouterr().err
    assert "'maps val' needs one run of 'maps'" in told
    assert "the store has none" in told
    assert '{"conf": 0.1}' in told


def test_runs_of_other_weights_or_settings_are_no_members(fitted, capsys):
    forget_run(fitted, "maps test")
    split = make_split("test", 2)
    put_run(fitted, split, "maps", seed=5, name="other weights", weights_sha256="0")
    put_run(fitted, split, "maps", seed=5, name="other settings", settings={"conf": 0.2})
    assert main(fitted.predict("--weights", fitted.recipe, "--split", "test")) == 2
    assert "the store has none" in capsys.readouterr().err


def test_of_several_that_fit_one_has_to_be_named(fitted, capsys):
    put_run(fitted, make_split("test", 2), "maps", seed=5, name="maps twice")
    place = ["--weights", fitted.recipe, "--split", "test"]
    assert main(fitted.predict(*place)) == 2
    assert "'maps twice', 'maps test'. Name the one to use with --members" in (
        capsys.readouterr().err
    )
    assert main(fitted.predict(*place, "--members", "maps twice")) == 0
    settings = json.loads(runs_of(fitted).loc["shapes-shapes-test", "settings"])
    assert "maps twice" in settings["members"]
    put_run(fitted, make_split("test", 2), "maps", seed=5, name="stranger", weights_sha256="0")
    for named, told in (
        (["nobody"], "--members names 'nobody', but shapes has no such run. Its runs: boxes test"),
        (["maps test", "stranger"], "--members names 'stranger', which is no run of a member"),
        (["maps test", "maps twice"], "the store has 'maps twice', 'maps test'. Name the one"),
    ):
        capsys.readouterr()
        words = [word for name in named for word in ("--members", name)]
        assert main(fitted.predict(*place, *words)) == 2
        assert told in capsys.readouterr().err


def test_going_on_with_other_member_runs_is_refused(fitted, capsys):
    place = ["--weights", fitted.recipe, "--split", "test"]
    assert main(fitted.predict(*place, "--limit", 3, "--batch", 2)) == 0
    assert main(fitted.predict(*place, "--batch", 2)) == 0
    forget_run(fitted, "maps test")
    put_run(fitted, make_split("test", 2), "maps", seed=77)
    capsys.readouterr()
    assert main(fitted.predict(*place, "--batch", 2)) == 2
    assert "members was" in capsys.readouterr().err


def test_a_run_in_parts_is_the_same_as_one_at_once(fitted):
    place = ["--weights", fitted.recipe, "--split", "test"]
    for _ in range(3):
        assert main(fitted.predict(*place, "--limit", 3, "--batch", 2)) == 0
    assert main(fitted.predict(*place, "--run", "at once")) == 0
    one, other = (predictions_of(fitted, run, "test") for run in ("shapes-shapes-test", "at once"))
    assert list(one) == list(other)
    for key in one:
        np.testing.assert_array_equal(one[key].objects.boxes, other[key].objects.boxes)
        np.testing.assert_array_equal(one[key].objects.scores, other[key].objects.scores)
        np.testing.assert_array_equal(one[key].label_map, other[key].label_map)
        np.testing.assert_array_equal(one[key].confidence, other[key].confidence)
        assert one[key].objects.masks == other[key].objects.masks


def test_an_image_that_a_member_lacks_is_left_out_with_the_reason(fitted, capsys):
    with Store.at(fitted.store).write() as cursor:
        cursor.execute("UPDATE run SET status = 'done_with_rejects' WHERE name = 'maps test'")
        for table in ("prediction_image", "prediction_map"):
            cursor.execute(
                f"DELETE FROM {table} WHERE image_id = (SELECT min(image_id) FROM image "
                "WHERE split = 'test') AND run_id = (SELECT run_id FROM run WHERE name = ?)",
                ["maps test"],
            )
    assert main(fitted.predict("--weights", fitted.recipe, "--split", "test")) == 0
    assert "its member 'maps test' has no answer to this image" in capsys.readouterr().out
    row = runs_of(fitted).loc["shapes-shapes-test"]
    assert (row["status"], row["images"], row["rejected"]) == ("done_with_rejects", IMAGES - 1, 1)


def test_a_member_that_is_not_finished_is_refused(fitted, capsys):
    with Store.at(fitted.store).write() as cursor:
        cursor.execute("UPDATE run SET status = 'stopped' WHERE name = 'maps test'")
    assert main(fitted.predict("--weights", fitted.recipe, "--split", "test")) == 2
    assert "'maps test' is stopped with 8 of 8 images" in capsys.readouterr().err


def test_classes_of_another_data_set_are_refused(fitted, tmp_path, capsys):
    content = json.loads(fitted.recipe.read_text(encoding="utf-8"))
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**content, "classes": ["a", "b", "c"]}), encoding="utf-8")
    assert main(fitted.predict("--weights", other, "--split", "test")) == 2
    assert "is for the classes a, b, c; shapes has cat, dog, car" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("systems", "outputs", "metrics"),
    [
        (("boxes", "boxes"), (True, False, False), {"box_ap"}),
        (("masks", "masks"), (True, True, True), {"box_ap", "mask_ap", "miou"}),
        (("maps", "maps"), (False, False, True), {"miou"}),
        (("boxes", "maps"), (True, False, True), {"box_ap", "miou"}),
    ],
)
def test_it_makes_what_its_members_have(tmp_path, monkeypatch, capsys, systems, outputs, metrics):
    scene = make_scene(tmp_path, systems[:1])
    for split, seed in ensemble_scene.SEEDS.items():
        made = make_split(split, seed)
        put_run(scene, made, systems[1], seed=seed + 50, name=f"two {split}", weights_sha256="2")
    assert main(scene.fit()) == 0
    assert set(read_recipe(scene.recipe).fitted.scores["ensemble"]) == metrics
    assert main(scene.predict("--weights", scene.recipe, "--split", "test")) == 0
    row = runs_of(scene).loc["shapes-shapes-test"]
    assert (row["has_boxes"], row["has_masks"], row["has_label_maps"]) == outputs
    scores = scores_of(scene, "shapes-shapes-test")
    assert {name for name in ("box_ap", "mask_ap", "miou") if scores[name] is not None} == metrics
