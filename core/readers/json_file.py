"""JSON files from strangers: loaded whole, checked field by field."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.readers.faults import Fault, shown

# The store keeps ids as 64-bit integers.
GREATEST_ID = 2**63 - 1
# Far beyond any image, and small enough that products stay exact and finite.
GREATEST_COORDINATE = 1e9

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class JsonFile:
    """A parsed file: its outermost value, and the SHA-256 of its bytes."""

    document: object
    sha256: str


class RepeatedKeys(dict[str, object]):
    """A JSON object in which a key occurs more than once; the last value counts."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        """Make it from the pairs of the file, in their order."""
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.repeated = sorted(name for name, count in counts.items() if count > 1)


def load(path: Path) -> JsonFile:
    """Return what a JSON file holds.

    Raises:
        UsageError: it is no file, or no JSON in UTF-8.
    """
    return parse(read_file(path), path)


def parse(content: bytes, path: Path) -> JsonFile:
    """Return what the bytes of a JSON file hold.

    Raises:
        UsageError: they are no JSON in UTF-8.
    """
    return JsonFile(document_of(content, path), hashlib.sha256(content).hexdigest())


def document_of(content: bytes, path: Path) -> object:
    """Return the outermost value of a JSON file.

    Raises:
        UsageError: as of `parse`.
    """
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_json_object)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: byte {error.start} is no UTF-8. Save the file as UTF-8 JSON."
        ) from error
    except RecursionError as error:
        raise UsageError(
            f"{path}: lists or objects are nested too deeply to be read; the formats read "
            "here need a handful of levels. Check what wrote the file."
        ) from error
    except ValueError as error:  # also of integers with thousands of digits
        raise UsageError(
            f"{path}: this is no JSON: {error}. Check that the file is complete."
        ) from error


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        UsageError: there is none, or it cannot be opened.
    """
    try:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file. Check the path.")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError(f"{path}: the file cannot be read: {error}.") from error


class Record:
    """One object of a list in a JSON file, whose fields are checked as they are taken.

    Each fault is noted once, with the record's place; the methods then return None.
    """

    __slots__ = ("_faults", "_list_name", "fields", "index", "sound")

    def __init__(
        self, fields: dict[str, object], list_name: str, index: int, faults: list[Fault]
    ) -> None:
        """Take the record at an index of a list; its faults are added to `faults`."""
        self.fields = fields
        self.index = index
        self.sound = True
        self._list_name = list_name
        self._faults = faults
        self.note_repeats(fields)

    @property
    def place(self) -> str:
        """Where the record stands: its list and index, and the id it calls itself by."""
        for key in ("id", "image_id"):
            if key in self.fields:
                return f"{self._list_name}[{self.index}] ({key} {shown(self.fields[key])})"
        return f"{self._list_name}[{self.index}]"

    def fault(self, message: str) -> None:
        """Note a fault of this record."""
        self.sound = False
        self._faults.append(Fault(self.place, message))

    def note_repeats(self, fields: object, name: str = "the record") -> None:
        """Note a fault if an object of this record repeats a key."""
        if isinstance(fields, RepeatedKeys):
            keys = ", ".join(shown(key) for key in fields.repeated)
            self.fault(f"{name} holds the key {keys} more than once; expected once")

    def children(self, key: str) -> Iterator[Record]:
        """Yield the records of a list inside this one; their faults are noted beside it."""
        entries = self._taken(key, "a list of objects")
        if entries is not None and not isinstance(entries, list):
            self._unexpected(key, entries, "a list of objects")
        elif entries is not None:
            place = f"{self._list_name}[{self.index}].{key}"
            yield from records(entries, place, self._faults)

    def integer(self, key: str, low: int = 0, high: int = GREATEST_ID) -> int | None:
        """Return a whole number from `low` to `high`."""
        number = self._taken(key, "a whole number")
        if number is None:
            return None
        if type(number) is not int:
            self._unexpected(key, number, "a whole number")
            return None
        if not low <= number <= high:
            self._unexpected(key, number, f"a whole number from {low} to {high}")
            return None
        return number

    def number(self, key: str, high: float = GREATEST_COORDINATE**2) -> float | None:
        """Return a finite number from 0 to `high`."""
        number = self._taken(key, "a number")
        if number is None:
            return None
        # NaN fails every comparison
        if type(number) in (int, float) and 0 <= number <= high:  # type: ignore[operator]
            return float(number)  # type: ignore[arg-type]
        self._unexpected(key, number, f"a finite number from 0 to {high:g}")
        return None

    def text(self, key: str) -> str | None:
        """Return a string that is not empty and can be written as UTF-8."""
        text = self._taken(key, "a text")
        if text is None:
            return None
        if not isinstance(text, str) or not text.strip() or not is_writable(text):
            self._unexpected(key, text, "a text that is not empty")
            return None
        return text

    def box(self, key: str) -> Box | None:
        """Return x, y, width, height in pixels."""
        expected = "[x, y, width, height], four finite numbers, width and height 0 or more"
        numbers = self._taken(key, expected)
        if numbers is None:
            return None
        if not isinstance(numbers, list) or len(numbers) != 4 or not all(map(_is_near, numbers)):
            self._unexpected(key, numbers, expected)
            return None
        x, y, width, height = map(float, numbers)
        if width < 0 or height < 0:
            self._unexpected(key, numbers, expected)
            return None
        return x, y, width, height

    def _taken(self, key: str, expected: str) -> object | None:
        try:
            value = self.fields[key]
        except KeyError:
            self.fault(f"'{key}' is missing; expected {expected}")
            return None
        if value is None:
            self.fault(f"'{key}' is null; expected {expected}")
        return value

    def _unexpected(self, key: str, value: object, expected: str) -> None:
        self.fault(f"'{key}' is {shown(value)}; expected {expected}")


def records(entries: list[object], list_name: str, faults: list[Fault]) -> Iterator[Record]:
    """Yield the objects of a list as records; entries that are no objects become faults."""
    for index, fields in enumerate(entries):
        if isinstance(fields, dict):
            yield Record(fields, list_name, index, faults)
        else:
            message = f"the entry is {shown(fields)}; expected an object {{…}}"
            faults.append(Fault(f"{list_name}[{index}]", message))


def is_writable(text: str) -> bool:
    """Tell whether a text can be stored: no lone surrogates, no NUL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_near(number: object) -> bool:
    """Tell whether a JSON value is a finite number of a size that occurs in pixels."""
    if type(number) is int:
        return abs(number) <= GREATEST_COORDINATE
    return type(number) is float and math.isfinite(number) and abs(number) <= GREATEST_COORDINATE


def _json_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else RepeatedKeys(pairs)
