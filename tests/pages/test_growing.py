"""Trials that grow beside the page."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
import streamlit as st

from core.errors import UsageError
from core.scoring import begin_trial
from core.store.connection import Store
from pages.ui import growing, store

ASKED = {"runs": ("sharp", "shifted"), "metric": "miou"}


@pytest.fixture
def trial(pets):
    with Store.at(pets).read() as cursor:
        return begin_trial(cursor, **ASKED, classes=False)


def test_it_grows_until_it_is_complete_and_then_rests(trial):
    grows = growing.Growing(lambda: trial)
    grown = grows.grown(None)
    assert grown.complete
    assert grows.grown(None) is grown
    assert np.array_equal(
        grown.study.resampled, trial.extended(grown.study.resamples).study.resampled
    )


def test_an_abandoned_one_rests_and_goes_on_when_asked_again(trial, monkeypatch):
    monkeypatch.setattr(growing, "ABANDONED", -1.0)
    grows = growing.Growing(lambda: trial)
    assert grows.grown(None).study.resamples == 0
    assert not grows.complete
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)
    assert grows.grown(None).complete


def test_visitors_share_one_until_the_store_changes(pets, monkeypatch):
    monkeypatch.setenv("EVALUATION_STORE", str(pets))
    st.cache_resource.clear()
    first = store.keep(growing.Growing, begin_trial, **ASKED)
    assert store.keep(growing.Growing, begin_trial, **ASKED) is first
    assert store.keep(growing.Growing, begin_trial, **{**ASKED, "metric": "box_ap"}) is not first
    monkeypatch.setattr(store, "_version", lambda _: "later")
    assert store.keep(growing.Growing, begin_trial, **ASKED) is not first


def test_what_cannot_be_begun_is_refused_each_time():
    begun = []

    def begin():
        begun.append(1)
        raise UsageError("no such run")

    grows = growing.Growing(begin)
    for _ in range(2):
        with pytest.raises(UsageError, match="no such run"):
            grows.grown(None)
    assert grows.complete
    assert len(begun) == 1


def test_nothing_is_shown_of_what_is_not_begun(trial):
    goes = Event()
    grows = growing.Growing(lambda: goes.wait() and trial)
    assert grows.grown(0) is None
    assert not grows.complete
    goes.set()
    assert grows.grown(None).complete
    assert grows.complete


def test_until_there_is_something_to_show_its_room_is_kept_free(trial, monkeypatch):
    goes, shown = Event(), []
    monkeypatch.setattr(growing.st, "skeleton", lambda height: shown.append(height))
    waiting = growing.Growing(lambda: goes.wait() and trial)
    begun = growing.Growing(lambda: trial)
    begun.grown(None)
    look = growing._watched.__wrapped__  # without a server a fragment does nothing
    for each in (waiting, begun):
        look(lambda _: shown.append("drawn"), growing.drawing, each, [waiting, begun], 321)
    goes.set()
    assert shown == [321, "drawn"]


def test_sections_of_a_page_share_what_it_waits(monkeypatch):
    now = 100.0
    monkeypatch.setattr(growing, "PATIENCE", 0.5)
    monkeypatch.setattr(growing.time, "monotonic", lambda: now)
    together = growing._Together()
    assert together.patience() == 0.5
    now = 100.25
    assert together.patience() == 0.25
    now = 103.0
    assert together.patience() == 0
    monkeypatch.setattr(growing, "PATIENCE", None)
    assert together.patience() is None
