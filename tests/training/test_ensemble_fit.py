"""Fitting a recipe: what is refused, who is taken in and who is left out."""

from __future__ import annotations

import pytest

from core.fusion.recipe import read_recipe
from core.store.connection import Store
from tests.training.ensemble_scene import copy_scene, make_scene, make_split, put_run
from training.__main__ import main
from training.ensemble_search import _best, _select


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp("ensemble"))


@pytest.fixture
def scene(made, tmp_path):
    return copy_scene(made, tmp_path)


def change(scene, what, run):
    with Store.at(scene.store).write() as cursor:
        cursor.execute(what, [run])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--members", "nobody"], "no run 'nobody' on shapes · val. Runs there: boxes val, maps"),
        (["--members", "maps test"], "no run 'maps test' on shapes · val"),
        (["--members", "maps val"], "1 finished and evaluated runs on shapes · val"),
        (["--members", "maps val", "--members", "maps val"], "1 finished and evaluated runs"),
        (["--split", "nowhere"], "no split 'nowhere'"),
        (["--out", "recipe.txt"], "--out is recipe.txt; expected a file whose name ends in .json"),
        (["--set", "floor=2"], "--floor is 2.0; expected 0 to 1"),
        (["--set", "depth=2"], "names no setting; expected NAME=VALUE with one of the names floor"),
    ],
)
def test_wrong_usage_is_told_and_nothing_is_written(scene, arguments, told, capsys):
    assert main(scene.fit(*arguments)) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert not scene.recipe.exists()


def test_help_of_one_system_lists_its_settings_alone_and_that_of_all_lists_all(capsys):
    assert main(["fit", "ensemble", "--help"]) == 0
    told = capsys.readouterr().out
    assert told.count("settings of") == 1
    assert "settings of ensemble:\n  floor=0.1  least AP or IoU" in told
    assert main(["fit", "--help"]) == 0
    told = capsys.readouterr().out
    assert "settings of ensemble:" in told
    assert "settings of unet-torch:" in told


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("UPDATE run SET status = 'stopped' WHERE name = ?", "a member of an ensemble has to be"),
        ("UPDATE run SET system = 'ensemble' WHERE name = ?", "is an ensemble itself"),
        (
            "DELETE FROM evaluation WHERE run_id = (SELECT run_id FROM run WHERE name = ?)",
            "has no scores yet. Give: python -m core evaluate",
        ),
        (
            """UPDATE run SET settings = '{"oracle": "boxes"}' WHERE name = ?""",
            "was told the true boxes",
        ),
    ],
)
def test_runs_that_cannot_be_members_are_refused_by_name_and_else_passed_over(
    scene, what, told, capsys
):
    change(scene, what, "maps val")
    named = ["--members", "maps val", "--members", "masks val"]
    assert main(scene.fit(*named)) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert main(scene.fit()) == 0
    assert "maps val" not in read_recipe(scene.recipe).fitted.scores


def test_the_same_system_twice_is_refused(scene, capsys):
    put_run(scene, make_split("val", 1), "maps", seed=5, name="maps twice")
    assert main(scene.fit()) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "The runs 'maps twice' and 'maps val' are of one system" in told


def test_a_bad_member_is_left_out_and_the_reason_kept(scene, capsys):
    """A system that speaks of other images finds nothing where it is."""
    put_run(scene, make_split("val", 1), "masks", seed=5, name="good val", weights_sha256="9")
    wrong = make_split("val", 99)
    put_run(scene, wrong, "masks", seed=6, name="bad val", weights_sha256="8")
    assert main(scene.fit("--set", "gain=0.01")) == 0
    recipe = read_recipe(scene.recipe)
    assert "bad val" not in [member.run for member in recipe.members]
    assert recipe.fitted.left_out["bad val"] == "it does not improve the score"
    assert "bad val" in capsys.readouterr().out
    assert recipe.fitted.images == 8


def test_images_that_not_all_have_answered_are_not_fitted_on(scene):
    change(
        scene,
        "DELETE FROM prediction_image WHERE image_id = (SELECT max(image_id) FROM image WHERE "
        "split = 'val') AND run_id = (SELECT run_id FROM run WHERE name = ?)",
        "boxes val",
    )
    assert main(scene.fit()) == 0
    assert read_recipe(scene.recipe).fitted.images == 7


def test_runs_without_an_image_in_common_are_refused(scene, capsys):
    for run, which in (("boxes val", "<"), ("maps val", ">=")):
        change(
            scene,
            f"DELETE FROM prediction_image WHERE image_id {which} (SELECT max(image_id) FROM image "
            "WHERE split = 'val') AND run_id = (SELECT run_id FROM run WHERE name = ?)",
            run,
        )
    assert main(scene.fit()) == 2
    assert "No image of shapes · val is answered by all of" in capsys.readouterr().err


def test_members_are_taken_in_while_they_help_by_the_gain():
    worth = {(): 0.0, (0,): 0.5, (1,): 0.6, (2,): 0.6, (1, 0): 0.7, (1, 2): 0.65, (1, 0, 2): 0.705}
    steps = []

    def select(gain, starters=(0, 1, 2)):
        steps.clear()
        return _select((0, 1, 2), starters, worth.__getitem__, gain, lambda *a: steps.append(a))

    assert select(0.0) == (1, 0, 2)
    assert steps == [(1, 0.6), (0, 0.7), (2, 0.705)]
    assert select(0.01) == (1, 0)
    assert select(0.5) == (1,)
    worth |= {(0, 1): 0.1, (0, 2): 0.2}
    assert select(0.0, starters=(0,)) == (0,)


def test_of_equally_good_rules_the_first_is_taken():
    assert _best(["a", "b", "c"], {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 2}}.__getitem__) == (
        "b",
        {"x": 2},
    )
