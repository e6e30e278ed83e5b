"""What a system loses on images that it did not learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

OVERFIT_GAP = 0.1  # of a score, from which on a class is learnt by heart
OVERFIT_IMAGES = 10  # with the class, on either split: below it too little is known


def generalization_gap(learnt: Any, elsewhere: Any, *, higher_is_better: bool = True) -> Any:  # noqa: ANN401 - a number or an array
    """Return how much better a score is on images that were learnt from than elsewhere.

    The difference of the empirical and the expected performance (Goodfellow et al. 2016, section
    5.2), both measured; positive where the system does worse elsewhere.

    Args:
        learnt: the score there, a number or an array.
        elsewhere: of the same system on other images.
        higher_is_better: the direction of the score.
    """
    return learnt - elsewhere if higher_is_better else elsewhere - learnt


def overfits(
    gaps: ArrayLike, sure: ArrayLike, images_learnt: ArrayLike, images_elsewhere: ArrayLike
) -> NDArray[np.bool_]:
    """Return which classes a system has learnt by heart, (C,).

    Those whose gap is wide enough to matter (`OVERFIT_GAP`) and wider than chance makes it, where
    at least `OVERFIT_IMAGES` images of either split show the class.

    Args:
        gaps: (C,) of `generalization_gap`; NaN where a split has no score.
        sure: (C,) whether p, corrected over the classes, is below `significance.LEVEL`.
        images_learnt: (C,) images with the class that were learnt from.
        images_elsewhere: (C,) on the other split.
    """
    enough = np.minimum(images_learnt, images_elsewhere) >= OVERFIT_IMAGES
    wide = np.asarray(gaps, np.float64) >= OVERFIT_GAP
    return np.asarray(enough & wide & np.asarray(sure, np.bool_), np.bool_)
