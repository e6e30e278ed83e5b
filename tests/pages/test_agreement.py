"""The page Agreement: two runs of which one is two columns off, so found up to an IoU of .65."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

from core.scoring.agreement import Hits
from core.store.connection import Store
from pages.ui.agreement_pairs import ALONE, BOTH, EITHER, NEITHER, pair_table
from tests.pages.made_up import pets_store
from tests.pages.test_pages import links, words

PAGE = "pages/10_Agreement.py"
ADDS = 0


def adds(app):
    return app.dataframe[ADDS].value.set_index("run")


def test_runs_that_find_all_add_nothing_to_each_other(open_page, pets):
    app = open_page(PAGE, pets)
    assert "2 runs · the same 12 images · 17 annotated objects" in words(app)
    assert adds(app)["only"].to_dict() == {"sharp": 0, "shifted": 0}
    assert "each of 17 objects is found by one run at least" in words(app)


def test_one_run_alone_finds_what_the_other_misses(open_page, pets):
    app = open_page(PAGE, pets, overlap="0.70")
    assert adds(app)["only"].to_dict() == {"sharp": 17, "shifted": 0}
    assert adds(app)["best"].to_dict() == {"sharp": 12, "shifted": 0}
    assert adds(app)["classes"].to_dict() == {"sharp": 3, "shifted": 0}
    told = [each.value for each in app.metric]
    assert told == ["100.0 %", "100.0 %"]


def test_what_all_miss_leads_to_masks_and_failures(open_page, pets):
    app = open_page(PAGE, pets, score="0.85", overlap="0.70", runs=["sharp", "shifted"])
    missed = app.dataframe[-1].value
    # objects behind the first of an image have scores of .8 and .7
    assert missed["class"].tolist() == ["dog"] * 4 + ["<b>7</b>"]
    assert missed["area"].is_monotonic_decreasing
    page, _, rest = missed["link"][0].partition("?")
    assert page == "Masks"
    assert rest.endswith("#image 3")
    (listed,) = links(app.get("bidi_component")[0])
    asked = parse_qs(urlsplit(listed["href"]).query)
    assert asked["kinds"] == ["missed"]
    assert asked["score"] == ["0.85"]
    assert asked["runs"] == ["sharp", "shifted"]


def test_pixels_have_no_objects_and_no_misses(open_page, pets):
    app = open_page(PAGE, pets, by="pixels")
    assert not app.exception
    assert "only" not in adds(app)
    assert "What all of them miss" not in [each.value for each in app.header]
    assert "Pearson's correlation" in words(app)


def test_the_command_names_the_runs_so_that_a_shell_reads_them(open_page, tmp_path):
    store = pets_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("UPDATE run SET name = 'it''s; rm' WHERE name = 'sharp'")
    _, command = [each.value for each in open_page(PAGE, store.path).main.code]
    assert command == (
        "python -m training fit ensemble --dataset pets --split val "
        "--members 'it'\"'\"'s; rm' --members shifted --out recipe.json"
    )


def test_what_is_fused_already_is_no_member(open_page, tmp_path):
    store = pets_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("""UPDATE run SET settings = '{"members": {}}' WHERE name = 'shifted'""")
    app = open_page(PAGE, store.path)
    (command,) = [each.value for each in app.main.code]
    assert "--members sharp --out" in command
    assert "Fusing needs two runs" in words(app)


def test_one_run_has_nobody_to_agree_with(open_page, pets):
    app = open_page(PAGE, pets, runs="sharp")
    assert not app.exception
    assert "Only sharp can be judged by boxes here; agreement needs two runs" in words(app)


def test_runs_that_saw_the_truth_take_no_part(open_page, tmp_path):
    path = pets_store(tmp_path / "store.duckdb").path
    with Store.at(path).write() as cursor:
        told = json.dumps({"oracle": "masks"})
        cursor.execute("UPDATE run SET settings = ? WHERE name = 'sharp'", [told])
    app = open_page(PAGE, path)
    assert "Told a part of the truth, so no witnesses: sharp" in words(app)
    assert "agreement needs two runs" in words(app)


@pytest.mark.parametrize(
    ("figure", "value"), [(EITHER, 1 / 4), (BOTH, 1 / 5), (ALONE, 2 / 5), (NEITHER, 1 / 5)]
)
def test_figures_of_pairs_are_shares_of_objects(figure, value):
    found = np.array([[1, 1, 1, 0, 0], [1, 0, 0, 1, 0]], bool)
    table = pair_table(Hits(("a", "b"), 1, pd.DataFrame(index=range(5)), found), figure)
    row = table[(table["run"] == "a") & (table["other"] == "b")].iloc[0]
    assert row["value"] == pytest.approx(value)
    assert [row[name] for name in ("both", "alone", "other_alone", "neither")] == [1, 2, 1, 1]


def test_nothing_found_is_a_share_of_nothing():
    found = np.zeros((2, 3), bool)
    table = pair_table(Hits(("a", "b"), 1, pd.DataFrame(index=range(3)), found), EITHER)
    assert table["value"].isna().all()
