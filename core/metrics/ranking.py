"""Predictions in the order of their scores: in their image and class, and in their class."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.structures import ObjectTable

Scalar = TypeVar("Scalar", np.int32, np.int64, np.float64)


def rank_predictions(predicted: ObjectTable) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rank predictions by score inside their image and class.

    Returns:
        order: (P,) rows by image, then class, then descending score, then place in the file.
        rank: (P,) int32, from 0 in each image and class.

    Raises:
        ValueError: the table has no scores, or is not sorted by image.
    """
    from core.metrics.kernels import ranking

    if predicted.scores is None:
        raise ValueError("predictions need scores to be matched; this table has none")
    if np.any(predicted.images[1:] < predicted.images[:-1]):
        raise ValueError("the images of the predictions do not ascend; sort them by image")
    categories = _read_only(predicted.categories, np.int32)
    class_count = int(categories.max(initial=-1)) + 1
    check_categories(categories, class_count)
    by_class, _ = ranking.order_by_class_and_score(
        categories, _read_only(predicted.scores, np.float64), class_count
    )
    images = _read_only(predicted.images, np.int64)
    order, rank = ranking.rank_in_images(images, categories, by_class)
    return order, rank


def order_in_classes(
    images: NDArray[np.int64],
    categories: NDArray[np.int32],
    scores: NDArray[np.float64],
    rank: NDArray[np.int32],
    class_count: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sort predictions as COCO accumulates them.

    Args:
        images: (P,) a key that ascends in the order of the images' ids.
        categories: (P,) class indices.
        scores: (P,).
        rank: (P,) see `rank_predictions`.
        class_count: C.

    Returns:
        order: (P,) rows by class, then descending score, then image, then rank.
        starts: (C + 1,) where each class begins in `order`, and the end.

    Raises:
        ValueError: a class index is not below C.
    """
    from core.metrics.kernels import ranking

    check_categories(categories, class_count)
    scores = _read_only(scores, np.float64)
    order, starts = ranking.order_by_class_and_score(
        _read_only(categories, np.int32), scores, class_count
    )
    # rows that are sorted by image, as they mostly are, need no more
    ties = scores, _read_only(images, np.int64), _read_only(rank, np.int32)
    if not ranking.breaks_ties_by_image(order, starts, *ties):
        order = np.lexsort((rank, images, -scores, categories))
    return order, starts


def check_categories(categories: NDArray[np.int32], class_count: int) -> None:
    """Raise ValueError if a class index is not in 0..class_count - 1."""
    if categories.size and not 0 <= categories.min() <= categories.max() < class_count:
        raise ValueError(
            f"class indices run from {categories.min()} to {categories.max()}, "
            f"but there are {class_count} classes"
        )


def _read_only(values: NDArray[Scalar], dtype: type[Scalar]) -> NDArray[Scalar]:
    """Return values that a kernel sees alike whoever made them; it is compiled for each kind."""
    view = np.ascontiguousarray(values, dtype).view()
    view.flags.writeable = False
    return view
