"""What the core tells is told again in other languages: every paragraph, with every value."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from core.errors import FaultyInputError
from pages.ui import language, paragraphs
from pages.ui.paragraphs import retold
from tests.pages.core_paragraphs import paragraphs as told_by_core

OTHERS = [code for code in language.LANGUAGES if code != language.ENGLISH]
FILES = [path for code in OTHERS for path in (language.FOLDER / code).glob("told/*.json")]
VALUE = "⟨{}⟩"


def catalogue(code: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in (language.FOLDER / code / paragraphs.SUBFOLDER).glob("*.json"):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


def fields(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def filled(english: str) -> tuple[str, list[str]]:
    values = {name: VALUE.format(number) for number, name in enumerate(fields(english))}
    return english.format(**values), list(values.values())


@pytest.mark.parametrize("code", OTHERS)
def test_each_paragraph_of_the_core_is_known(code):
    there = told_by_core()
    assert not {text: place for text, place in there.items() if text not in catalogue(code)}
    assert not sorted(set(catalogue(code)) - set(there))


@pytest.mark.parametrize("code", OTHERS)
def test_each_is_told_again_with_every_value(code):
    for english in catalogue(code):
        text, values = filled(english)
        told = retold(text, code)
        assert told != text, english
        assert [told.count(value) for value in values] == [1] * len(values), english


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_translations_have_the_fields_of_the_text(path: Path):
    for english, there in json.loads(path.read_text(encoding="utf-8")).items():
        assert sorted(fields(there)) == sorted(fields(english)), english


def test_paragraphs_come_after_a_place_and_one_after_the_other():
    assert retold("a b/c.json: there is no such file. Check the path.", "es") == (
        "a b/c.json: no existe tal archivo. Compruebe la ruta."
    )
    faults = FaultyInputError("x.json", ["a", "b"], "Mend the file, or leave out what is faulty "
                              "with --skip-bad.")  # fmt: skip
    assert retold(faults.summary, "es") == (
        "x.json: 2 defectos en total, no se guardó nada. Corrija el archivo, o deje fuera "
        "lo defectuoso con --skip-bad."
    )


def test_what_the_core_tells_inside_of_a_paragraph_is_told_again():
    assert retold("image 7: the image file does not exist", "es") == (
        "image 7: el archivo de imagen no existe"
    )
    assert retold("a: the label is 'none'; expected a class number from 0", "es") == (
        "a: la etiqueta es 'none'; se espera un número de clase desde 0"
    )


def test_values_from_data_stay_as_they_are():
    # a value that reads like words of the core is no less a value
    text = "There is no data set named a whole number in the store. Data sets there: none. Choose"
    text += " one of them, or import it with `python -m core import`."
    told = retold(text, "es")
    assert "llamado a whole number en" in told
    assert "Conjuntos de datos: ninguno." in told


@pytest.mark.parametrize("name", ["{0}", "{path}", "%s", "a: b", "\\1", "…; none", "ñ\u200b"])
def test_names_with_signs_are_kept(name):
    told = retold(f"{name} exists. Name another file, or give --force to replace it.", "es")
    assert told == f"{name} existe. Nombre otro archivo, o dé --force para sustituirlo."


def test_what_can_be_read_in_two_ways_stays_english():
    twice = "run 'a' in the store. Runs: b' in the store. Runs: c."
    text = f"There is no run named {twice}"
    assert retold(text, "es") == text


@pytest.mark.parametrize(
    "text",
    ["", " ", ": ", "; ; ;", "nothing of the core", "nobody: knows this. Nor that. ", "a" * 99],
)
def test_what_is_not_known_stays_as_it_is(text):
    assert retold(text, "es") == text


def test_long_texts_are_answered_at_once():
    text = "a: b; c. " * 100_000
    assert retold(text, "es") == text
    assert retold(text[: paragraphs.LONGEST], "es") == text[: paragraphs.LONGEST]


def test_english_stays_english():
    for english in catalogue("es"):
        assert retold(english, language.ENGLISH) == english


def test_of_two_patterns_the_one_that_says_more_counts():
    assert retold("b.zip: there are two files of this name. Nothing was taken.", "es") == (
        "b.zip: hay dos archivos con este nombre. No se tomó nada."
    )
