"""How much of the union of each class is wrong, by where the wrong pixels lie.

With the IoU of the class the shares of `pixel_errors.KINDS` make 1, and so do their means with the
mean IoU: what one system gains on another in mean IoU, it loses of these (Bernhard et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.pixel import protocol_mean
from core.metrics.pixel_errors import loss_shares

Scores = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ErrorTally:
    """Pixels of C classes by what became of them; K is `pixel_errors.KINDS`.

    Attributes:
        hits: (..., C) pixels of the class in the annotation and in the prediction.
        missed: (..., C, K) in the annotation alone, by kind.
        added: (..., C, K) in the prediction alone, by kind.
    """

    hits: Counts
    missed: Counts
    added: Counts

    @property
    def truth(self) -> Counts:
        """Return (..., C) pixels of the class in the annotation."""
        total: Counts = self.hits + self.missed.sum(axis=-1)
        return total

    def of_classes(self, classes: NDArray[np.int64]) -> ErrorTally:
        """Return the tally of some of its classes."""
        parts = self.missed[..., classes, :], self.added[..., classes, :]
        return ErrorTally(self.hits[..., classes], *parts)


def error_shares(tally: ErrorTally) -> Scores:
    """Return (..., C, K) the share of each class's union that is wrong; NaN without a union."""
    return loss_shares(tally.missed, tally.added, tally.truth + tally.added.sum(axis=-1))


def mean_error_shares(tally: ErrorTally, protocol: str) -> Scores:
    """Return (..., K) the mean over the classes, by one of `PIXEL_PROTOCOLS` as `pixel.mean_iou`.

    Args:
        tally: (..., C); for the protocol "per-image" (..., I, C).
        protocol: its name.
    """
    kinds = np.moveaxis(error_shares(tally), -1, 0)
    means = [protocol_mean(shares, tally.truth, protocol) for shares in kinds]
    return np.stack(means, axis=-1)
