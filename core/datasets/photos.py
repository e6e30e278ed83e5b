"""Real photographs and handwritten digits that lie inside installed packages.

The files are read by their path: importing scikit-image or scikit-learn takes seconds, and their
own loaders may go to the network.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.errors import UsageError

Photo = NDArray[np.uint8]
Digits = tuple[NDArray[np.float32], ...]

SPLITS = ("train", "val", "test")

# (package, path inside it). Pictures that show circles or writing are left out: what looks like
# an object must be annotated as one.
PHOTOS = {
    "train": (
        ("skimage", "data/astronaut.png"),
        ("skimage", "data/coffee.png"),
        ("skimage", "data/grass.png"),
        ("skimage", "data/hubble_deep_field.jpg"),
        ("skimage", "data/ihc.png"),
        ("skimage", "data/moon.png"),
        ("skimage", "data/motorcycle_left.png"),
        ("skimage", "data/retina.jpg"),
        ("sklearn", "datasets/images/china.jpg"),
    ),
    "val": (
        ("skimage", "data/chelsea.png"),
        ("skimage", "data/gravel.png"),
        ("skimage", "data/rocket.jpg"),
    ),
    "test": (
        ("skimage", "data/brick.png"),
        ("skimage", "data/camera.png"),
        ("sklearn", "datasets/images/flower.jpg"),
    ),
}
DIGITS = ("sklearn", "datasets/data/digits.csv.gz")
DIGIT_SIDE = 8
BRIGHTEST = 16
# Of each ten samples of a digit seven are for training, one or two for validation, the rest for
# testing, in an order shuffled once.
SHUFFLE_SEED = 7
SHARES = {"train": (0.0, 0.7), "val": (0.7, 0.85), "test": (0.85, 1.0)}


@lru_cache(maxsize=len(SPLITS))
def photos(split: str) -> tuple[Photo, ...]:
    """Return the photographs of a split, each RGB of shape (H, W, 3); no split shares one.

    Raises:
        UsageError: a package or its file is missing.
    """
    found = []
    for package, inside in PHOTOS[split]:
        path = _path(package, inside)
        try:
            with Image.open(path) as picture:
                found.append(np.asarray(picture.convert("RGB")))
        except (OSError, UnidentifiedImageError) as error:
            raise _missing(path, error) from error
    return tuple(found)


@lru_cache(maxsize=len(SPLITS))
def digits(split: str) -> Digits:
    """Return the handwritten digits of a split; no split shares a sample.

    Returns:
        Ten arrays, for the digits 0 to 9, of shape (N, 8, 8): ink from 0 to 1.

    Raises:
        UsageError: scikit-learn or its file is missing.
    """
    path = _path(*DIGITS)
    try:
        table = np.loadtxt(path, delimiter=",", dtype=np.int64)
    except (OSError, ValueError) as error:
        raise _missing(path, error) from error
    ink = (table[:, :-1] / BRIGHTEST).astype(np.float32).reshape(-1, DIGIT_SIDE, DIGIT_SIDE)
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(table))
    first, last = (round(share * len(table)) for share in SHARES[split])
    own = order[first:last]
    return tuple(ink[own[table[own, -1] == digit]] for digit in range(10))


def _path(package: str, inside: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise UsageError(
            f"The package {package} is not installed; the demo data set is made from pictures "
            "that it brings along. Install what requirements.txt lists."
        )
    return Path(spec.origin).parent / inside


def _missing(path: Path, error: Exception) -> UsageError:
    return UsageError(
        f"{path} could not be read ({error}); the demo data set is made from it. Install the "
        "releases that requirements.txt lists again."
    )
