"""Metrics, tests, files and examples that the documents name are there, and examples hold."""

from __future__ import annotations

import ast
import doctest
import importlib
import re

import pytest

from core.metrics import METRICS, PIXEL_PROTOCOLS
from tests.documents.reading import DOCUMENTS, ROOT, blocks, text_of

QUOTED = re.compile(r"`([^`\n]+)`")
TESTS = set(
    re.findall(
        r"^ *def (test_\w+)",
        "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")),
        re.MULTILINE,
    )
)


@pytest.mark.parametrize("name", [*METRICS, *PIXEL_PROTOCOLS])
def test_every_metric_and_protocol_is_defined(name):
    rows = re.findall(r"^\| (.*?) \|", text_of("docs/metrics.md"), re.MULTILINE)
    assert name in {each for first in rows for each in QUOTED.findall(first)}


def test_metrics_are_held_by_tests_that_are_there():
    paths = {name for name in QUOTED.findall(text_of("docs/metrics.md")) if name.endswith(".py")}
    assert paths
    missing = {
        name for name in paths if not any((ROOT / at / name).exists() for at in ("tests/core", ""))
    }
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_tests_and_files_are_there(document):
    named = QUOTED.findall(text_of(document))
    assert {name for name in named if re.fullmatch(r"test_\w+", name)} <= TESTS
    ours = re.compile(r"(?!.*(NAME|NUMBER))(core|pages|training|tests|docs)/[\w/.-]+\.\w+")
    assert not {name for name in named if ours.fullmatch(name) and not (ROOT / name).exists()}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_examples_in_python_hold(document):
    for body in blocks(text_of(document), "python"):
        if ">>>" in body:
            example = doctest.DocTestParser().get_doctest(body, {}, document, document, 0)
            assert doctest.DocTestRunner().run(example).failed == 0
        else:
            check_imports(body)


def check_imports(body: str) -> None:
    """Names that an example imports from this repository are there."""
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("core"):
            module = importlib.import_module(node.module)
            assert all(hasattr(module, alias.name) for alias in node.names)
