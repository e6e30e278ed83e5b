"""Numbers with their nouns, as people read them."""

from __future__ import annotations


def noun_of(number: int, noun: str, plural: str = "") -> str:
    """Return the form of a noun that goes with a number.

    Args:
        number: of things.
        noun: of one thing.
        plural: of several, if it is not the noun and an s.

    Example:
        >>> noun_of(1, "class", "classes"), noun_of(0, "image")
        ('class', 'images')
    """
    return noun if number == 1 else plural or f"{noun}s"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, see `noun_of`.

    Example:
        >>> counted(1, "class", "classes"), counted(1692, "object")
        ('1 class', '1,692 objects')
    """
    return f"{number:,} {noun_of(number, noun, plural)}"
