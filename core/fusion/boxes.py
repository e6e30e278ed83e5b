"""Objects of several members into one set: weighted box fusion, with masks by majority.

Solovyev, Wang and Gabruseva 2019, "Weighted boxes fusion: ensembling boxes from different object
detection models", with the score scaled by T / N (their equation 6). Two things differ. The
weight of a member depends on the class. And a cluster takes one object of each member, so that
a member's own objects are never merged: one member alone stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.geometry import rle
from core.structures import Boxes, Objects, Rle

MOST_MEMBERS = 64


class _Found(NamedTuple):
    """The objects of all members that have a vote, from the most votes to the fewest."""

    boxes: Boxes
    categories: NDArray[np.int32]
    members: NDArray[np.int64]
    votes: NDArray[np.float64]
    masks: list[Rle | None]


def fuse_objects(
    members: Sequence[Objects],
    shares: NDArray[np.float64],
    least_iou: float,
    *,
    with_masks: bool,
    most: int | None = None,
) -> Objects:
    """Return the objects that the members see together, from high score to low.

    An object has its score times its member's share in its class as votes. From the most votes to
    the fewest (of equals the earlier member's first) each joins the cluster of its class whose
    fused box it overlaps most, or begins one. A fused box is the mean of its boxes by votes; its
    score is the sum of the votes, that is the mean score by shares in which members that see
    nothing count 0. A fused mask holds the pixels that more than half of its masks' votes are
    for; if there are none it is the mask with the most votes.

    Args:
        members: what each of M members found in one image, with scores.
        shares: (M, C) of each member in each class; columns sum to 1. Objects without votes take
            no part.
        least_iou: objects overlap a cluster by more than this.
        with_masks: give masks; clusters in which no member draws one are then left out.
        most: the number of objects to return, or None for all.

    Raises:
        ValueError: objects without scores, or too many members.
    """
    from core.fusion import kernels  # numba takes half a second to import

    if len(members) > MOST_MEMBERS:
        raise ValueError(f"{len(members)} members; at most {MOST_MEMBERS} can be fused")
    found = _joined(members, shares)
    clusters = kernels.cluster_boxes(
        found.boxes, found.categories, found.members, found.votes, least_iou
    )
    firsts = np.unique(clusters, return_index=True)[1]
    masks = _masks(found, clusters, len(firsts)) if with_masks else None
    scores = np.minimum(np.bincount(clusters, found.votes, len(firsts)), 1.0)
    order = np.argsort(-scores, kind="stable")
    if masks is not None:
        order = order[[masks[each] is not None for each in order.tolist()]]
    order = order[:most]
    boxes = _boxes(found, clusters, firsts)[order]
    drawn = None if masks is None else tuple(m for each in order.tolist() if (m := masks[each]))
    areas = boxes[:, 2] * boxes[:, 3]
    if drawn is not None:
        areas = np.array([rle.area(mask) for mask in drawn], np.float64)
    return Objects(
        boxes=boxes,
        categories=found.categories[firsts][order],
        areas=areas,
        crowd=np.zeros(len(order), np.bool_),
        scores=scores[order],
        masks=drawn,
    )


def _joined(members: Sequence[Objects], shares: NDArray[np.float64]) -> _Found:
    """Put the objects of all members one after another, in the order of their votes."""
    counts = [len(each) for each in members]
    owners = np.repeat(np.arange(len(members)), counts)
    categories = np.concatenate([each.categories for each in members])
    scores = np.concatenate([_scores(each) for each in members])
    votes = shares[owners, categories] * scores
    order = np.argsort(-votes, kind="stable")
    order = order[votes[order] > 0]
    masks = [mask for each in members for mask in each.masks or [None] * len(each)]
    return _Found(
        boxes=np.ascontiguousarray(np.concatenate([each.boxes for each in members])[order]),
        categories=categories[order].astype(np.int32, copy=False),
        members=owners[order],
        votes=votes[order],
        masks=[masks[each] for each in order.tolist()],
    )


def _scores(objects: Objects) -> NDArray[np.float64]:
    if objects.scores is None:
        raise ValueError("objects without scores are annotations; only predictions can be fused")
    return objects.scores


def _boxes(found: _Found, clusters: NDArray[np.int64], firsts: NDArray[np.intp]) -> Boxes:
    """Return the mean box of each cluster, as its first box and what the others move it by."""
    boxes = found.boxes[firsts]
    count = len(firsts)
    totals = np.bincount(clusters, found.votes, count)
    for side in range(4):
        moves = (found.boxes[:, side] - boxes[clusters, side]) * found.votes
        boxes[:, side] += np.bincount(clusters, moves, count) / totals
    return boxes


def _masks(found: _Found, clusters: NDArray[np.int64], count: int) -> list[Rle | None]:
    """Return the mask of each cluster, or None where none of its objects has one."""
    drawn: list[list[int]] = [[] for _ in range(count)]
    for row, cluster in enumerate(clusters.tolist()):
        if found.masks[row] is not None:
            drawn[cluster].append(row)
    return [
        majority_mask([mask for row in rows if (mask := found.masks[row])], found.votes[rows])
        if rows
        else None
        for rows in drawn
    ]


def majority_mask(masks: Sequence[Rle], votes: NDArray[np.float64]) -> Rle:
    """Return the pixels that more than half of the votes are for; if none, the first mask.

    Args:
        masks: K masks of one size, at least one.
        votes: (K,) for each, above 0.

    Raises:
        UsageError: a mask is malformed.
    """
    from core.fusion import kernels

    if len(masks) == 1:
        return masks[0]
    runs = [rle.runs_of(mask) for mask in masks]
    starts = np.cumsum([0, *map(len, runs)])
    fused = kernels.majority_runs(np.concatenate(runs), starts, votes)
    if len(fused) == 1:
        return masks[0]
    return rle.from_runs(fused.tolist(), masks[0].height, masks[0].width)
