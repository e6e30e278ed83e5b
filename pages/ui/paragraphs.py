"""Paragraphs that the core tells in English, told again in the visitor's language.

The core speaks English and knows no other language: its errors are read in terminals, logs and
by other processes, and reach a page as text. `languages/XX/told` holds the paragraphs of the core
as patterns, a field in braces for each value: a paragraph that one pattern can be read from in
just one way is told in that language, with each value as it came. Any other stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from string import Formatter
from typing import Final

from pages.ui.language import FOLDER, current

SUBFOLDER: Final = "told"
DEEPEST: Final = 5
# beyond these a text is no paragraph of the core, whatever stands in it
LONGEST, MOST_SENTENCES = 8000, 12
# what stands between a place, or a value, and what is told of it
BEFORE: Final = (": ", "; ")
ENDS: Final = " ;"


@dataclass(frozen=True)
class Pattern:
    """A paragraph with fields for its values.

    Attributes:
        literals: what stands before, between and after the fields; one more than fields.
        fields: their names.
        there: the paragraph in another language, with the same fields.
        prose: those of them that the core tells itself, marked "!s" there: they are told again.
    """

    literals: tuple[str, ...]
    fields: tuple[str, ...]
    there: str
    prose: frozenset[str]

    @property
    def told(self) -> int:
        """Return how many characters are the paragraph's own."""
        return sum(map(len, self.literals))

    def readings(self, text: str) -> set[tuple[str, ...]]:
        """Return what the fields may hold in a text: nothing known, one way to read it, or two.

        Literals are looked for from the left and from the right: where both find the same places
        there are no others.
        """
        if not (text.startswith(self.literals[0]) and text.endswith(self.literals[-1])):
            return set()
        leftmost = _cut(text, self.literals)
        if leftmost is None:
            return set()
        backwards = _cut(text[::-1], tuple(each[::-1] for each in reversed(self.literals)))
        return {leftmost, tuple(value[::-1] for value in reversed(backwards or ()))}


def retell(text: str) -> str:
    """Return a paragraph of the core in the visitor's language; as it is where none is known.

    Values that are themselves told by the core are told again too.

    Args:
        text: what an error says.
    """
    return retold(text, current())


def retold(text: str, language: str) -> str:
    """Return a paragraph of the core in a language.

    Args:
        text: as of `retell`.
        language: one of `LANGUAGES`.
    """
    known = patterns(language)
    return (known and len(text) <= LONGEST and _retold(text, known, DEEPEST)) or text


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """Return the paragraphs that are known in a language, those that say most first."""
    found = []
    for path in sorted((FOLDER / language / SUBFOLDER).glob("*.json")):
        for english, there in json.loads(path.read_text(encoding="utf-8")).items():
            found.append(_parsed(english, there))
    return tuple(sorted(found, key=lambda each: -each.told))


def _parsed(english: str, there: str) -> Pattern:
    literals, fields = [""], []
    for literal, field, _, _ in Formatter().parse(english):
        literals[-1] += literal
        if field is not None:
            fields.append(field)
            literals.append("")
    prose = {field for _, field, _, mark in Formatter().parse(there) if field and mark}
    return Pattern(tuple(literals), tuple(fields), there, frozenset(prose))


def _cut(text: str, literals: Sequence[str]) -> tuple[str, ...] | None:
    """Return what stands between the literals, each found as far left as can be."""
    first, *between = literals
    if not between:
        return () if text == first else None
    last = between.pop()
    end = len(text) - len(last)
    at, values = len(first), []
    for literal in between:
        place = text.find(literal, at, end)
        if place < 0:
            return None
        values.append(text[at:place])
        at = place + len(literal)
    return (*values, text[at:end]) if at <= end else None


def _retold(text: str, known: Sequence[Pattern], deep: int) -> str | None:
    """Return a text told again, or None where nothing in it is known.

    It is one paragraph, or one after a file, an entry or a number; or several sentences.
    """
    words = text.strip(ENDS)
    if not words or not deep:
        return None
    pattern, readings = _pattern_of(words, known)
    placed = _after_its_place(words, known, deep, 0 if pattern is None else pattern.told)
    if placed is not None:
        told: str | None = placed
    elif pattern is None:
        told = _by_sentences(words, known, deep)
    else:
        told = _filled(pattern, readings.pop(), known, deep) if len(readings) == 1 else None
    return None if told is None else text.replace(words, told, 1)


def _pattern_of(text: str, known: Sequence[Pattern]) -> tuple[Pattern | None, set[tuple[str, ...]]]:
    """Return the pattern that says most of those a text may be, and how it can be read."""
    for pattern in known:
        readings = pattern.readings(text)
        if readings:
            return pattern, readings
    return None, set()


def _filled(pattern: Pattern, values: Sequence[str], known: Sequence[Pattern], deep: int) -> str:
    told = {
        name: (_retold(value, known, deep - 1) or value) if name in pattern.prose else value
        for name, value in zip(pattern.fields, values, strict=True)
    }
    return pattern.there.format(**told)


def _after_its_place(text: str, known: Sequence[Pattern], deep: int, least: int) -> str | None:
    """Return a text that is told after its place, if that says more than it as a whole does."""
    for mark in BEFORE:
        place, found, rest = text.partition(mark)
        pattern, _ = _pattern_of(rest.strip(ENDS), known) if found else (None, set())
        if pattern is not None and pattern.told <= least:
            continue
        told = _retold(rest, known, deep - 1) if found else None
        if told is not None and (pattern is not None or not least):
            return f"{place}{found}{told}"
    return None


def _by_sentences(text: str, known: Sequence[Pattern], deep: int) -> str | None:
    """Return a text that begins with a known paragraph of one or more sentences."""
    for end in islice(re.finditer(r"\.(?= )", text), MOST_SENTENCES):
        first, rest = text[: end.end()], text[end.end() :]
        pattern, readings = _pattern_of(first, known)
        if pattern and len(readings) == 1:
            told = _filled(pattern, readings.pop(), known, deep)
            return told + (_retold(rest, known, deep - 1) or rest)
    return None
