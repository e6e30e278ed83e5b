"""README.es.md says what README.md says: the same commands, sections, documents and pictures."""

from __future__ import annotations

from tests.documents.reading import commands, headings, links, text_of

ENGLISH, SPANISH = text_of("README.md"), text_of("README.es.md")


def test_the_commands_are_the_same():
    assert list(commands(SPANISH)) == list(commands(ENGLISH))


def test_the_sections_are_as_many_and_as_deep():
    depths = [[heading.split(" ")[0] for heading in headings(text)] for text in (ENGLISH, SPANISH)]
    assert depths[0] == depths[1]


def test_the_documents_and_pictures_are_the_same():
    ours = [
        {link for link in links(text) if link.startswith("docs/")} for text in (ENGLISH, SPANISH)
    ]
    assert ours[0] == ours[1]
