"""TIDE's repairs written plainly: one list of predictions at a time, AP from its definition."""

from __future__ import annotations

import numpy as np

from core.structures import ObjectTable
from tests.core.metrics import reference

REPAIRS = ("classification", "localisation", "both", "duplicate", "background", "missed")


def ap50_of(
    truth: ObjectTable, predicted: ObjectTable, overlaps: np.ndarray, kinds: list[str]
) -> dict[str, dict[int, float | None]]:
    """Return AP50 of each annotated class before ("") and after each repair; None: left out.

    Args:
        truth: annotations.
        predicted: predictions.
        overlaps: of each prediction with each annotation.
        kinds: of each prediction.
    """
    chosen, _ = reference.match(truth, predicted, overlaps, 0, 0.5)
    hit_rows = {int(chosen[i]) for i, kind in enumerate(kinds) if kind == "hit"}
    aims = [_aim(i, kinds[i], truth, predicted, overlaps) for i in range(len(predicted))]
    unfound = [j for j in range(len(truth)) if not truth.crowd[j] and j not in hit_rows]
    winner = {j: _surest(j, aims, predicted) for j in unfound if j in aims}
    asked = {int(c): 0 for c in truth.categories[~truth.crowd]}
    for c in truth.categories[~truth.crowd].tolist():
        asked[c] += 1
    everything = [i for i, kind in enumerate(kinds) if kind != "ignored"]
    right = {i: int(predicted.categories[i]) for i in everything if kinds[i] == "hit"}
    answers = {"": _ap_of_classes(predicted, everything, right, asked)}
    for repair in REPAIRS[:-1]:
        mended = {i: int(truth.categories[j]) for j, i in winner.items() if kinds[i] == repair}
        kept = [i for i in everything if kinds[i] != repair or i in mended]
        answers[repair] = _ap_of_classes(predicted, kept, {**right, **mended}, asked)
    missed = [j for j in unfound if j not in winner]
    answers["missed"] = _ap_of_classes(predicted, everything, right, _less(asked, truth, missed))
    answers["false positives"] = _ap_of_classes(predicted, list(right), right, asked)
    less = _less(asked, truth, unfound)
    answers["false negatives"] = _ap_of_classes(predicted, everything, right, less)
    return answers


def _aim(
    i: int, kind: str, truth: ObjectTable, predicted: ObjectTable, overlaps: np.ndarray
) -> int:
    """Return the annotation that prediction `i` should have hit, or -1."""
    best, aim = 0.0, -1
    for j in range(len(truth)):
        same = truth.categories[j] == predicted.categories[i]
        fits = (kind == "localisation" and same) or (kind == "classification" and not same)
        if fits and not truth.crowd[j] and overlaps[i, j] > best:
            best, aim = overlaps[i, j], j
    return aim


def _surest(annotation: int, aims: list[int], predicted: ObjectTable) -> int:
    """Return the prediction with the highest score of those that aim at an annotation."""
    aiming = [i for i, aim in enumerate(aims) if aim == annotation]
    return max(aiming, key=lambda i: (predicted.scores[i], -i))


def _less(asked: dict[int, int], truth: ObjectTable, gone: list[int]) -> dict[int, int]:
    return {c: n - sum(truth.categories[j] == c for j in gone) for c, n in asked.items()}


def _ap_of_classes(
    predicted: ObjectTable, kept: list[int], right: dict[int, int], asked: dict[int, int]
) -> dict[int, float | None]:
    """Return AP of each class: `right` are the predictions that hit, and in which class."""
    answers: dict[int, float | None] = {}
    for category, count in asked.items():
        own = [i for i in kept if right.get(i, int(predicted.categories[i])) == category]
        own.sort(
            key=lambda i: (-predicted.scores[i], predicted.images[i], reference.rank(predicted, i))
        )
        if not count:
            answers[category] = 0.0 if own else None
            continue
        hits = np.array([i in right for i in own], bool)
        points, _ = reference.precision_and_recall(hits, np.zeros(len(own), bool), count)
        answers[category] = float(points.mean())
    return answers
