"""What class-balanced sampling does: how often a training sees each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.metrics.balance import expected_draws
from core.store.training_rows import ClassDraws
from core.structures import BACKGROUND_NAME, Dataset


def class_draws(
    dataset: Dataset, counts: NDArray[np.int64], weights: NDArray[np.float64]
) -> list[ClassDraws]:
    """Return how often an epoch of as many draws as there are images shows each class.

    Args:
        dataset: the N images that are learnt from.
        counts: (N, L) how much of each class an image shows, in pixels or objects; L is the number
            of classes, or one more where maps are painted with a background.
        weights: (N,) probability that a draw is of the image, summing to 1.
    """
    names = [*(category.name for category in dataset.categories), BACKGROUND_NAME]
    images, drawn = expected_draws(counts > 0, weights)
    return [
        ClassDraws(index, names[index], int(images[index]), float(drawn[index]))
        for index in range(counts.shape[1])
    ]
