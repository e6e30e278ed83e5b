"""Masks that are known inside a rectangle, against pycocotools on the whole image."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import rle
from training.masks import encode_crop


def test_a_crop_gives_the_string_of_the_whole_mask() -> None:
    rng = np.random.default_rng(4)
    for _ in range(1500):
        height, width = (int(side) for side in rng.integers(1, 9, 2))
        rows, columns = int(rng.integers(0, height + 1)), int(rng.integers(0, width + 1))
        top, left = (
            int(rng.integers(0, height - rows + 1)),
            int(rng.integers(0, width - columns + 1)),
        )
        crop = rng.random((rows, columns)) < rng.choice([0, 0.2, 0.8, 1])
        whole = np.zeros((height, width), dtype=bool)
        whole[top : top + rows, left : left + columns] = crop
        assert encode_crop(crop, left, top, height, width) == rle.encode(whole)


@pytest.mark.parametrize(("left", "top"), [(-1, 0), (0, -1), (3, 0), (0, 2)])
def test_a_crop_that_leaves_the_image_is_an_error(left: int, top: int) -> None:
    with pytest.raises(
        ValueError, match=r"a crop of 4 x 3 pixels at row .* leaves an image of 5 x 5"
    ):
        encode_crop(np.ones((4, 3), dtype=bool), left, top, 5, 5)
