"""Compiled loops that gather objects in clusters, and that count votes for pixels."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Labels = NDArray[np.uint8] | NDArray[np.uint16]


# a union may be zero in floating point, hence numpy's division
@njit(cache=True, nogil=True, error_model="numpy")
def cluster_boxes(
    boxes: NDArray[np.float64],
    categories: NDArray[np.int32],
    members: NDArray[np.int64],
    votes: NDArray[np.float64],
    least_iou: float,
) -> NDArray[np.int64]:
    """Return the cluster of each object, (N,); clusters are numbered as they begin.

    Each object joins the cluster whose fused box it overlaps most, if by more than `least_iou`,
    and else begins one; of equals it is the earlier cluster. A cluster holds objects of one
    class, and one of each member.

    Args:
        boxes: (N, 4) x, y, width, height, in the order in which they are put in.
        categories: (N,) class indices.
        members: (N,) who found it, below 64.
        votes: (N,) weight of each box in the fused one, above 0.
        least_iou: in [0, 1].
    """
    count = categories.size
    clusters = np.empty(count, np.int64)
    fused = np.empty((count, 4), np.float64)
    total = np.zeros(count, np.float64)
    classes = np.empty(count, np.int32)
    holds = np.zeros(count, np.uint64)
    begun = 0
    for row in range(count):
        bit = np.uint64(1) << np.uint64(members[row])
        x, y, width, height = boxes[row]
        best, best_overlap = -1, least_iou
        for cluster in range(begun):
            if classes[cluster] != categories[row] or holds[cluster] & bit:
                continue
            other_x, other_y, other_width, other_height = fused[cluster]
            shared_width = min(x + width, other_x + other_width) - max(x, other_x)
            shared_height = min(y + height, other_y + other_height) - max(y, other_y)
            if shared_width <= 0 or shared_height <= 0:
                continue
            shared = shared_width * shared_height
            overlap = shared / (width * height + other_width * other_height - shared)
            if overlap > best_overlap:
                best, best_overlap = cluster, overlap
        if best < 0:
            best = begun
            begun += 1
            fused[best] = boxes[row]
            classes[best] = categories[row]
        clusters[row] = best
        holds[best] |= bit
        total[best] += votes[row]
        fused[best] += (boxes[row] - fused[best]) * (votes[row] / total[best])
    return clusters


@njit(cache=True, nogil=True)
def majority_runs(
    runs: NDArray[np.int64], starts: NDArray[np.int64], votes: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the run lengths of the pixels that more than half of the votes are for.

    At each pixel the votes are summed anew, mask by mask in their order, so that no rounding is
    carried from one pixel to another.

    Args:
        runs: run lengths of K masks of one size, one after another, background first in each.
        starts: (K + 1,) where each mask's begin, and the end.
        votes: (K,) for each mask, above 0.
    """
    masks = votes.size
    at = starts[:-1].copy()
    ends = np.empty(masks, np.int64)
    half = 0.0
    for mask in range(masks):
        ends[mask] = runs[at[mask]]
        half += votes[mask]
    half /= 2
    pixels = runs[starts[0] : starts[1]].sum()
    found = np.empty(runs.size + 1, np.int64)
    count, position, length, inside = 0, 0, 0, False
    while position < pixels:
        stop = pixels
        total = 0.0
        for mask in range(masks):
            while ends[mask] <= position:
                at[mask] += 1
                ends[mask] += runs[at[mask]]
            stop = min(stop, ends[mask])
            if (at[mask] - starts[mask]) % 2 == 1:
                total += votes[mask]
        if (total > half) != inside:
            found[count] = length
            count, length, inside = count + 1, 0, not inside
        length += stop - position
        position = stop
    found[count] = length
    return found[: count + 1].copy()


@njit(cache=True, nogil=True)
def elect_labels(
    maps: Labels,
    certainties: NDArray[np.uint8],
    cell: int,
    shares: NDArray[np.float64],
    elected: Labels,
    agreement: NDArray[np.float64],
) -> None:
    """Write the label that most votes are for into each pixel, and its part of the votes.

    Of equal votes, and where all votes are 0, the label counts that the first member gives.

    Args:
        maps: (M, H, W) labels by each member; those from L on are no answer.
        certainties: (M, rows, columns) of cells, in 255ths.
        cell: pixels a side of a cell.
        shares: (M, L) of a member's vote for each label.
        elected: (H, W) changed in place, but for pixels where nobody answers.
        agreement: (H, W) likewise.
    """
    members, height, width = maps.shape
    labels = shares.shape[1]
    votes = np.zeros(labels, np.float64)
    for row in range(height):
        for column in range(width):
            total = 0.0
            for member in range(members):
                label = maps[member, row, column]
                if label < labels:
                    certainty = certainties[member, row // cell, column // cell]
                    vote = shares[member, label] * certainty
                    votes[label] += vote
                    total += vote
            most = -1.0
            for member in range(members):
                label = maps[member, row, column]
                if label < labels and votes[label] > most:
                    most = votes[label]
                    elected[row, column] = label
            if total > 0:
                agreement[row, column] = min(most / total, 1.0)
            for member in range(members):
                label = maps[member, row, column]
                if label < labels:
                    votes[label] = 0.0
