"""Where the wrong pixels lie: on Class IoU, and as a filter of Failures."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

import numpy as np
import pytest

from core.metrics.pixel_errors import KINDS
from core.scoring import score_runs
from core.store.connection import Store
from core.store.queries.counts import pixel_error_images
from pages.ui.failure_choice import FailureChoice, from_text
from tests.pages.components import component
from tests.pages.made_up import pets_store

PARTS = ("miou", *(f"{kind}_error" for kind in KINDS))
PAGE, FAILURES = "pages/3_Class_IoU.py", "pages/7_Failures.py"


def bars(app) -> dict[str, np.ndarray]:
    """Return part to the length of each run's bar, per cent."""
    (chart,) = [each for each in app.get("plotly_chart") if "of the union" in each.proto.spec]
    traces = json.loads(chart.proto.spec)["data"]
    return {
        each["name"]: np.frombuffer(base64.b64decode(each["x"]["bdata"]), each["x"]["dtype"])
        for each in traces
    }


def test_the_parts_of_every_class_make_100_per_cent(open_page, pets):
    app = open_page(PAGE, pets)
    assert not app.exception
    assert "Where the wrong pixels lie" in [each.value for each in app.header]
    name = app.selectbox(key="error_class").options[1]
    mean, own = bars(app), bars(open_page(PAGE, pets, error_class=name))
    for parts in (mean, own):
        assert list(parts) == ["correct", "boundary", "extent", "segment"]
        assert np.allclose(sum(parts.values()), 100)
    assert not np.allclose(mean["correct"], own["correct"])


@pytest.mark.parametrize("place", [None, 0])
def test_kinds_make_the_difference_of_two_runs(open_page, pets, place):
    app = open_page(PAGE, pets)
    name = None if place is None else app.selectbox(key="error_class").options[1 + place]
    app = app if name is None else open_page(PAGE, pets, error_class=name)
    first, second = (app.selectbox(key=key).value for key in ("from", "to"))
    with Store.at(pets).read() as cursor:
        scores = [
            one.scores if name is None else one.classes.iloc[place]
            for one in score_runs(cursor, [first, second])
        ]
    points = {metric: 100 * (scores[1][metric] - scores[0][metric]) for metric in PARTS}
    kinds = ", ".join(f"{kind} {-points[f'{kind}_error']:+.1f}" for kind in KINDS)
    subject = "Mean over the classes" if name is None else name
    told = f"**{subject}:** {second} minus {first} {points['miou']:+.1f} points of IoU: {kinds}."
    assert told in [each.value for each in app.markdown]
    links = component(app, "overlook_link_list")["links"]
    assert [parse_qs(each["href"].partition("?")[2])["wrong"] for each in links] == [
        [kind] for kind in KINDS
    ]
    assert all(("class=" in each["href"]) == (name is not None) for each in links)


def test_kinds_of_pixels_say_nothing_of_boxes(open_page, pets):
    app = open_page(PAGE, pets, class_score="Box AP")
    assert app.selectbox(key="class_score").value == "Box AP"
    assert "Which wrong pixels make the difference" not in [each.value for each in app.subheader]
    app = open_page(PAGE, pets, class_score="Dice of pixels")
    assert "Which wrong pixels make the difference" in [each.value for each in app.subheader]


def test_runs_without_the_counts_say_which_command_makes_them(open_page, tmp_path):
    old = pets_store(tmp_path / "store.duckdb")
    with old.write() as cursor:
        cursor.execute("DELETE FROM pixel_error_count")
    app = open_page(PAGE, old.path)
    assert not app.exception
    # the other run has no wrong pixels, so nothing is missing of it
    told = [each.value for each in app.code if "evaluate" in each.value]
    assert told == ["python -m core evaluate shifted --again"]
    assert not app.subheader


def test_failures_tell_runs_without_the_counts_from_runs_without_wrong_pixels(open_page, tmp_path):
    old = pets_store(tmp_path / "store.duckdb")
    with old.write() as cursor:
        (kind,) = cursor.execute("SELECT min(kind) FROM pixel_error_count").fetchone()
    # the other run has no wrong pixels: a true 0
    app = open_page(FAILURES, old.path, by="pixels", wrong=[kind])
    assert not [each for each in app.code if "evaluate" in each.value]
    badge = component(app, "overlook_gallery").header["cells"][0]["badges"][-1]
    assert badge.startswith("0 · ")
    with old.write() as cursor:  # as if the other one alone had been counted
        cursor.execute("UPDATE pixel_error_count SET run_id = 1")
    app = open_page(FAILURES, old.path, by="pixels", wrong=[kind])
    badge = component(app, "overlook_gallery").header["cells"][0]["badges"][-1]
    assert badge.endswith(" · – px")
    with old.write() as cursor:
        cursor.execute("DELETE FROM pixel_error_count")
    app = open_page(FAILURES, old.path, by="pixels", wrong=[kind])
    assert not app.exception
    told = [each.value for each in app.code if "evaluate" in each.value]
    assert told == ["python -m core evaluate shifted --again"]


def test_failures_are_the_images_with_wrong_pixels_of_a_kind(open_page, tmp_path):
    store = pets_store(tmp_path / "store.duckdb")
    with store.read() as cursor:
        (kind,) = cursor.execute("SELECT min(kind) FROM pixel_error_count").fetchone()
        rows = pixel_error_images(cursor, [1, 2], [kind])
    sums = rows.groupby("image_id")["pixels"].sum()
    app = open_page(FAILURES, store.path, by="pixels", wrong=[kind])
    assert not app.exception
    cells = component(app, "overlook_gallery").header["cells"]
    assert len(cells) == len(sums)
    most = rows[rows["image_id"] == sums.idxmax()].set_index("run_id")["pixels"]
    assert cells[0]["badges"][-1] == f"{most.get(1, 0):,} · {most.get(2, 0):,} px"
    told = " ".join(each.value for each in app.markdown)
    assert f"{sums.sum():,} {kind} error pixels" in told
    assert "most such pixels first" in told
    choice = FailureChoice(by="pixels", wrong=(kind,))
    assert from_text(choice.as_text()) == choice
