"""Which candidates make an ensemble, with which shares, by its score on one split.

Members are taken in one by one (forward selection: Caruana, Niculescu-Mizil, Crew and Ksikes 2004,
"Ensemble selection from libraries of models"), then the shares and the overlap are chosen from a
small grid. What is chosen on a split flatters itself there: report scores of another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.fusion.recipe import MapVoting, ObjectFusion, Shares
from core.fusion.shares import EXPONENTS, shares_of
from training.ensemble_candidates import Candidates, leaves_blank

OVERLAPS = (0.4, 0.5, 0.6, 0.7)
# by which members are taken in; the grid is tried on those afterwards
FIRST_EXPONENT, FIRST_OVERLAP = 1.0, 0.5

Rule = TypeVar("Rule", ObjectFusion, MapVoting)
Step = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """When a candidate is left out.

    Attributes:
        floor: least score of a class, AP or IoU, that gives a share in it; a fraction.
        gain: by how much a further member has to improve the score; a fraction.
    """

    floor: float
    gain: float


@dataclass(frozen=True)
class Chosen(Generic[Rule]):
    """What the search found.

    Attributes:
        members: places of the members among the candidates, in the order they were taken in.
        rule: with shares for all candidates.
        scores: metric to fraction, of the ensemble on the split.
    """

    members: tuple[int, ...]
    rule: Rule
    scores: dict[str, float]


def search_objects(
    candidates: Candidates, limits: Limits, step: Step
) -> Chosen[ObjectFusion] | None:
    """Return how objects are best fused, or None where no candidate or annotation has any.

    Where a candidate draws masks, so does the ensemble, and the mean of box and mask AP is the
    score; else box AP is.
    """
    places = [place for place, each in enumerate(candidates.runs) if each.has_objects]
    drawing = [place for place in places if candidates.runs[place].run["has_masks"]]
    if not places or not len(candidates.truth):
        return None
    masks = bool(drawing) and candidates.truth.masks is not None
    quality = np.stack([each.class_ap for each in candidates.runs])

    def rule(members: Sequence[int], exponent: float, least_iou: float) -> ObjectFusion:
        shares = _shares(quality, members, exponent, limits.floor)
        return ObjectFusion(masks, least_iou, _told(exponent), shares)

    def judge(one: ObjectFusion) -> dict[str, float]:
        return candidates.score_objects(one)

    members = _select(
        places,
        drawing if masks else places,
        lambda chosen: _mean(judge(rule(chosen, FIRST_EXPONENT, FIRST_OVERLAP))),
        limits.gain,
        lambda place, score: step(f"objects: {candidates.runs[place].name} {_percent(score)}"),
    )
    grid = [rule(members, exponent, overlap) for exponent in EXPONENTS for overlap in OVERLAPS]
    return Chosen(members, *_best(grid, judge))


def search_maps(candidates: Candidates, limits: Limits, step: Step) -> Chosen[MapVoting] | None:
    """Return how label maps are best voted on by mean IoU, or None where nothing can vote."""
    places = [place for place, each in enumerate(candidates.runs) if each.ballots]
    if not places:
        return None
    quality = np.stack([each.class_iou for each in candidates.runs])
    blank = leaves_blank(candidates.dataset)

    def rule(members: Sequence[int], exponent: float, *, certainty: bool) -> MapVoting:
        shares = _shares(quality, members, exponent, limits.floor)
        return MapVoting(certainty, blank, _told(exponent), shares)

    def judge(one: MapVoting) -> dict[str, float]:
        return candidates.score_maps(one)

    members = _select(
        places,
        places,
        lambda chosen: _mean(judge(rule(chosen, FIRST_EXPONENT, certainty=False))),
        limits.gain,
        lambda place, score: step(f"label maps: {candidates.runs[place].name} {_percent(score)}"),
    )
    grid = [
        rule(members, exponent, certainty=certainty)
        for exponent in EXPONENTS
        for certainty in (False, True)
    ]
    return Chosen(members, *_best(grid, judge))


def _select(
    places: Sequence[int],
    starters: Sequence[int],
    score: Callable[[tuple[int, ...]], float],
    gain: float,
    taken: Callable[[int, float], None],
) -> tuple[int, ...]:
    """Take in whoever improves the score most, one by one; of equals the first candidate."""
    chosen: tuple[int, ...] = ()
    best = -math.inf
    while rest := [place for place in (places if chosen else starters) if place not in chosen]:
        scores = [score((*chosen, place)) for place in rest]
        top = max(scores)
        if chosen and not top > best + gain:
            break
        best = top
        chosen = (*chosen, rest[scores.index(top)])
        taken(chosen[-1], best)
    return chosen


def _best(
    rules: Iterable[Rule], judge: Callable[[Rule], dict[str, float]]
) -> tuple[Rule, dict[str, float]]:
    """Return the rule with the highest mean score, of equals the first, and its scores."""
    judged = [(rule, judge(rule)) for rule in rules]
    return max(judged, key=lambda pair: _mean(pair[1]))


def _shares(
    quality: NDArray[np.float64], members: Sequence[int], exponent: float, floor: float
) -> Shares:
    """Return the shares of all candidates; those that are no members have none."""
    shares = np.zeros_like(quality)
    shares[list(members)] = shares_of(quality[list(members)], exponent, floor)
    return tuple(tuple(map(float, row)) for row in shares)


def _mean(scores: dict[str, float]) -> float:
    return float(np.mean(list(scores.values())))


def _told(exponent: float) -> float | str:
    return "best" if math.isinf(exponent) else exponent


def _percent(score: float) -> str:
    return f"{100 * score:.1f} %"
