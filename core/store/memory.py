"""Answers of one moment of a store, remembered: what is asked again costs nothing.

A page asks many questions of which many are the same: the runs of the store, the matches of a run
that another section scores too, or those that a filter of classes takes some of. What is kept is
known by the store's version, so a change of the store makes all be asked anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar

import numpy as np

Answer = TypeVar("Answer")
Part = TypeVar("Part", bound=Hashable)

MOST_BYTES = 64_000_000
LARGEST_PART = 8  # an answer above this part of all is not kept
PLAIN = frozenset((int, float, str, bool, type(None)))  # whose `repr` says all of them


class Memory:
    """Answers by question, those asked last; for all threads of a process."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Remember nothing yet.

        Args:
            most_bytes: that all answers take together.
        """
        self._most = most_bytes
        self._kept: OrderedDict[bytes, tuple[object, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def recall(
        self, key: bytes, find: Callable[[], Answer], size: Callable[[Answer], int]
    ) -> Answer:
        """Return what is known by a key, or find it.

        Args:
            key: of the question, its parameters and the moment.
            find: answers it.
            size: bytes that an answer takes.
        """
        return self.recall_each({key: key}, lambda _: {key: find()}, size)[key]

    def recall_each(
        self,
        keys: Mapping[Part, bytes],
        find: Callable[[list[Part]], Mapping[Part, Answer]],
        size: Callable[[Answer], int],
    ) -> dict[Part, Answer]:
        """Return what is known of each part by its key, and find what is not, all at once.

        Args:
            keys: part to the key of its answer.
            find: answers all parts that it is given.
            size: bytes that an answer takes.
        """
        known: dict[Part, Answer] = self.known(keys)
        if missing := [part for part in keys if part not in known]:
            found = find(missing)
            for part in missing:
                self._keep(keys[part], found[part], size(found[part]))
                known[part] = found[part]
        return known

    def known(self, keys: Mapping[Part, bytes]) -> dict[Part, Any]:
        """Return what is known of each part by its key; parts that are not known are left out."""
        known = {}
        with self._lock:
            for part, key in keys.items():
                if key in self._kept:
                    self._kept.move_to_end(key)
                    known[part] = self._kept[key][0]
        return known

    def _keep(self, key: bytes, answer: object, size: int) -> None:
        if size > self._most // LARGEST_PART:
            return
        with self._lock:
            if key not in self._kept:
                self._kept[key] = answer, size
                self._bytes += size
            while self._bytes > self._most:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone


_memory = Memory()
_moment: ContextVar[str | None] = ContextVar("moment of a store", default=None)


@contextmanager
def remembering(moment: str) -> Iterator[None]:
    """Remember the answers of a store in this thread, and give those that are known.

    Args:
        moment: names the store and its version; what it holds at equal moments is equal.
    """
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def is_remembering() -> bool:
    """Return whether answers are remembered in this thread."""
    return _moment.get() is not None


def remembered(
    name: str, parameters: object, find: Callable[[], Answer], size: Callable[[Answer], int]
) -> Answer:
    """Return the answer to a question, from memory where it is known and `remembering`.

    Args:
        name: of the question.
        parameters: values that the answer depends on, beside the moment: plain values,
            tuples, lists and mappings of them, and dataclasses, whose `repr` says all of them.
        find: answers it; nobody may change what it returns.
        size: bytes that an answer takes.
    """
    moment = _moment.get()
    if moment is None:
        return find()
    return _memory.recall(_key(moment, name, parameters).digest(), find, size)


def remembered_each(
    name: str,
    parts: Sequence[Part],
    parameters: object,
    find: Callable[[list[Part]], Mapping[Part, Answer]],
    size: Callable[[Answer], int],
) -> dict[Part, Answer]:
    """Return the answer about each part; those that are not known are found all at once.

    Args:
        name: of the question.
        parts: what it is asked of, plain values; the answer about one says nothing of another.
        parameters: as of `remembered`, the same for all parts.
        find: answers the question of all parts that it is given; nobody may change what it
            returns.
        size: bytes that the answer about one takes.
    """
    moment = _moment.get()
    if moment is None:
        found = find(list(parts))
        return {part: found[part] for part in parts}
    return _memory.recall_each(_keys(moment, name, parts, parameters), find, size)


def known_of(name: str, parameters: object) -> Any | None:  # noqa: ANN401 - an answer of any kind
    """Return the answer that `remembered` would not have to find, or None."""
    moment = _moment.get()
    key = b"" if moment is None else _key(moment, name, parameters).digest()
    return _memory.known({name: key}).get(name)


def known_of_each(name: str, parts: Sequence[Part], parameters: object) -> dict[Part, Any]:
    """Return the answers that `remembered_each` would not have to find, by part."""
    moment = _moment.get()
    return {} if moment is None else _memory.known(_keys(moment, name, parts, parameters))


def _keys(moment: str, name: str, parts: Sequence[Part], parameters: object) -> dict[Part, bytes]:
    question = _key(moment, name, parameters)
    keys = {}
    for part in parts:
        key = question.copy()
        key.update(repr(part).encode())
        keys[part] = key.digest()
    return keys


def _key(moment: str, name: str, parameters: object) -> blake2b:
    return blake2b(spelt((moment, name, parameters)).encode(), digest_size=20)


def spelt(value: object) -> str:
    """Return a value as a text that no other value has; NumPy shortens the `repr` of arrays."""
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype}{value.tolist()}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {spelt(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        # a hundred thousand keys of images, at the speed of C
        if PLAIN.issuperset(map(type, value)):
            return repr(value)
        return f"{type(value).__name__}({', '.join(map(spelt, value))})"
    return repr(value)
