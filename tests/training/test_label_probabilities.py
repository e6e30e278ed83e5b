"""Probabilities of image labels from a system into the store, or refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.training import fake

REJECTED = "SELECT place, stage, message FROM rejected WHERE run_id = $run"


def spoil(bench, index: int, corner: tuple[int, int, int]) -> None:
    pixels = fake.colours(index)
    pixels[0, 0] = corner
    Image.fromarray(pixels).save(bench.images / f"{index}.png")


def test_probabilities_are_stored_as_the_system_gave_them(bench) -> None:
    assert bench.predict() == 0
    stored = bench.ask(
        "SELECT probabilities FROM prediction_label WHERE run_id = $run ORDER BY image_id"
    )
    expected = [(fake.colours(index) > 127).mean(axis=(0, 1)) for index in range(10)]
    assert np.array([row[0] for row in stored]).tobytes() == np.array(expected).tobytes()
    assert bench.ask("SELECT has_labels FROM run WHERE run_id = $run") == [(True,)]


OUTSIDE = "the system gave a probability outside 0 to 1"
TOLD = dict(
    zip(
        fake.ODD_PROBABILITIES,
        (OUTSIDE, "the system gave probabilities of shape (4,) for 3 classes", OUTSIDE, OUTSIDE),
        strict=True,
    )
)


@pytest.mark.parametrize("corner", TOLD, ids=["not a number", "one too many", "above", "below"])
def test_probabilities_that_are_none_cost_their_image_alone(bench, corner) -> None:
    spoil(bench, 3, corner)
    assert bench.predict() == 0
    assert bench.ask(REJECTED) == [("3.png", "infer", TOLD[corner])]
    assert len(bench.ask("SELECT 1 FROM prediction_label WHERE run_id = $run")) == 9
