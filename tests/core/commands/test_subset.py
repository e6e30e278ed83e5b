"""--tag, --where and --ids: the images that a command scores."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main
from core.notes import TAG, Entry, Notes, Place
from core.scoring import score_runs
from core.store.connection import Store
from tests.pages.made_up import pets_store

PLACE = ("--dataset", "pets", "--split", "val")


@pytest.fixture(scope="module")
def pets(tmp_path_factory):
    """Twelve images, the odd ones tagged so; a cat on each, two objects on 1, 3, 6, 9 and 12."""
    store = pets_store(tmp_path_factory.mktemp("pets") / "evaluation.duckdb")
    mine = [Entry(TAG, Place("pets", "val", i), "mine") for i in (2, 3, 99)]
    other = [Entry(TAG, Place("pets", "test", 5), "mine")]
    Notes.beside(store.path).add([*mine, *other])
    return store.path


def scored(pets, capsys, *arguments):
    assert main(["scores", "shifted", *arguments, "--json", "--store", str(pets)]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    return entry


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--tag", "mine"], [2, 3]),
        (["--tag", "mine", "--tag", "odd"], [1, 2, 3, 5, 7, 9, 11]),
        (["--where", "object_count=2:2"], [1, 3, 6, 9, 12]),
        (["--where", "object_count=2:"], [1, 3, 6, 9, 12]),
        (["--where", "object_count=:1.2", "--ids", "1,2,3,4"], [2, 4]),
        (["--ids", "5, 7", "--ids", "99", "--ids", "6"], [5, 6, 7]),
        (["--where", "object_count=2:9", "--where", "image_side=0:28", "--tag", "odd"], [1, 3, 9]),
    ],
)
def test_scores_are_those_of_exactly_these_images(pets, capsys, arguments, ids):
    entry = scored(pets, capsys, *arguments)
    assert entry["images"] == len(ids)
    with Store.at(pets).read() as cursor:
        keys = cursor.execute(
            "SELECT image_id FROM image JOIN dataset USING (dataset_id) WHERE dataset.name = "
            "'pets' AND split = 'val' AND source_id IN (SELECT unnest(?))",
            [ids],
        ).fetchall()
        (alone,) = score_runs(cursor, ["shifted"], images=[key for (key,) in keys])
    assert entry["scores"]["miou"] == alone.scores["miou"]
    assert entry["scores"]["box_ap"] == alone.scores["box_ap"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--where", "brightness"], "expected NAME=LOW:HIGH"),
        (["--where", "hue=0:1"], "Names: brightness, contrast"),
        (["--where", "object_count=3:2"], "LOW no higher than HIGH"),
        (["--where", "object_count=nan:2"], "LOW no higher than HIGH"),
        (["--where", "object_count=a:2"], "expected NAME=LOW:HIGH"),
        (["--where", "object_count=2"], "expected NAME=LOW:HIGH"),
        (["--where", "object_count=7:"], "passes: Objects from 7 on."),
        (["--tag", "night"], "Tags there: odd, mine (own)."),
        (["--ids", "1,two"], "expected whole numbers"),
        (["--ids", "77"], "passes: id 77."),
    ],
)
def test_what_cannot_be_meant_is_told(pets, capsys, arguments, said):
    assert main(["scores", "shifted", *arguments, "--store", str(pets)]) == 2
    assert said in capsys.readouterr().err
