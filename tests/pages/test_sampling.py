"""What class-balanced sampling makes of the frequency of the classes, on Explore data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.store.connection import Store
from core.store.training_rows import ClassDraws, replace_training
from tests.core.store.test_trainings import CURVES, RECORD
from tests.pages.made_up import CLASSES, pets_store
from tests.pages.test_pages import words

TITLE = "Class-balanced sampling"


@pytest.fixture
def trained(tmp_path):
    """The pets with a training that drew rare classes, and one that drew all images alike."""
    store = pets_store(tmp_path / "store.duckdb")
    counts = ((12, 12.0), (4, 6.0), (1, 3.0))
    draws = [ClassDraws(i, CLASSES[i], *counts[i]) for i in range(3)]
    draws.append(ClassDraws(3, "background", 120, 120.0))
    record = replace(RECORD, dataset="pets", train_split="val", settings={"balance": 0.5})
    with store.write() as cursor:
        replace_training(cursor, record, CURVES, draws)
        replace_training(cursor, replace(record, training_id="alike"), CURVES)
    return store.path


def test_explore_shows_draws_before_and_after(open_page, trained):
    app = open_page("pages/1_Explore_data.py", trained)
    assert not app.exception
    assert TITLE in [each.value for each in app.header]
    figures = {each.label: each.value for each in app.metric}
    assert figures["Imbalance"] == "4.0 : 1"
    assert figures["Gains most"] == "× 3.00"
    told = words(app)
    assert "12.0 : 1 if all images are drawn alike" in told
    assert "balance=0.5" in told
    assert r"\<b\>7\</b\>" in told
    assert "more images" not in told
    (training,) = [each for each in app.selectbox if each.key == "training"]
    assert training.options == ["unet-torch · a.safetensors · 2026-01-02 04:04:05"]


def test_a_training_on_more_images_than_are_here_is_told(open_page, trained):
    with Store.at(trained).write() as cursor:
        cursor.execute("UPDATE training_class SET images = 200 WHERE class = 0")
    app = open_page("pages/1_Explore_data.py", trained)
    assert "more images of this split than the 12" in words(app)


def test_a_split_that_nothing_learnt_from_has_no_sampling(open_page, full):
    for dataset in ("pets", "streets"):
        app = open_page("pages/1_Explore_data.py", full, dataset=dataset)
        assert TITLE not in [each.value for each in app.header]
