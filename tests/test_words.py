"""No text says "1 images": a number and its noun come from `counted`, in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.words import counted, noun_of

ROOT = Path(__file__).resolve().parents[1]
NOUNS = r"(?:images|classes|runs|objects|masks|faults|files|rows|predictions|photographs|draws)\b"
AFTER_A_NUMBER = re.compile(rf" {NOUNS}")
AFTER_A_FIELD = re.compile(rf"\{{(\w+)[^{{}}]*\}} {NOUNS}")
# fields that always stand for more than one: limits, and "all of N" where 1 is said otherwise
SEVERAL = {"number", "few_images", "overfit_images", "most_images", "size", "files"}
SEVERAL |= {"FEW_IMAGES", "choice.size", "shown", "most_rows", "all"}
# names of files
SEVERAL |= {"choice.split", "class_name", "image", "len(images)"}
TOLD = ("pages", "core/commands", "core/evaluate", "core/report", "core/writers", "training")
SOURCES = [path for room in TOLD for path in sorted((ROOT / room).rglob("*.py"))]


def bare(module: ast.Module) -> Iterator[str]:
    """Yield places where a number stands before a noun that is always plural."""
    refused = {
        id(node)
        for each in ast.walk(module)
        if isinstance(each, ast.Raise)
        for node in ast.walk(each)
    }
    parts = {
        id(part) for n in ast.walk(module) if isinstance(n, ast.JoinedStr) for part in n.values
    }
    for node in ast.walk(module):
        if id(node) in refused:
            continue
        if isinstance(node, ast.JoinedStr):
            for field, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(field, ast.FormattedValue) and isinstance(text, ast.Constant):
                    name = ast.unparse(field.value)
                    if name not in SEVERAL and AFTER_A_NUMBER.match(str(text.value)):
                        yield f"{{{name}}}{text.value} in line {node.lineno}"
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            for found in AFTER_A_FIELD.finditer(node.value):
                if found[1] not in SEVERAL:
                    yield f"{found[0]} in line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_numbers_agree_with_their_nouns(path):
    assert list(bare(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source", ['f"{len(found)} images of it"', 'f"{a:,} runs"', 'say("All {runs} runs", runs=1)']
)
def test_the_rule_sees_what_it_should(source):
    assert list(bare(ast.parse(source)))


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 classes"), (1, "1 class"), (2, "2 classes"), (1500, "1,500 classes")],
)
def test_a_number_with_its_noun(number, told):
    assert counted(number, "class", "classes") == told
    assert noun_of(number, "image") == ("image" if number == 1 else "images")
