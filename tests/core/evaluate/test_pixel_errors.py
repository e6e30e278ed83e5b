"""Kinds of wrong pixels from stored counts: of runs, classes, subsets and images."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.evaluate import evaluate_run
from core.metrics.pixel_errors import KINDS
from core.scoring import Choice, score_runs
from core.scoring.pixel_errors import CORRECT, mean_losses, pixel_losses
from core.store.queries import counts
from tests.core.evaluate.street_scene import CLASSES, street_maps, street_store
from tests.core.metrics.maps import VOID
from tests.core.metrics.test_pixel_errors import plain_kinds


@pytest.fixture(scope="module")
def maps():
    return street_maps()


@pytest.fixture(scope="module")
def store(tmp_path_factory, maps):
    return street_store(tmp_path_factory.mktemp("streets"), maps)


def losses(store, **how):
    with store.read() as cursor:
        return pixel_losses(cursor, ["net"], **how)


def plain_losses(maps):
    """Return (class, part) to pixels and share, mask by mask."""
    amounts, unions = np.zeros((CLASSES, 4)), np.zeros(CLASSES)
    for truth, predicted in maps:
        missed, added = plain_kinds(truth, predicted, CLASSES)
        for each in range(CLASSES):
            true, seen = truth == each, (predicted == each) & (truth != VOID)
            unions[each] += (true | seen).sum()
            amounts[each, 0] += (true & seen).sum()
            for code in (1, 2, 3):
                amounts[each, code] += (true & (missed == code)).sum()
                amounts[each, code] += (seen & (added == code)).sum()
    return amounts, amounts / unions[:, None]


@pytest.mark.parametrize("images", [None, [3], [1, 4]])
def test_losses_of_any_images_are_those_of_their_masks(store, maps, images):
    frame = losses(store, images=images)
    amounts, shares = plain_losses(maps if images is None else [maps[key - 1] for key in images])
    assert frame["part"].tolist() == [CORRECT, *KINDS] * CLASSES
    assert frame["pixels"].tolist() == amounts.ravel().tolist()
    assert frame["share"].tolist() == pytest.approx(shares.ravel().tolist(), abs=1e-15)


def test_what_is_lost_and_the_mean_iou_make_one(store, maps):
    means = mean_losses(losses(store)).set_index("part")
    with store.read() as cursor:
        (one,) = score_runs(cursor, ["net"])
    assert means.loc[CORRECT, "share"] == pytest.approx(one.scores["miou"], abs=1e-15)
    assert means["share"].sum() == pytest.approx(1, abs=1e-15)
    wrong = sum(((t != p) & (t != VOID)).sum() for t, p in maps)
    assert means["wrong"].sum() == means["missed"].sum() == wrong
    some = losses(store, choice=Choice(classes=(0, 2)))
    assert some["class"].unique().tolist() == [0, 2]


def test_images_have_the_pixels_of_the_chosen_kinds(store, maps):
    for kinds, codes in ((["segment"], [3]), (["boundary", "extent"], [1, 2])):
        for class_ in (None, 1):
            with store.read() as cursor:
                rows = counts.pixel_error_images(cursor, [1], kinds, class_)
            found = dict(zip(rows["image_id"], rows["pixels"], strict=True))
            for key, (truth, predicted) in enumerate(maps, 1):
                joined = np.maximum(*plain_kinds(truth, predicted, CLASSES))
                meant = np.isin(joined, codes) & ((truth == class_) | (class_ is None))
                assert found.get(key, 0) == meant.sum()


def test_scores_as_json_hold_the_mean_shares(store, capsys):
    assert main(["scores", "net", "--json", "--store", str(store.path)]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    means = mean_losses(losses(store)).set_index("part")["share"]
    assert one["pixel_errors"] == pytest.approx({kind: means[kind] for kind in KINDS}, abs=1e-15)
    assert one["pixel_errors"] == {kind: one["scores"][f"{kind}_error"] for kind in KINDS}


def test_a_run_evaluated_before_has_none_until_it_is_evaluated_again(tmp_path, maps, capsys):
    store = street_store(tmp_path, maps)
    before = losses(store)
    with store.write() as cursor:
        cursor.execute("DELETE FROM pixel_error_count")
    assert losses(store).empty
    assert main(["scores", "net", "--json", "--store", str(store.path)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["pixel_errors"] == {}
    evaluate_run(store, "net")
    assert losses(store).equals(before)
