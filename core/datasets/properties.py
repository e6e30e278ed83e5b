"""How bright and how rich in contrast the photographs of a split are: measured once, kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.readers.images import read_luma
from core.store.columns import blocks
from core.store.connection import Store
from core.store.image_properties import Figures, put_properties
from core.store.queries import explore

IMAGES_PER_BLOCK = 256


def measure_split(
    store: Store,
    dataset_id: int,
    split: str,
    advanced: Callable[[int], object] = lambda _images: None,
) -> tuple[int, int]:
    """Measure the images of a split that nobody measured, and those that could not be read.

    Each block of images is stored by itself: killed and started again, it goes on.

    Args:
        store: that holds the split.
        dataset_id: of the data set.
        split: its name.
        advanced: is told how many more images were looked at.

    Returns:
        How many images were measured, and how many photographs could not be read.
    """
    with store.read() as cursor:
        waiting = explore.unmeasured_images(cursor, dataset_id, split)
    keys = [int(key) for key in waiting["image_id"]]
    files = [Path(*row) for row in zip(waiting["images_folder"], waiting["path"], strict=True)]
    unreadable = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for block in blocks(zip(keys, files, strict=True), IMAGES_PER_BLOCK):
            figures = list(pool.map(figures_of, [file for _, file in block]))
            measured = dict(zip([key for key, _ in block], figures, strict=True))
            with store.write() as cursor:
                put_properties(cursor, measured)
            unreadable += figures.count(None)
            advanced(len(block))
    return len(keys) - unreadable, unreadable


def figures_of(file: Path) -> Figures | None:
    """Return mean and standard deviation of a photograph's luma, each to a tenth.

    None where it is missing or cannot be read.
    """
    try:
        luma = read_luma(file)
    except UsageError:
        return None
    # by how often each value occurs: exact, and without a copy of the image in floats
    occurrences = np.bincount(luma.ravel(), minlength=256)
    values = np.arange(256)
    mean = float(values @ occurrences) / luma.size
    variance = float((values - mean) ** 2 @ occurrences) / luma.size
    return round(mean, 1), round(variance**0.5, 1)
