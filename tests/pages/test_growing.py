"""Trials that grow beside the page."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st

from core.scoring import begin_trial
from core.store.connection import Store
from pages.ui import growing, store

ASKED = {"runs": ("sharp", "shifted"), "metric": "miou"}


@pytest.fixture
def trial(pets):
    with Store.at(pets).read() as cursor:
        return begin_trial(cursor, **ASKED, classes=False)


def test_it_grows_until_it_is_complete_and_then_rests(trial):
    grows = growing.Growing(trial)
    grown = grows.grown(None)
    assert grown.complete
    assert grows.grown(None) is grown
    assert np.array_equal(
        grown.study.resampled, trial.extended(grown.study.resamples).study.resampled
    )


def test_an_abandoned_one_rests_and_goes_on_when_asked_again(trial, monkeypatch):
    monkeypatch.setattr(growing, "ABANDONED", -1.0)
    grows = growing.Growing(trial)
    assert grows.grown(None).study.resamples == 0
    monkeypatch.setattr(growing, "ABANDONED", 1000.0)
    assert grows.grown(None).complete


def test_visitors_share_one_until_the_store_changes(pets, monkeypatch):
    monkeypatch.setenv("EVALUATION_STORE", str(pets))
    st.cache_resource.clear()
    first = store.keep(growing._begun(begin_trial), **ASKED)
    assert store.keep(growing._begun(begin_trial), **ASKED) is first
    assert store.keep(growing._begun(begin_trial), **{**ASKED, "metric": "box_ap"}) is not first
    monkeypatch.setattr(store, "_version", lambda _: "later")
    assert store.keep(growing._begun(begin_trial), **ASKED) is not first
