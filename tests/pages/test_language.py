"""Every text of the pages has its translation, and a link means the same in every language."""

from __future__ import annotations

import ast
import json
import string
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import language
from pages.ui.component import spoken_html, spoken_script
from pages.ui.language import catalogue, in_every_language
from tests.pages.texts import PAGES, ROOT, bypassing, texts_of_pages

OTHERS = [code for code in language.LANGUAGES if code != language.ENGLISH]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def constants() -> set[object]:
    paths = [*PAGES, *(ROOT / "core").rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("code", OTHERS)
def test_each_text_is_translated(code):
    assert not sorted(texts_of_pages() - set(catalogue(code)))


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_left_over(code):
    folder = language.FOLDER / code
    # words that are values or headings in the code, and go through `say` where they are shown
    words = [json.loads((folder / name).read_text()) for name in ("core.json", "choices.json")]
    in_code = {*words[0], *words[1]}
    assert not sorted(in_code - constants())
    assert not sorted(set(catalogue(code)) - in_code - texts_of_pages())


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_fields_of_the_text(code):
    for english, there in catalogue(code).items():
        assert there.strip(), english
        assert fields(there) == fields(english), english


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_translated_in_two_ways(code):
    seen: dict[str, str] = {}
    for path in sorted((language.FOLDER / code).glob("*.json")):
        for english in json.loads(path.read_text()):
            assert seen.setdefault(english, path.name) == path.name, english


def test_a_choice_in_an_address_is_told_in_one_step():
    for code in language.LANGUAGES:
        for text in [*catalogue("es"), *catalogue("es").values()]:
            told = in_every_language(text)[code]
            assert in_every_language(told)[code] == told, text


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_no_text_bypasses_the_translation(path: Path):
    assert not bypassing(path)


def test_components_speak():
    assert spoken_html("<b>{{Next}}</b>", {"Next": "Siguiente"}) == "<b>Siguiente</b>"
    script = 'const TEXTS = {};\nsay("Next")'
    assert 'const TEXTS = {"Next": "Siguiente"};' in spoken_script(
        script, {"Next": "Siguiente", "Previous": "Anterior"}
    )


@pytest.fixture
def in_spanish(monkeypatch, full: Path):
    monkeypatch.setenv("EVALUATION_STORE", str(full))
    st.cache_data.clear()
    script = (
        "import runpy\nfrom pages.ui import shell, store\n"
        f"shell.run(shell.App(lambda: runpy.run_path({str(ROOT / 'pages/3_Class_IoU.py')!r}), "
        "store))"
    )
    app = AppTest.from_string(script, default_timeout=30)
    app.session_state["overlook_language"] = "es"
    return app


def test_the_sidebar_speaks_spanish_and_returns_to_english(in_spanish):
    app = in_spanish.run()
    assert not app.exception
    labels = [each.label for each in app.sidebar.selectbox]
    assert labels[:2] == ["Conjunto de datos", "Partición"]
    choice = next(each for each in app.sidebar.button_group if each.label == "Idioma")
    choice.set_value("en").run()
    assert [each.label for each in app.sidebar.selectbox][:2] == ["Data set", "Split"]
