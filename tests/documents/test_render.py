"""The documents and docstrings as HTML: all exports are there, and nothing is broken."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

from tests.documents.reading import DOCUMENTS
from tests.documents.render import address, render

# what `from core… import …` offers by name, and what systems are made of
PACKAGES = ("core.scoring", "core.evaluate", "core.report", "core.fusion", "core.metrics")
SECTION = re.compile(r"^ *(Args|Returns|Raises|Attributes|Example|Yields):? *$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    render(folder, (*PACKAGES, "core.structures", "training.protocol", "training.settings"))
    return folder


class Read(HTMLParser):
    """The text of a page by the id around it, its links, and the text outside of code."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.prose = ""
        self.code = 0
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        self.links += [link for key in ("href", "src") if (link := given.get(key))]
        self.code += tag in ("code", "pre", "script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in ("code", "pre", "script", "style")

    def handle_data(self, data: str) -> None:
        self.prose += "" if self.code else data


def test_what_is_exported_is_there_with_its_text(folder):
    for package in PACKAGES:
        module = import_module(package)
        page = folder / f"{package.replace('.', '/')}.html"
        read, text = Read(page), " ".join(Read(page).prose.split())
        for name in module.__all__:
            assert name in read.ids, f"{package}.{name}"
            told = getattr(module, name).__doc__ if callable(getattr(module, name)) else None
            words = re.split(r"`|\n|\. ", (told or "").strip())[0].strip()
            assert words in text, f"{package}.{name}"


def test_sections_of_docstrings_are_headings(folder):
    pages = [*folder.glob("core/**/*.html"), *folder.glob("training/**/*.html")]
    assert len(pages) > len(PACKAGES)
    for page in pages:
        html = page.read_text(encoding="utf-8")
        told = re.findall(r'<div class="docstring">(.*?)</div>', html, re.DOTALL)
        for text in told:
            assert not SECTION.search(re.sub(r"<h6.*?</h6>", "", text)), page.name
    scores = (folder / "core" / "scoring.html").read_text(encoding="utf-8")
    assert re.search(r"<h6[^>]*>Arguments:</h6>", scores)
    assert re.search(r"<h6[^>]*>Raises:</h6>", scores)


def test_every_document_is_there_and_its_links_lead_somewhere(folder):
    index = Read(folder / "index.html")
    for document in DOCUMENTS:
        page = folder / address(document)
        assert address(document) in index.links
        read = Read(page)
        assert "<h1" not in read.prose
        for link in read.links:
            path, _, anchor = link.partition("#")
            if not re.match(r"https?:|data:", link) and path:
                assert (page.parent / path).exists(), (document, link)
                assert not path.endswith(".md"), (document, link)
            assert not anchor or path or anchor in read.ids, (document, link)


def test_nothing_is_fetched_from_elsewhere(folder):
    for page in folder.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert not re.search(r'<(script|link|img)[^>]*(src|href)="https?:', html), page.name
