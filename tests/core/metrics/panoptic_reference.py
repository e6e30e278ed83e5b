"""Panoptic quality by masks, one pair of segments after the other, as the paper writes it."""

from __future__ import annotations

import numpy as np

VOID = 0


def counts(truth, segments, predicted, answers):
    """Return class to [TP, FP, FN, sum of IoU].

    Args:
        truth: (H, W) id of the annotated segment of each pixel, 0 for void.
        segments: id to (class, crowd).
        predicted: (H, W) id of the predicted segment, 0 for none.
        answers: id to class.
    """
    pairs = matches(truth, segments, predicted, answers)
    found = {}
    for segment, answer, iou in pairs:
        row = found.setdefault(answers[answer], [0, 0, 0, 0.0])
        assert segments[segment] == (answers[answer], False)
        row[0] += 1
        row[3] += iou
    taken = [{pair[side] for pair in pairs} for side in (0, 1)]
    assert len(taken[0]) == len(taken[1]) == len(pairs)
    for segment, (true, crowd) in segments.items():
        if (truth == segment).any() and not crowd and segment not in taken[0]:
            found.setdefault(true, [0, 0, 0, 0.0])[2] += 1
    for answer, answered in answers.items():
        mask = predicted == answer
        if mask.any() and answer not in taken[1]:
            crowded = [key for key, each in segments.items() if each == (answered, True)]
            excused = np.isin(truth, [VOID, *crowded])
            if (mask & excused).sum() / mask.sum() <= 0.5:
                found.setdefault(answered, [0, 0, 0, 0.0])[1] += 1
    return found


def matches(truth, segments, predicted, answers):
    """Return the pairs of one class whose IoU, void left out, is above .5, and that IoU."""
    pairs = []
    for answer, answered in answers.items():
        seen = (predicted == answer) & (truth != VOID)
        for segment, (true, crowd) in segments.items():
            there = truth == segment
            if not crowd and true == answered and (seen & there).any():
                iou = (seen & there).sum() / (seen | there).sum()
                if iou > 0.5:
                    pairs.append((segment, answer, iou))
    return pairs


def qualities(row):
    """Return PQ, SQ and RQ of one class, as panopticapi's `pq_average` makes them."""
    tp, fp, fn, iou = row
    quality = iou / (tp + 0.5 * fp + 0.5 * fn)
    return quality, iou / tp if tp else 0.0, tp / (tp + 0.5 * fp + 0.5 * fn)


def means(rows):
    """Return the mean PQ, SQ and RQ of classes that have segments."""
    return np.mean([qualities(row) for row in rows], axis=0).tolist()
