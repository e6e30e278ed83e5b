"""The documents as tests read them: commands of their ```bash blocks, links, headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(text) if name == language]


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command in ```bash blocks, without comments and variables before it."""
    for body in blocks(text, "bash"):
        for line in body.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words and re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            if words:
                yield words


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return BLOCK.sub("", text)


def links(text: str) -> list[str]:
    return LINK.findall(prose(text))


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ .*$", prose(text), re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The addresses of headings, as GitHub makes them."""
    titles = (heading.lstrip("#").strip().lower() for heading in headings(text))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
