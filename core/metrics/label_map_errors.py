"""Classes of label maps that several systems contradict with one voice, from confusion counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.image_labels import LEAST_PIXELS
from core.metrics.label_errors import Suspicion

NO_CLASS: Final = -1


@dataclass(frozen=True)
class SuspectClass:
    """A class of an image that label maps agree on against the annotation.

    Attributes:
        kind: what may be wrong.
        annotated: class index, or `NO_CLASS` where it is missing.
        suggested: class index, or `NO_CLASS` where the annotation is spurious.
        runs: how many agree.
        confidence: mean, over those that agree, of the share of the annotated class's pixels that
            they give the suggested class; of a missing class of all labelled pixels. NaN of a
            spurious one.
    """

    kind: Suspicion
    annotated: int
    suggested: int
    runs: int
    confidence: float


def contradicted_classes(
    counts: NDArray[np.int64], least_runs: int, background: int | None
) -> list[SuspectClass]:
    """Return the classes of one image that systems contradict, by their summed pixels.

    A class is wrong where at least `least_runs` give the same other class, not the background,
    to more than half of its pixels; missing where so many predict `LEAST_PIXELS` of a class that
    has no pixel there, and it is not suggested already; spurious where it has `LEAST_PIXELS`, no
    run predicts a single pixel of it, and no other class is suggested for it.

    Args:
        counts: (R, C, C + 1) pixels [run, truth, prediction]; the last column takes those without
            an answer.
        least_runs: how many runs must agree.
        background: class index that means "nothing", which is never missing, spurious or suggested,
            or None.

    Returns:
        The wrong ones, then the missing, then the spurious, by class index.
    """
    annotated = counts[0].sum(axis=1)
    predicted = counts[:, :, :-1].sum(axis=1)
    wrong = _wrong(counts[:, :, :-1], annotated, least_runs, background)
    suggested = {each.suggested for each in wrong}
    contested = {each.annotated for each in wrong}
    found = wrong
    for index in range(len(annotated)):
        shows = predicted[:, index] >= LEAST_PIXELS
        if index == background:
            continue
        if annotated[index] == 0 and shows.sum() >= least_runs and index not in suggested:
            share = float((predicted[shows, index] / annotated.sum()).mean())
            found.append(SuspectClass(Suspicion.MISSING, NO_CLASS, index, int(shows.sum()), share))
    for index in np.flatnonzero(annotated >= LEAST_PIXELS).tolist():
        if index != background and index not in contested and not predicted[:, index].any():
            found.append(
                SuspectClass(Suspicion.SPURIOUS, index, NO_CLASS, len(counts), float("nan"))
            )
    return found


def _wrong(
    answered: NDArray[np.int64],
    annotated: NDArray[np.int64],
    least_runs: int,
    background: int | None,
) -> list[SuspectClass]:
    """Return the classes most of whose pixels systems give to another one."""
    found = []
    for truth in np.flatnonzero(annotated >= LEAST_PIXELS).tolist():
        most = 2 * answered[:, truth] > annotated[truth]
        for other in np.flatnonzero(most.sum(axis=0) >= least_runs).tolist():
            if other in (truth, background):
                continue
            agreeing = most[:, other]
            share = float((answered[agreeing, truth, other] / annotated[truth]).mean())
            found.append(
                SuspectClass(Suspicion.WRONG_CLASS, truth, other, int(agreeing.sum()), share)
            )
    return found
