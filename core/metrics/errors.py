"""Kinds of error of a prediction, by TIDE's definitions (Bolya et al. 2020; tidecv 1.0.1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

FOREGROUND_IOU: Final = 0.5
BACKGROUND_IOU: Final = 0.1


class Kind(StrEnum):
    """How a prediction fared at IoU .5, or an annotation that no prediction found."""

    HIT = "hit"
    IGNORED = "ignored"
    LOCALISATION = "localisation"
    CLASSIFICATION = "classification"
    DUPLICATE = "duplicate"
    BACKGROUND = "background"
    BOTH = "both"
    MISSED = "missed"


DESCRIPTIONS: Final[dict[Kind, str]] = {
    Kind.HIT: "Right: the class is right and the overlap with the object is at least .5.",
    Kind.IGNORED: (
        "Not counted: it fell on a crowd region, or a hundred predictions of its class "
        "in the image score higher."
    ),
    Kind.LOCALISATION: "Right class, wrong place: the overlap with the object is from .1 to .5.",
    Kind.CLASSIFICATION: "Right place, wrong class: it overlaps an object of another class by .5.",
    Kind.DUPLICATE: "A second prediction of an object that a higher-scored one already hit.",
    Kind.BACKGROUND: "Nothing is there: no object overlaps it by more than .1.",
    Kind.BOTH: "Wrong class and wrong place: it overlaps an object of another class by .1 to .5.",
    Kind.MISSED: "An annotated object that no prediction hit.",
}


def kinds_of_error(
    hit: NDArray[np.bool_],
    ignored: NDArray[np.bool_],
    same: NDArray[np.float64],
    other: NDArray[np.float64],
) -> NDArray[np.str_]:
    """Return the `Kind` of each of P predictions, shape (P,).

    Hits and ignored predictions are those of COCO's matching (IoU .5, every area), so that the
    kinds add up to the counts behind AP50. For the rest TIDE's questions are asked in tidecv's
    order, bounds included as there: an overlap of exactly .5 with an object that was already hit
    is a localisation error. TIDE differs in three ways: it also gives a kind of error to
    predictions that a crowd region excuses; its crowd region must be overlapped by more than .5,
    COCO's by at least .5; and it keeps the best hundred of an image, COCO those of each class.

    Args:
        hit: (P,) matched an annotation that counts.
        ignored: (P,) neither right nor wrong.
        same: (P,) highest overlap with an annotation of the same class, crowd regions left out.
        other: (P,) highest overlap with an annotation of another class, likewise.
    """
    # An object of the same class that is overlapped by .5 or more was taken by a prediction with
    # a higher score, else this one would have matched it: `same` alone tells a duplicate.
    kinds = np.select(
        [
            hit,
            ignored,
            (same >= BACKGROUND_IOU) & (same <= FOREGROUND_IOU),
            other >= FOREGROUND_IOU,
            same >= FOREGROUND_IOU,
            np.maximum(same, other) <= BACKGROUND_IOU,
        ],
        [
            Kind.HIT.value,
            Kind.IGNORED.value,
            Kind.LOCALISATION.value,
            Kind.CLASSIFICATION.value,
            Kind.DUPLICATE.value,
            Kind.BACKGROUND.value,
        ],
        Kind.BOTH.value,
    )
    return kinds.astype(np.str_, copy=False)
