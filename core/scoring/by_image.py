"""What is found image by image: of some images it is a part of what is known of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.store.memory import known_of, remembered

Found = TypeVar("Found")


def found_by_image(
    name: str,
    asked: object,
    images: Sequence[int] | None,
    find: Callable[[], Found],
    part: Callable[[Found, NDArray[np.int64]], Found],
    size: Callable[[Found], int],
) -> Found:
    """Return what is found on some images; nothing is read where more of it is remembered.

    Args:
        name: of what is found.
        asked: what it depends on beside the images, as of `memory.remembered`.
        images: image_id of the images, or None for all.
        find: finds it on these images; nobody may change it.
        part: takes what was found on all images and the keys of some, and returns what `find`
            would on those.
        size: bytes that it takes.
    """
    if images is not None:
        of_all: Found | None = known_of(name, (asked, None))
        if of_all is not None:
            return part(of_all, np.asarray(images, np.int64))
    return remembered(name, (asked, images), find, size)
