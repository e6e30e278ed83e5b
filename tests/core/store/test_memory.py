"""Answers of a moment are given again, those of another never."""

from __future__ import annotations

import numpy as np
import pytest

from core.store import memory
from core.store.memory import Memory, remembered, remembering
from core.store.queries import catalogue

pytestmark = pytest.mark.usefixtures("nothing_known")


class Asked:
    """Counts how often it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.times = 0

    def __call__(self) -> object:
        self.times += 1
        return self.answers[self.times - 1]


def ask(find: Asked, name: str = "question", parameters: object = (), size: int = 1) -> object:
    return remembered(name, parameters, find, lambda _: size)


def test_only_who_remembers_is_told_what_is_known():
    find = Asked(1, 2, 3)
    assert ask(find) == 1
    with remembering("now"):
        assert [ask(find), ask(find)] == [2, 2]
    assert ask(find) == 3


def test_name_parameters_and_moment_tell_questions_apart():
    find = Asked(*range(5))
    with remembering("now"):
        first = [ask(find), ask(find, "other"), ask(find, parameters=[1]), ask(find, parameters=1)]
    with remembering("later"):
        assert [*first, ask(find)] == list(range(5))


def test_the_moment_ends_with_an_error():
    find = Asked(1, 2)
    with pytest.raises(KeyError), remembering("now"):
        raise KeyError
    assert [ask(find), ask(find)] == [1, 2]


def test_what_was_asked_longest_ago_goes_first(monkeypatch):
    monkeypatch.setattr(memory, "_memory", Memory(most_bytes=100))
    finds = [Asked(index, "anew") for index in range(11)]
    with remembering("now"):
        for index in range(10):
            ask(finds[index], str(index), size=10)
        ask(finds[0], "0", size=10)
        ask(finds[10], "10", size=10)
        assert [ask(finds[0], "0", size=10), ask(finds[10], "10", size=10)] == [0, 10]
        assert ask(finds[1], "1", size=10) == "anew"


def test_what_would_displace_much_is_not_kept(monkeypatch):
    monkeypatch.setattr(memory, "_memory", Memory(most_bytes=800))
    fits, large = Asked(1, 2), Asked(1, 2)
    with remembering("now"):
        assert [ask(fits, size=100), ask(fits, size=100)] == [1, 1]
        assert [ask(large, "large", size=101), ask(large, "large", size=101)] == [1, 2]


def test_an_answer_that_is_written_to_stays_as_it_was(stored):
    with stored.store.read() as cursor, remembering("now"):
        first = catalogue.runs(cursor)
        first.loc[0, "run"] = "changed"
        first["more"] = 1
        again = catalogue.runs(cursor)
    assert "more" not in again
    assert "changed" not in set(again["run"])


def test_the_version_read_is_the_version(store):
    with store.read() as cursor:
        assert store.version_read(cursor) == store.version()


SPELT_APART = [
    *([1, 2], (1, 2), [1.0, 2.0], ["1", "2"], ["1, 2"], [True, 2], [[1], 2], [1, [2]], [], ()),
    *([None], ["None"], [np.int64(1), 2], np.array([1, 2]), {"a": [1]}, [("a", [1])], "[1, 2]"),
    *(([1], 2), 1, "1", np.array([1.0, 2.0]), np.array([1, 3]), {"a": (1,)}, {"b": [1]}),
    *(np.array([1, 2], np.int32), *(np.bincount([one], minlength=5_000) for one in (100, 200))),
]


def test_no_two_values_are_spelt_alike():
    texts = [memory.spelt(value) for value in SPELT_APART]
    assert len(set(texts)) == len(texts)
    assert memory.spelt([1, 2]) == memory.spelt([1, 2])
