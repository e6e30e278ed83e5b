"""The report: whole, offline, right, and only text where names are hostile."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from core.evaluate import evaluate_run
from core.report import gather, html_report
from core.scoring import Choice, begin_trial, ranking, score_runs
from core.store.connection import Store
from core.structures import Category, Run
from tests.filling import put
from tests.pages.made_up import add_run, full_store, objects_dataset, shifted

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</style></title><b>&amp;</b>",
)
SAFE_ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "div", "span"),
    *("table", "thead", "tbody", "tr", "th", "td", "small", "ul", "li", "b", "bdi", "dl", "dt"),
    *("dd", "figure", "figcaption", "img", "svg", "line", "text", "circle", "polygon"),
}


class Outline(HTMLParser):
    """Which elements and attributes a page has, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"img", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return full_store(tmp_path_factory.mktemp("report") / "store.duckdb")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Store:
    """Classes, images, a run, a system, settings, weights and the data set are markup."""
    plain = objects_dataset(3)
    images = [replace(image, name=f"{ATTACKS[1]}{image.id}") for image in plain.images]
    dataset = replace(
        plain,
        name=ATTACKS[0],
        split=ATTACKS[1],
        categories=tuple(Category(name, source_id=i) for i, name in enumerate(ATTACKS)),
        images=tuple(images),
        annotations={i.id: replace(plain.annotations[i.id], image=i) for i in images},
    )
    store = Store.at(tmp_path_factory.mktemp("hostile") / "store.duckdb")
    put(store, dataset, painted=True)
    for step, name in enumerate(ATTACKS[:2]):
        run = Run(
            *(name, ATTACKS[2], dataset.name, dataset.split, {ATTACKS[0]: ATTACKS[1]}),
            *(ATTACKS[2], "0" * 64, {ATTACKS[0]: ATTACKS[2]}, ATTACKS[1]),
        )
        add_run(store, run, [shifted(image, 3 * step, None) for image in images], 3)
        evaluate_run(store, name)
    return store


def page_of(store: Store, runs, *, resamples: int = 100, **options) -> str:
    with store.read() as cursor:
        comparison = gather(cursor, runs, **options)
    return html_report(comparison.grown(lambda trial: trial.extended(resamples)))


def test_hostile_names_are_text(hostile):
    outline = Outline(page_of(hostile, ATTACKS[:2], choice=Choice(classes=(0, 1, 2))))
    assert not outline.open
    assert {tag for tag, _ in outline.elements} <= SAFE_ELEMENTS
    assert not {name for _, given in outline.elements for name in given if name.startswith("on")}
    for attack in ATTACKS:
        assert outline.text.count(attack) >= 3


@pytest.fixture(scope="module")
def pair(store) -> str:
    """The page of sharp and shifted."""
    return page_of(store, ["sharp", "shifted"], images=range(1, 13), asked="tagged odd", seed=3)


def test_nothing_is_fetched_and_no_script_may_run(pair):
    page = pair
    outline = Outline(page)
    sources = [given["src"] for _, given in outline.elements if "src" in given]
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert not re.search(r"https?:|@import|url\(|href=", page)
    (policy,) = (given["content"] for _, given in outline.elements if "http-equiv" in given)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_scores_intervals_and_p_are_those_of_compare(store, pair):
    text = Outline(pair).text
    with store.read() as cursor:
        for metric in ("miou", "box_ap", "mask_ap50"):
            trial = begin_trial(cursor, ["sharp", "shifted"], metric, seed=3, classes=False)
            first, second = ranking(trial.extended(100)).to_dict("records")
            for row in (first, second):
                score, low, high = (f"{100 * row[name]:.1f}" for name in ("score", "low", "high"))
                assert f"{score} %{low} to {high}" in text
            assert f"p {second['p']:.4f}" in text


def test_everything_that_made_the_numbers_is_told(pair):
    text = Outline(pair).text
    for told in ("mmsegmentation 1.2.2", "pycocotools 2.0.11", "100 resamples of the 12 images"):
        assert told in text
    for told in ("ef" * 32, "ab" * 32, "w.pt", "overlook 1", "step 2", "UTC by Overlook", "cpu"):
        assert told in text
    assert "12 of the split's 12 images" in text
    assert "that were asked for: tagged odd" in text


def test_two_runs_have_their_difference_and_three_have_not(store, pair):
    two = Outline(pair).text
    assert "What shifted has more than sharp" in two
    three = Outline(page_of(store, ["sharp", "shifted", "half"], cases=0)).text
    assert "has more than" not in three
    assert "5 of the split's 12 images, those that all runs have answered ·" in three


def test_scores_are_of_what_was_chosen(store):
    choice = Choice(classes=(1,), size="small")
    text = Outline(page_of(store, ["shifted"], choice=choice, metric="box_ap")).text
    with store.read() as cursor:
        (scores,) = score_runs(cursor, ["shifted"], choice=choice)
    assert f"{100 * scores.scores['box_ap']:.1f} %" in text
    assert "classes dog" in text
    assert "small objects" in text
    assert "Mean IoU" not in text


def test_without_resamples_no_interval_and_no_p_is_made_up(tmp_path):
    store = Store.at(tmp_path / "store.duckdb")
    dataset = objects_dataset(14)  # too many for all swaps
    put(store, dataset, painted=True)
    for name, step in (("a", 0), ("b", 2)):
        found = [shifted(image, step, 0.1) for image in dataset.images]
        add_run(store, Run(name, "s", "pets", "val"), found, 14)
        evaluate_run(store, name)
    text = Outline(page_of(store, ["a", "b"], resamples=0)).text
    assert "p 1.0000" not in text
    assert "nan" not in text.lower()


def test_label_maps_alone_make_a_report(store):
    text = Outline(page_of(store, ["unet"])).text
    assert "hardest for all runs" in text
    assert "IoU " in text


def test_a_run_that_saw_the_truth_beats_nobody(store, tmp_path):
    told = Store.at(tmp_path / "store.duckdb")
    dataset = objects_dataset(6)
    put(told, dataset, painted=True)
    for name, step, settings in (("honest", 2, {}), ("knows", 0, {"oracle": "masks"})):
        run = Run(name, "s", "pets", "val", settings)
        add_run(told, run, [shifted(i, step, 0.1) for i in dataset.images], 6)
        evaluate_run(told, name)
    text = Outline(page_of(told, ["honest", "knows"])).text
    assert "was told the true masks" in text
    assert "best" not in text.split("Time an image")[1].split("Below each score")[0]


def test_no_more_cases_than_asked_and_none_for_0(store):
    with store.read() as cursor:
        assert [len(gather(cursor, ["half"], cases=n).cases) for n in (0, 2, 100)] == [0, 2, 5]


def test_runs_with_nothing_in_common_are_told_so(store):
    with store.read() as cursor:
        comparison = replace(gather(cursor, ["half"], cases=0), way=None)
    assert "neither masks nor boxes nor label maps in common" in html_report(comparison)


def test_alt_texts_say_what_is_shown(pair):
    outline = Outline(pair)
    said = [unescape(given["alt"]) for tag, given in outline.elements if tag == "img"]
    assert said[0].startswith("photograph: not found")
    assert said[1] == "annotation"
    assert np.all(
        [name in text for name, text in zip(("sharp", "shifted"), said[2:], strict=False)]
    )
