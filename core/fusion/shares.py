"""How much each member of an ensemble has to say about each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# how far shares follow scores: 0 not at all, then more and more; the best alone at the end
EXPONENTS = (0.0, 1.0, 2.0, 4.0, float("inf"))


def shares_of(scores: NDArray[np.float64], exponent: float, floor: float) -> NDArray[np.float64]:
    """Return the share of each of M members in each of C classes, (M, C); columns sum to 1.

    A share grows with the score to the power of the exponent: 0 gives all the same, infinity
    everything to the best, of equals to the first. Members that score below the floor in a class
    have no share in it. Where nobody reaches the floor, or the class was not to be scored, all
    share alike: nothing is known there.

    Args:
        scores: (M, C) of each member on images it is not used on; NaN where there is none.
        exponent: 0 or more.
        floor: least score with a share, a fraction.
    """
    known = np.where(np.isnan(scores), 0.0, scores)
    known = np.where(known >= floor, known, 0.0)
    best = known.max(axis=0)
    if np.isinf(exponent):
        chosen = np.arange(len(known))[:, np.newaxis] == known.argmax(axis=0)
        strengths = np.where(chosen, known, 0.0)
    else:
        # by parts of the best, as powers of small scores vanish
        parts = np.divide(known, best, out=np.zeros_like(known), where=best > 0)
        strengths = np.where(parts > 0, parts**exponent, 0.0)
    strengths = np.where(best > 0, strengths, 1.0)
    return np.asarray(strengths / strengths.sum(axis=0))
