"""Confidence as bytes: read back as it was quantised, and refused when it is damaged."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import confidence


def cell_means(probabilities: np.ndarray) -> np.ndarray:
    """The definition, cell by cell."""
    height, width = probabilities.shape
    return np.array(
        [
            [probabilities[y : y + 4, x : x + 4].mean() for x in range(0, width, 4)]
            for y in range(0, height, 4)
        ]
    )


@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (5, 4), (3, 9), (192, 160), (37, 101)])
def test_cells_hold_their_mean_to_half_a_step(shape):
    probabilities = np.random.default_rng(1).random(shape).astype(np.float32)
    steps = confidence.quantise(probabilities)
    assert steps.shape == confidence.cells_of(*shape)
    assert np.abs(steps / 255 - cell_means(probabilities)).max() <= 1 / 510 + 1e-6
    np.testing.assert_array_equal(confidence.decode(confidence.encode(steps), *shape), steps)


def test_certain_and_impossible_are_kept_exactly():
    assert set(confidence.quantise(np.ones((7, 11), np.float32)).ravel().tolist()) == {255}
    assert set(confidence.quantise(np.zeros((7, 11), np.float32)).ravel().tolist()) == {0}


def test_a_column_is_not_a_row():
    probabilities = np.zeros((8, 4))
    probabilities[4:] = 1
    assert confidence.quantise(probabilities).tolist() == [[0], [255]]


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros(3),
        np.zeros((0, 4)),
        np.full((2, 2), 1.5),
        np.full((2, 2), np.nan),
        -np.ones((2, 2)),
    ],
    ids=["flat", "empty", "above one", "nan", "negative"],
)
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        confidence.quantise(wrong)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2)), np.zeros(4, np.uint8), np.zeros((0, 1), np.uint8)]
)
def test_only_cells_of_bytes_are_stored(wrong):
    with pytest.raises(ValueError, match="expected"):
        confidence.encode(wrong)


def test_another_size_is_refused():
    blob = confidence.encode(np.zeros((2, 3), np.uint8))
    assert confidence.decode(blob, 5, 12).shape == (2, 3)
    with pytest.raises(ValueError, match=r"2 x 3 cells.*has 3 x 3"):
        confidence.decode(blob, 9, 12)
    with pytest.raises(ValueError, match="has 3 x 2"):
        confidence.decode(blob, 12, 5)


def test_every_damaged_byte_is_noticed():
    steps = np.random.default_rng(2).integers(0, 256, (6, 7), dtype=np.uint8)
    blob = confidence.encode(steps)
    for position in range(len(blob)):
        damaged = bytearray(blob)
        damaged[position] ^= 0x10
        with pytest.raises(ValueError, match="confidence"):
            confidence.decode(bytes(damaged), 24, 28)
    for length in range(len(blob)):
        with pytest.raises(ValueError, match="confidence"):
            confidence.decode(blob[:length], 24, 28)
