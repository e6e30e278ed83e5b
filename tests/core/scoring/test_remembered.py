"""Scores from remembered answers are those of answers asked anew."""

from __future__ import annotations

import numpy as np
import pytest

from core.scoring import Choice, score_runs
from core.scoring.image_filter import ImageFilter, filtered_images
from core.store.memory import Memory, remembering

CHOICES = (Choice(), Choice(classes=(1,)), Choice(size="small"), Choice(protocol="per-image"))


@pytest.fixture
def questions(monkeypatch, nothing_known) -> list[str]:
    """The texts that are answered by the store itself."""
    asked = []
    recall = Memory.recall

    def recalled(self, key, find, size):
        return recall(self, key, lambda: asked.append(key) or find(), size)

    monkeypatch.setattr(Memory, "recall", recalled)
    return asked


def test_scores_are_the_same_by_every_choice_and_on_any_images(erring, questions):
    with erring.store.read() as cursor:
        keys = score_runs(cursor, [erring.run])[0].images
        for images in (None, tuple(range(1, keys // 2))):
            for choice in CHOICES:
                (anew,) = score_runs(cursor, [erring.run], images=images, choice=choice)
                with remembering("now"):
                    for _ in range(2):
                        (known,) = score_runs(cursor, [erring.run], images=images, choice=choice)
                        assert_same(known, anew)
    assert len(questions) == len(set(questions))


def test_all_images_by_name_are_scored_once(erring, questions):
    with erring.store.read() as cursor, remembering("now"):
        (whole,) = score_runs(cursor, [erring.run])
        before = len(questions)
        (again,) = score_runs(cursor, [erring.run], images=range(1, 1000))
    assert len(questions) == before
    assert_same(again, whole)


def test_images_that_pass_are_those_of_each_filter(erring, questions):
    with erring.store.read() as cursor:
        split = (erring.dataset.name, erring.dataset.split)
        for most in (2.0, 3.0, 1e9):
            wanted = ImageFilter((("object_count", 0.0, most),))
            anew = filtered_images(cursor, 1, split[1], wanted)
            with remembering("now"):
                assert filtered_images(cursor, 1, split[1], wanted) == anew
    assert len(questions) == len(set(questions))


def assert_same(one, other) -> None:
    assert one.scores == other.scores
    assert (one.images, one.protocol, one.run) == (other.images, other.protocol, other.run)
    for column in other.classes:
        np.testing.assert_array_equal(one.classes[column], other.classes[column])
