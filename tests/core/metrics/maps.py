"""Label maps for tests: drawn by hand, or real; and counts as plain rows."""

import numpy as np
from PIL import Image

from core.metrics import pixel

ROAD, CAR, TREE = 0, 1, 2
VOID = 255


def label_map(*rows):
    """Draw a label map: R road, C car, T tree, . void."""
    index = {"R": ROAD, "C": CAR, "T": TREE, ".": VOID}
    return np.array([[index[letter] for letter in row] for row in rows], dtype=np.uint8)


def counted(truth, predicted, class_count=3):
    return pixel.count_pixels(label_map(truth), label_map(predicted), class_count)


def tallied(truth, predicted, class_count=3):
    return pixel.tally(counted(truth, predicted, class_count), class_count)


def tallied_images(pairs, class_count=3):
    """Return the tallies of several drawn images, by way of rows as the store keeps them."""
    counts = [counted(*pair, class_count) for pair in pairs]
    return pixel.tallies(*rows_of(counts), class_count)[1]


def rows_of(counts):
    images = np.concatenate([np.full(len(c.pixels), key) for key, c in enumerate(counts)])
    columns = ([getattr(c, name) for c in counts] for name in ("truth", "predicted", "pixels"))
    return images, *(np.concatenate(column) for column in columns)


def as_rows(counts):
    columns = (counts.truth, counts.predicted, counts.pixels)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def camvid_maps(folder):
    """Yield truth, and truth shifted by three pixels as the prediction; 11 is void."""
    for path in sorted((folder / "camvid" / "testannot").glob("*.png")):
        with Image.open(path) as image:
            truth = np.array(image)
        truth[truth == 11] = VOID
        yield truth, np.roll(truth, 3, axis=1)
