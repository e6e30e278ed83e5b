"""Sums of confusion counts over chosen images."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sum_images(
    places: NDArray[np.int64],
    starts: NDArray[np.int64],
    truth: NDArray[np.int16],
    predicted: NDArray[np.int16],
    pixels: NDArray[np.int64],
    sums: NDArray[np.int64],
    holding: NDArray[np.int64],
) -> None:
    """Add the rows of some images to the cell of their classes.

    Args:
        places: (P,) which images, each once.
        starts: (I + 1,) first row of each image, and the end of the last.
        truth: (N,) class index of the annotation, ascending within an image.
        predicted: (N,) class index of the prediction, -1 where it gave none.
        pixels: (N,) pixels of the pair.
        sums: (C, C + 1) what is added to; the first column is of pixels without a prediction.
        holding: (C,) on how many of the images the truth holds the class, added to.
    """
    for place in places:
        last = -1
        for row in range(starts[place], starts[place + 1]):
            sums[truth[row], predicted[row] + 1] += pixels[row]
            if truth[row] != last:
                last = truth[row]
                holding[last] += 1
