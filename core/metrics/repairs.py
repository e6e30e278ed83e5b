"""What AP50 would be without one kind of error (dAP of TIDE, Bolya et al. 2020; tidecv 1.0.1).

A wrong class or place is repaired by letting the highest-scored such prediction of an annotation
hit it; other wrong predictions are taken away; a missed annotation is no longer asked for.
Nothing is matched anew, as in tidecv.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics.detection import RECALL_POINTS, MatchRows
from core.metrics.errors import Kind
from core.metrics.matching import MAX_RANK
from core.metrics.overlap import Pairs
from core.metrics.ranking import order_in_classes

Scores = NDArray[np.float64]


class Repair(StrEnum):
    """What is repaired: one kind of error, or all of one side."""

    CLASSIFICATION = "classification"
    LOCALISATION = "localisation"
    BOTH = "both"
    DUPLICATE = "duplicate"
    BACKGROUND = "background"
    MISSED = "missed"
    FALSE_POSITIVES = "false positives"
    FALSE_NEGATIVES = "false negatives"


REPAIRS: Final[dict[Repair, str]] = {
    Repair.CLASSIFICATION: "The surest prediction of an object with a wrong class gets its class.",
    Repair.LOCALISATION: "The surest prediction of an object with a poor overlap gets a right one.",
    Repair.BOTH: "Predictions with both wrong class and wrong place are taken away.",
    Repair.DUPLICATE: "Second predictions of an object that is found are taken away.",
    Repair.BACKGROUND: "Predictions where nothing is are taken away.",
    Repair.MISSED: "Objects that no prediction comes near are no longer asked for.",
    Repair.FALSE_POSITIVES: "All wrong predictions are taken away.",
    Repair.FALSE_NEGATIVES: "Every object that was not hit is no longer asked for.",
}


@dataclass(frozen=True, eq=False)
class Judged:
    """P predictions with their kinds of error, and the N annotations that count.

    Attributes:
        rows: matches of the predictions, by image and inside it in the order of the file.
        kinds: (P,) values of `errors.Kind`.
        targets: (P,) annotation that a repair of class or place would make it hit, from 0 to
            N - 1, or -1; see `repair_targets`.
        classes: (N,) class index of each annotation, crowd regions left out.
        found: (N,) whether a prediction hits it at IoU .5.
    """

    rows: MatchRows
    kinds: NDArray[np.str_]
    targets: NDArray[np.int64]
    classes: NDArray[np.int32]
    found: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Repaired:
    """AP50 before and after each repair.

    Attributes:
        before: (C,) AP50 of each class, NaN for classes never annotated.
        after: (C,) the same after each repair; NaN too where nothing is left of a class.
        errors: (C,) how many errors each repair mends, by the class of the prediction, or of the
            annotation where it was not found.
    """

    before: Scores
    after: dict[Repair, Scores]
    errors: dict[Repair, NDArray[np.int64]]

    def gain(self, repair: Repair, classes: NDArray[np.int64] | slice = slice(None)) -> float:
        """Return what a repair adds to the mean AP50 of some classes; NaN if none is annotated.

        As in tidecv it is never below 0: where it would be, the 101 recall points fell otherwise.
        """
        before, after = self.before[classes], self.after[repair][classes]
        if np.isnan(before).all():
            return float("nan")
        reached = 0.0 if np.isnan(after).all() else float(np.nanmean(after))
        return max(reached - float(np.nanmean(before)), 0.0)


def repair_targets(
    pairs: Pairs,
    same_class: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    kinds: NDArray[np.str_],
) -> NDArray[np.int64]:
    """Return which row of the annotations each prediction aims at, (P,), or -1.

    A localisation error aims at the annotation of its class that it overlaps most, a
    classification error at that of another class; the first of equals. Others aim at none.

    Args:
        pairs: of P predictions and all annotations.
        same_class: whether the two of each pair are of one class.
        crowd: of the annotations; nothing aims at a crowd region.
        kinds: (P,) values of `errors.Kind`.
    """
    predictions = pairs.predictions
    wanted = np.where(
        same_class,
        (kinds == Kind.LOCALISATION)[predictions],
        (kinds == Kind.CLASSIFICATION)[predictions],
    )
    chosen = np.flatnonzero(wanted & ~crowd[pairs.rows])
    order = chosen[np.lexsort((-pairs.overlaps[chosen], predictions[chosen]))]
    aiming, first = np.unique(predictions[order], return_index=True)
    targets = np.full(len(kinds), -1, np.int64)
    targets[aiming] = pairs.rows[order[first]]
    return targets


def repaired(judged: Judged, class_count: int) -> Repaired:
    """Return AP50 of each of C classes before and after each repair.

    AP50 is COCO's, over the classes that are annotated. tidecv also averages classes that are
    predicted but never annotated, as 0. As there, a class of which a repair leaves nothing to
    find scores 0 if it has predictions and else leaves the mean.
    """
    winners = _winners(judged)
    usable = np.zeros(len(judged.classes), np.bool_)
    usable[judged.targets[winners]] = True
    asked = np.bincount(judged.classes, minlength=class_count)
    before = _ap50(judged, judged.kinds != Kind.IGNORED, asked)
    after, errors = {}, {}
    for repair in Repair:
        scores, errors[repair] = _after(repair, judged, winners, usable, asked)
        after[repair] = np.where(asked > 0, scores, np.nan)
    return Repaired(np.where(asked > 0, before, np.nan), after, errors)


def _winners(judged: Judged) -> NDArray[np.int64]:
    """Return the predictions that a repair of class or place lets hit.

    Of all predictions of both kinds that aim at an annotation which is not found, the one with
    the highest score, the first in the file of equals: the rest stays without.
    """
    able = np.flatnonzero(judged.targets >= 0)
    able = able[~judged.found[judged.targets[able]]]
    order = able[np.lexsort((-judged.rows.scores[able], judged.targets[able]))]
    _, first = np.unique(judged.targets[order], return_index=True)
    return order[first]


def _after(
    repair: Repair,
    judged: Judged,
    winners: NDArray[np.int64],
    usable: NDArray[np.bool_],
    asked: NDArray[np.int64],
) -> tuple[Scores, NDArray[np.int64]]:
    """Return AP50 of each class after one repair, and how many errors of each it mends."""
    counted = judged.kinds != Kind.IGNORED
    if repair in (Repair.MISSED, Repair.FALSE_NEGATIVES):
        gone = ~judged.found & (~usable if repair == Repair.MISSED else True)
        lost = np.bincount(judged.classes[gone], minlength=len(asked))
        return _ap50(judged, counted, asked - lost), lost
    if repair == Repair.FALSE_POSITIVES:
        hit = judged.kinds == Kind.HIT
        return _ap50(judged, hit, asked), _by_class(judged, counted & ~hit, len(asked))
    wrong = judged.kinds == repair.value
    mended = winners[wrong[winners]]
    kinds, categories = judged.kinds.copy(), judged.rows.categories.copy()
    kinds[mended] = Kind.HIT
    categories[mended] = judged.classes[judged.targets[mended]]
    wrong_still = kinds == repair.value
    mended_rows = replace(judged.rows, categories=categories)
    mended_judged = replace(judged, rows=mended_rows, kinds=kinds)
    errors = _by_class(judged, wrong, len(asked))
    return _ap50(mended_judged, counted & ~wrong_still, asked), errors


def _by_class(judged: Judged, wrong: NDArray[np.bool_], class_count: int) -> NDArray[np.int64]:
    return np.bincount(judged.rows.categories[wrong], minlength=class_count)


def _ap50(judged: Judged, kept: NDArray[np.bool_], asked: NDArray[np.int64]) -> Scores:
    """Return AP50 of each class; without positives 0 if it has predictions, else NaN."""
    from core.metrics.kernels import accumulation

    rows = judged.rows.where(kept)
    order, starts = order_in_classes(
        rows.images, rows.categories, rows.scores, rows.rank, len(asked)
    )
    hits = (judged.kinds[kept] == Kind.HIT)[order].astype(np.uint64)
    precision, _ = accumulation.accumulate_classes(
        starts,
        rows.rank[order],
        hits,
        np.zeros(len(order), np.uint64),
        np.ascontiguousarray(asked[:, None], np.int64),
        np.array([MAX_RANK]),
        1,
        RECALL_POINTS,
    )
    scores: Scores = precision[:, 0, 0, 0].mean(axis=1)
    return np.where(asked > 0, scores, np.where(np.diff(starts) > 0, 0.0, np.nan))
