"""Order of predictions by score, held against a lexical sort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.metrics import ranking
from core.metrics.kernels import ranking as kernels
from core.structures import ObjectTable

NONE = np.zeros(0)
SCORES = st.one_of(
    st.sampled_from([0.0, -0.0, 0.5, 0.5, 1.0, -1.0, 5e-324, -5e-324, np.inf, -np.inf]),
    st.floats(allow_nan=False),
)


def table(images, categories, scores):
    count = len(images)
    return ObjectTable(
        images=np.array(images, np.int64),
        indices=np.arange(count, dtype=np.int32),
        categories=np.array(categories, np.int32),
        boxes=np.zeros((count, 4)),
        areas=np.zeros(count),
        crowd=np.zeros(count, np.bool_),
        scores=np.array(scores, np.float64),
        masks=None,
        heights=np.ones(count, np.int32),
    )


@st.composite
def predictions(draw):
    """Draw images (not only ascending), classes, scores full of ties, and ranks."""
    count = draw(st.integers(0, 30))
    columns = (st.integers(-2, 3), st.integers(0, 4), SCORES, st.integers(0, 3))
    kinds = (np.int64, np.int32, np.float64, np.int32)
    return [
        draw(arrays.arrays(kind, count, elements=column))
        for kind, column in zip(kinds, columns, strict=True)
    ]


@settings(max_examples=200, deadline=None)
@given(drawn=predictions())
def test_predictions_are_ranked_in_their_image_and_class(drawn):
    images, categories, scores, _ = drawn
    images = np.sort(images)
    order, rank = ranking.rank_predictions(table(images, categories, scores))
    assert order.tolist() == np.lexsort((-scores, categories, images)).tolist()
    for row in range(len(images)):
        above = (images == images[row]) & (categories == categories[row])
        first = np.arange(len(images)) < row
        above &= (scores > scores[row]) | ((scores == scores[row]) & first)
        assert rank[row] == above.sum()


@settings(max_examples=200, deadline=None)
@given(drawn=predictions())
def test_predictions_are_ordered_in_their_class_as_by_a_lexical_sort(drawn):
    images, categories, scores, rank = drawn
    order, starts = ranking.order_in_classes(images, categories, scores, rank, 6)
    assert order.tolist() == np.lexsort((rank, images, -scores, categories)).tolist()
    counts = np.bincount(categories, minlength=6)
    assert starts.tolist() == [0, *np.cumsum(counts)]


def test_many_scores_are_ordered_by_all_their_digits():
    generator = np.random.default_rng(8)
    scores = generator.random(20_000) * 10.0 ** generator.integers(-300, 300, 20_000)
    scores[::3] *= -1
    scores[::7] = scores[0]
    zeros = np.zeros(len(scores), np.int32)
    order, _ = ranking.order_in_classes(np.arange(len(scores)), zeros, scores, zeros, 1)
    assert np.array_equal(order, np.argsort(-scores, kind="stable"))


def locked(column):
    column.flags.writeable = False
    return column


@pytest.mark.parametrize(
    "made",
    [
        np.array,
        lambda values: locked(np.array(values)),
        lambda values: np.repeat(values, 2)[::2],
        lambda values: np.array(values, np.int16),
    ],
    ids=["writable", "read-only", "strided", "narrow"],
)
def test_kernels_are_compiled_once_whoever_made_the_arrays(made):
    images, categories, scores, rank = map(made, ([4, 4, 7], [0, 0, 0], [1, 3, 3], [1, 0, 0]))
    order, _ = ranking.order_in_classes(images, categories, scores, rank, 1)
    assert order.tolist() == [1, 2, 0]
    found = replace(table([4, 4, 7], [0, 0, 0], [1, 3, 3]), categories=categories, scores=scores)
    assert ranking.rank_predictions(replace(found, images=images))[1].tolist() == [1, 0, 0]
    for name in ("order_by_class_and_score", "breaks_ties_by_image", "rank_in_images"):
        assert len(getattr(kernels, name).signatures) == 1, name


def test_classes_that_are_not_there_are_refused():
    columns = np.array([0, 1]), np.array([0, 6]), np.ones(2), np.zeros(2)
    with pytest.raises(ValueError, match="run from 0 to 6, but there are 6 classes"):
        ranking.order_in_classes(*columns, 6)
    with pytest.raises(ValueError, match="run from -1 to 1"):
        ranking.rank_predictions(table([0, 0], [-1, 1], [0.5, 0.5]))
    with pytest.raises(ValueError, match="do not ascend"):
        ranking.rank_predictions(table([1, 0], [0, 0], [0.5, 0.5]))
