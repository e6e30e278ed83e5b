"""The words that charts add to what they are given, in the reader's language."""

from __future__ import annotations

from typing import Protocol


class Say(Protocol):
    """Gives a text of a chart in some language, its fields filled in."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the text.

        Args:
            text: in English, with fields in braces as of `str.format` if there are values; else
                braces are plotly's.
            values: of the fields.
        """
        ...


def in_english(text: str, /, **values: object) -> str:
    """Return a text as it is written, its fields filled in: what `Say` is by default.

    Example:
        >>> in_english("share of {whole}", whole="the row")
        'share of the row'
    """
    return text.format(**values) if values else text
