"""Annotations that several systems contradict with one voice: missing, of a wrong class, spurious.

A label error is where systems agree with each other and not with the annotation. Systems that
learnt from the same data can share a mistake, so this is a list to look at, no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.errors import BACKGROUND_IOU, FOREGROUND_IOU
from core.metrics.overlap import Geometry, Pairs, overlapping_pairs
from core.structures import ObjectTable


class Suspicion(StrEnum):
    """What may be wrong with an annotation."""

    MISSING = "missing"
    WRONG_CLASS = "wrong class"
    SPURIOUS = "spurious"


DESCRIPTIONS: Final[dict[Suspicion, str]] = {
    Suspicion.MISSING: "Systems agree on an object where nothing is annotated.",
    Suspicion.WRONG_CLASS: "Systems agree on another class for what is annotated.",
    Suspicion.SPURIOUS: "No system finds what is annotated, at any score and as any class.",
}


@dataclass(frozen=True, eq=False)
class Suspect:
    """Predictions that agree with each other against the annotation.

    Attributes:
        kind: what may be wrong.
        members: rows of the predictions that agree, the surest first, one a run.
        annotation: row of the annotation that they contradict, or -1 where it is missing.
        confidence: mean of their scores.
    """

    kind: Suspicion
    members: tuple[int, ...]
    annotation: int
    confidence: float


def agreeing_predictions(
    predicted: ObjectTable, runs: NDArray[np.int64], geometry: Geometry, least_runs: int
) -> list[tuple[int, ...]]:
    """Return groups of predictions of one image and class, one a run, that overlap each other.

    Taken by score: the surest prediction that is still free gathers, best overlap first, those of
    other runs that overlap all gathered so far by at least .5. A group of fewer than `least_runs`
    is let go, and its predictions stay free for others.

    Args:
        predicted: of all runs, images ascending.
        runs: (P,) which run each is of.
        geometry: compare boxes or masks.
        least_runs: how many runs make a group.

    Returns:
        Rows of each group, the one that gathered first; the surest group first.
    """
    if predicted.scores is None:
        raise ValueError("predictions need scores; this table has none")
    near = _neighbours(predicted, runs, overlapping_pairs(predicted, predicted, geometry))
    used: set[int] = set()
    groups = []
    for seed in np.argsort(-predicted.scores, kind="stable").tolist():
        if seed in used:
            continue
        group = _gathered(seed, near, used)
        if len(group) >= least_runs:
            used.update(group)
            groups.append(tuple(group))
    return groups


def contradicted(
    truth: ObjectTable,
    predicted: ObjectTable,
    runs: NDArray[np.int64],
    geometry: Geometry,
    least_runs: int,
) -> list[Suspect]:
    """Return where predictions of several runs agree on an object that is not annotated so.

    An object is missing where no prediction of the group overlaps any annotation by more than .1
    (TIDE's limit of the background). A class is wrong where `least_runs` of the group overlap
    one annotation of another class by at least .5, and none of the group overlaps an annotation
    or a crowd region of its own class by that.

    Args:
        truth: annotations, images ascending.
        predicted: of all runs, those sure enough to count; images ascending.
        runs: (P,) which run each is of.
        geometry: compare boxes or masks.
        least_runs: how many runs must agree.

    Returns:
        The one with the highest confidence first.
    """
    groups = agreeing_predictions(predicted, runs, geometry, least_runs)
    pairs = overlapping_pairs(truth, predicted, geometry)
    found = [_suspect(group, truth, predicted, pairs, least_runs) for group in groups]
    suspects = [each for each in found if each is not None]
    return sorted(suspects, key=lambda each: -each.confidence)


def unseen(
    truth: ObjectTable, predicted: Sequence[ObjectTable], geometry: Geometry
) -> NDArray[np.int64]:
    """Return the annotations that no prediction of any class overlaps by at least .5.

    Args:
        truth: annotations, images ascending.
        predicted: of each run, all scores; images ascending.
        geometry: compare boxes or masks.

    Returns:
        Rows of `truth`, the largest area first; crowd regions are left out.
    """
    alone = ~truth.crowd
    for table in predicted:
        pairs = overlapping_pairs(truth, table, geometry)
        alone[pairs.rows[pairs.overlaps >= FOREGROUND_IOU]] = False
    rows = np.flatnonzero(alone)
    largest: NDArray[np.int64] = rows[np.argsort(-truth.areas[rows], kind="stable")]
    return largest


_Neighbours = list[dict[int, float]]


def _neighbours(predicted: ObjectTable, runs: NDArray[np.int64], pairs: Pairs) -> _Neighbours:
    """Return what each prediction could agree with, and the overlap: its row to IoU."""
    own, other = pairs.predictions, pairs.rows
    close = (
        (pairs.overlaps >= FOREGROUND_IOU)
        & (predicted.categories[own] == predicted.categories[other])
        & (runs[own] != runs[other])
    )
    near: _Neighbours = [{} for _ in range(len(predicted))]
    rows = (own[close].tolist(), other[close].tolist(), pairs.overlaps[close].tolist())
    for first, second, overlap in zip(*rows, strict=True):
        near[first][second] = overlap
    return near


def _gathered(seed: int, near: _Neighbours, used: set[int]) -> list[int]:
    """Return the seed and the free predictions that agree with it and with each other."""
    group = [seed]
    for row in sorted(near[seed], key=lambda row: (-near[seed][row], row)):
        fits = all(row in near[member] for member in group)
        if row not in used and fits:
            group.append(row)
    return group


def _suspect(
    group: tuple[int, ...],
    truth: ObjectTable,
    predicted: ObjectTable,
    pairs: Pairs,
    least_runs: int,
) -> Suspect | None:
    """Return what a group contradicts, or None if nothing."""
    assert predicted.scores is not None  # noqa: S101 - `agreeing_predictions` refused it
    overlaps = [(row, overlap) for member in group for row, overlap in _pairs_of(pairs, member)]
    confidence = float(predicted.scores[list(group)].mean())
    if all(overlap <= BACKGROUND_IOU for _, overlap in overlaps):
        return Suspect(Suspicion.MISSING, group, -1, confidence)
    over = [(row, overlap) for row, overlap in overlaps if overlap >= FOREGROUND_IOU]
    own_class = predicted.categories[group[0]]
    if any(truth.categories[row] == own_class for row, _ in over):
        return None
    voices: dict[int, list[float]] = {}
    for row, overlap in over:
        voices.setdefault(row, []).append(overlap)
    enough = {row: (len(v), sum(v)) for row, v in voices.items() if len(v) >= least_runs}
    if not enough:
        return None
    annotation = max(sorted(enough), key=lambda row: enough[row])
    return Suspect(Suspicion.WRONG_CLASS, group, annotation, confidence)


def _pairs_of(pairs: Pairs, prediction: int) -> Iterator[tuple[int, float]]:
    """Yield the annotations that a prediction overlaps, and by how much."""
    span = slice(pairs.starts[prediction], pairs.starts[prediction + 1])
    yield from zip(pairs.rows[span].tolist(), pairs.overlaps[span].tolist(), strict=True)
