"""COCO's matching and accumulation and TIDE's kinds, written plainly from their definitions.

Slow on purpose: one loop for each rule, dense matrices, pixels instead of run lengths.
"""

from __future__ import annotations

import warnings

import numpy as np
from pycocotools import mask as coco_mask

from core.structures import ObjectTable

AREA_RANGES = [(0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10)]


def box_overlap(predicted: np.ndarray, truth: np.ndarray, *, crowd: bool) -> float:
    width = min(predicted[2] + predicted[0], truth[2] + truth[0]) - max(predicted[0], truth[0])
    height = min(predicted[3] + predicted[1], truth[3] + truth[1]) - max(predicted[1], truth[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = predicted[2] * predicted[3]
    return width * height / (area if crowd else area + truth[2] * truth[3] - width * height)


def mask_overlap(predicted: np.ndarray, truth: np.ndarray, *, crowd: bool) -> float:
    shared = np.count_nonzero(predicted & truth)
    union = np.count_nonzero(predicted) if crowd else np.count_nonzero(predicted | truth)
    return shared / union if shared else 0.0


def overlap_matrix(truth: ObjectTable, predicted: ObjectTable, geometry: str) -> np.ndarray:
    """Return the overlap of each prediction with each annotation, 0 across images."""
    overlap = box_overlap if geometry == "box" else mask_overlap
    of_truth, of_predicted = (
        table.boxes if geometry == "box" else [pixels(table, row) for row in range(len(table))]
        for table in (truth, predicted)
    )
    matrix = np.zeros((len(predicted), len(truth)))
    for i in range(len(predicted)):
        for j in np.flatnonzero(truth.images == predicted.images[i]):
            matrix[i, j] = overlap(of_predicted[i], of_truth[j], crowd=bool(truth.crowd[j]))
    return matrix


def pixels(table: ObjectTable, row: int) -> np.ndarray:
    """Return the mask of a row, of a square image."""
    height = int(table.heights[row])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools under NumPy 2
        mask = coco_mask.decode({"size": [height, height], "counts": table.masks[row]})
    return mask.astype(bool)


def match(
    truth: ObjectTable, predicted: ObjectTable, overlaps: np.ndarray, area: int, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which annotation row each prediction matches, or -1, and whether it is ignored."""
    low, high = AREA_RANGES[area]
    truth_ignored = truth.crowd | (truth.areas < low) | (truth.areas > high)
    outside = (predicted.areas < low) | (predicted.areas > high)
    chosen = np.full(len(predicted), -1)
    taken = np.zeros(len(truth), bool)
    for i in np.argsort(-predicted.scores, kind="stable"):
        if rank(predicted, i) >= 100:
            continue
        allowed = (truth.images == predicted.images[i]) & ~(taken & ~truth.crowd)
        allowed &= (truth.categories == predicted.categories[i]) & (overlaps[i] >= threshold)
        if (allowed & ~truth_ignored).any():
            allowed &= ~truth_ignored
        if allowed.any():
            best = overlaps[i][allowed].max()
            chosen[i] = np.flatnonzero(allowed & (overlaps[i] == best))[-1]
            taken[chosen[i]] = True
    ignored = np.array(
        [outside[i] if j < 0 else truth_ignored[j] for i, j in enumerate(chosen)], bool
    )
    return chosen, ignored


def rank(predicted: ObjectTable, row: int) -> int:
    """Return how many predictions of the same image and class come before this one."""
    same = (predicted.images == predicted.images[row]) & (
        predicted.categories == predicted.categories[row]
    )
    higher = predicted.scores > predicted.scores[row]
    earlier = (predicted.scores == predicted.scores[row]) & (np.arange(len(predicted)) < row)
    return int(np.count_nonzero(same & (higher | earlier)))


def precision_and_recall(
    hit: np.ndarray, ignored: np.ndarray, positives: int
) -> tuple[np.ndarray, float]:
    """Return precision at COCO's 101 recall points, and the final recall, of ranked predictions."""
    true = np.cumsum(hit & ~ignored)
    false = np.cumsum(~hit & ~ignored)
    recall = true / positives
    precision = true / (false + true + np.spacing(1))
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    points = np.array([envelope[p] if p < len(envelope) else 0.0 for p in places])
    return points, float(recall[-1]) if len(recall) else 0.0


def kind(
    overlaps: np.ndarray, same_class: np.ndarray, used: np.ndarray, *, hit: bool, ignored: bool
) -> str:
    """Return TIDE's kind of one prediction, in the order in which tidecv asks.

    Args:
        overlaps: with the annotations of its image, crowd regions left out.
        same_class: which of them are of its class.
        used: which of them some prediction matched.
        hit: by COCO.
        ignored: by COCO.
    """
    if hit:
        return "hit"
    if ignored:
        return "ignored"
    if not len(overlaps):
        return "background"
    if 0.1 <= (overlaps * same_class).max() <= 0.5:
        return "localisation"
    if (overlaps * ~same_class).max() >= 0.5:
        return "classification"
    if (overlaps * same_class * used).max() >= 0.5:
        return "duplicate"
    if overlaps.max() <= 0.1:
        return "background"
    return "both"
