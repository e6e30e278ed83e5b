"""Class against class: what objects or pixels of each class were called.

Matrices are [truth, prediction] with a last row and column for nothing: nothing annotated there
(a prediction in the background), nothing predicted there (a missed object, an unanswered pixel).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.overlap import Pairs
from core.structures import ObjectTable

Matrix = NDArray[np.int64]

NOTHING: Final = -1
ANNOTATED, PREDICTED, EVERYTHING = WHOLES = ("annotated", "predicted", "everything")


def assign_objects(
    truth: ObjectTable,
    predicted: ObjectTable,
    pairs: Pairs,
    threshold: float,
    takes_part: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the pair with the annotation that each of P predictions takes, whatever its class.

    In descending order of score, of equals the first in the file first, each prediction takes
    the free annotation of its image that it overlaps most, from `threshold` on; of equal overlaps
    one of its own class, then the last in the file, as in COCO. So every annotation is taken at
    most once, and leaving out predictions below a score changes nothing for those above.

    Args:
        truth: N annotations.
        predicted: P predictions with scores.
        pairs: of both, see `overlap.overlapping_pairs`.
        threshold: least IoU.
        takes_part: (P,) the others take nothing.

    Returns:
        (P,) places in `pairs`, or -1.

    Raises:
        ValueError: the predictions have no scores.
    """
    from core.metrics.kernels import assignment

    if predicted.scores is None:
        raise ValueError("predictions need scores to be assigned; this table has none")
    order = np.lexsort((-predicted.scores, predicted.images))
    assigned: NDArray[np.int64] = assignment.assign_predictions(
        order[takes_part[order]],
        pairs.starts,
        pairs.rows,
        pairs.overlaps,
        truth.categories[pairs.rows] == predicted.categories[pairs.predictions],
        np.ascontiguousarray(truth.crowd, np.bool_),
        threshold,
    )
    return assigned


def confusion_matrix(
    truth: ArrayLike, predicted: ArrayLike, amounts: ArrayLike, class_count: int
) -> Matrix:
    """Add up amounts of objects or pixels, shape (C + 1, C + 1), [truth, prediction].

    Args:
        truth: (R,) class index of the annotation, or `NOTHING`.
        predicted: (R,) class index of the prediction, or `NOTHING`.
        amounts: (R,) objects or pixels of the pair.
        class_count: C.

    Raises:
        ValueError: a class index is neither below C nor `NOTHING`.

    Example:
        >>> confusion_matrix([0, 0, 1, -1], [0, 1, -1, 0], [5, 2, 1, 3], 2).tolist()
        [[5, 2, 0], [0, 0, 1], [3, 0, 0]]
    """
    rows, columns = np.asarray(truth, np.int64), np.asarray(predicted, np.int64)
    for name, classes in (("truth", rows), ("predicted", columns)):
        if classes.size and not NOTHING <= classes.min() <= classes.max() < class_count:
            raise ValueError(
                f"{name} holds class indices {classes.min()}..{classes.max()}, "
                f"but there are {class_count} classes"
            )
    matrix = np.zeros((class_count + 1, class_count + 1), np.int64)
    # -1 is the last row or column
    np.add.at(matrix, (rows, columns), np.asarray(amounts, np.int64))
    return matrix


def shares(matrix: Matrix, whole: str) -> NDArray[np.float64]:
    """Return each cell as a share of what stands in its row, its column or all cells.

    Args:
        matrix: [truth, prediction].
        whole: one of `WHOLES`: all that was annotated so (rows), all that was predicted so
            (columns), or everything.

    Returns:
        The same shape; NaN where the whole is 0.

    Example:
        >>> matrix = np.array([[3, 1], [2, 0]])
        >>> shares(matrix, ANNOTATED).tolist(), shares(matrix, PREDICTED).tolist()
        ([[0.75, 0.25], [1.0, 0.0]], [[0.6, 1.0], [0.4, 0.0]])
    """
    axis = {ANNOTATED: 1, PREDICTED: 0, EVERYTHING: None}[whole]
    sums = np.broadcast_to(matrix.sum(axis=axis, keepdims=True), matrix.shape)
    parts = np.full(matrix.shape, np.nan)
    np.divide(matrix, sums, out=parts, where=sums > 0)
    return parts


def merged(matrix: Matrix, groups: Sequence[Sequence[int]]) -> Matrix:
    """Add up the cells of groups of classes; nothing stays in the last row and column.

    Args:
        matrix: (C + 1, C + 1), [truth, prediction].
        groups: G lists of class indices, in which each of the C stands once.

    Returns:
        (G + 1, G + 1), with the same sum.
    """
    place = np.full(len(matrix), len(groups))
    for index, group in enumerate(groups):
        place[list(group)] = index
    together = np.zeros((len(groups) + 1, len(groups) + 1), np.int64)
    np.add.at(together, (place[:, None], place[None, :]), matrix)
    return together


def similar_order(matrix: Matrix) -> NDArray[np.int64]:
    """Return the C classes so that those often taken for each other stand together.

    Groups are joined two at a time, the most alike first (average linkage), each time by their
    ends that are most alike; alike are two classes by the shares of both that the other got.
    """
    class_count = len(matrix) - 1
    given = np.nan_to_num(shares(matrix, ANNOTATED))[:class_count, :class_count]
    alike = given + given.T
    groups = [[index] for index in range(class_count)]
    between = alike.copy()
    while len(groups) > 1:
        sizes = np.array([len(group) for group in groups])
        means = np.triu(between / np.outer(sizes, sizes), k=1)
        # what is alike to nothing keeps its place behind
        first, second = divmod(int(means.argmax()), len(groups)) if means.any() else (0, 1)
        groups[first] = _joined(groups[first], groups.pop(second), alike)
        between[first] += between[second]
        between[:, first] += between[:, second]
        between = np.delete(np.delete(between, second, axis=0), second, axis=1)
    return np.array(groups[0] if groups else [], np.int64)


def _joined(first: list[int], second: list[int], alike: NDArray[np.float64]) -> list[int]:
    """Return two groups as one, turned so that the most alike of their ends meet."""
    ways = [(a, b) for a in (first, first[::-1]) for b in (second, second[::-1])]
    before, behind = max(ways, key=lambda way: float(alike[way[0][-1], way[1][0]]))
    return before + behind


def most_confused_order(matrix: Matrix) -> NDArray[np.int64]:
    """Return the C classes, first the one that most objects or pixels are confused with or of.

    Only confusions of one class with another count, not what is missed or in the background.
    """
    among = matrix[:-1, :-1].copy()
    np.fill_diagonal(among, 0)
    return np.argsort(-(among.sum(axis=0) + among.sum(axis=1)), kind="stable")
