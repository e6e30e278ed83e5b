"""docs/data-flow.md shows the tables as the migrations make them."""

from __future__ import annotations

from tests.documents.reading import text_of
from tests.documents.schema import DOCUMENT, written


def test_the_tables_are_those_of_the_migrations(tmp_path):
    told = "write them again: python -m tests.documents.schema"
    assert text_of(DOCUMENT) == written(tmp_path), told


def test_every_table_is_there(tmp_path):
    assert "### pixel_count\n" in written(tmp_path)
