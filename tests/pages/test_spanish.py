"""Every page runs in Spanish, and what stands largest on it is Spanish."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.language import catalogue
from tests.pages.test_pages import PAGES, ROOT

SPANISH = catalogue("es")
MASKS = "pages/6_Masks.py"
# the start page bears the product's name
TITLES = {page: page.split("_", 1)[1].removesuffix(".py").replace("_", " ") for page in PAGES[1:]}


@pytest.fixture
def in_spanish(monkeypatch, full):
    monkeypatch.setenv("EVALUATION_STORE", str(full))
    st.cache_data.clear()

    def opened(page: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / page), default_timeout=30)
        app.session_state["overlook_language"] = "es"
        app.query_params["dataset"], app.query_params["split"] = "pets", "val"
        return app.run()

    return opened


def untranslated(texts: list[str]) -> list[str]:
    return [text for text in texts if SPANISH.get(text, text) != text]


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_in_spanish(page, in_spanish):
    app = in_spanish(page)
    assert not app.exception
    assert not app.error
    if page != MASKS:  # the title of an image is its name
        assert [each.value for each in app.title] == [SPANISH.get(TITLES.get(page), "Overlook")]
    headings = [each.value for each in app.header]
    labelled = [*app.metric, *app.expander, *app.selectbox, *app.multiselect, *app.slider]
    labelled += [*app.toggle, *app.button_group, *app.button, *app.text_input]
    assert not untranslated([*headings, *(each.label for each in labelled)])
