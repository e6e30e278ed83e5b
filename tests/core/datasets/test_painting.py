"""Colours and light."""

from dataclasses import replace

import numpy as np
import pytest

from core.datasets import painting
from core.datasets.recipes import SCENES

PLAIN = replace(SCENES[0], noise=0.0)


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_an_object_stands_out_and_leaves_the_rest_alone(grey):
    covered = np.zeros((20, 20), np.float32)
    covered[:, 10:] = 1
    for seed in range(30):
        canvas = np.full((20, 20, 3), grey, np.float32)
        name = painting.paint(canvas, covered, 0.4, np.random.default_rng(seed))
        assert name in painting.COLOURS
        assert (canvas[:, :10] == np.float32(grey)).all()
        # opacity and light take a little of the contrast
        assert np.abs(canvas[:, 10:].mean(axis=(0, 1)) - grey).max() > 0.25


def test_a_darkened_photograph_is_darker_and_says_so():
    canvas = np.full((8, 8, 3), 0.8, np.float32)
    rng = np.random.default_rng(0)
    pixels, _, dark = painting.photograph(canvas, replace(PLAIN, dark=1.0), rng)
    assert dark
    assert 0.3 * 0.8 * 255 - 1 <= pixels.min() <= pixels.max() <= 0.5 * 0.8 * 255 + 1
    pixels, _, dark = painting.photograph(canvas, replace(PLAIN, dark=0.0), rng)
    assert not dark
    assert (pixels == 204).all()


def test_blur_is_told_apart():
    canvas = np.zeros((32, 32, 3), np.float32)
    canvas[:, 16:] = 1
    for blurred, sharp in ((1.0, False), (0.0, True)):
        recipe = replace(PLAIN, blurred=blurred)
        pixels, sigma, _ = painting.photograph(canvas, recipe, np.random.default_rng(1))
        assert (sigma < 0.8) == sharp
        assert (np.diff(pixels[16, :, 0].astype(int)).max() > 150) == sharp


def test_a_backdrop_avoids_blank_crops():
    blank = np.zeros((200, 200, 3), np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    found = [
        painting.backdrop((blank, noise), PLAIN, 64, 48, np.random.default_rng(seed))
        for seed in range(30)
    ]
    assert {canvas.shape for canvas in found} == {(64, 48, 3)}
    assert sum(canvas.std() > 0 for canvas in found) >= 28
