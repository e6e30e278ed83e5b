"""Images with one object each, as batches: which class, and where.

All that is random comes from generators that the caller seeds, so a batch can be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.structures import Dataset
from training.augmentation import Pixels, Recolouring, recoloured
from training.images import learnt_pixels

Window = tuple[float, float, float, float]
MARGIN = 1.2  # side of the tightest square around an object, in units of its longer side


@dataclass(frozen=True, eq=False)
class SingleObjects:
    """The images of a split with the one object of each.

    Attributes:
        pixels: N images (H, W, 3) uint8.
        labels: (N,) int64 class indices.
        boxes: (N, 4) float64 x, y, width, height in pixels.
    """

    pixels: Sequence[Pixels]
    labels: NDArray[np.int64]
    boxes: NDArray[np.float64]

    def __len__(self) -> int:
        """Return N, the number of images."""
        return len(self.labels)

    @staticmethod
    def of(dataset: Dataset) -> SingleObjects:
        """Decode the images of a split; of several objects the largest counts.

        Raises:
            UsageError: an image cannot be read, or has no object.
        """
        pixels, labels, boxes = [], [], []
        for record in dataset.images:
            objects = dataset.annotations[record.id].objects
            if objects is None or not len(objects):
                raise UsageError(
                    f"Image {record.id} of {dataset.name} · {dataset.split} has no object; "
                    "expected one object an image. Import a data set of single objects."
                )
            largest = int((objects.boxes[:, 2] * objects.boxes[:, 3]).argmax())
            pixels.append(learnt_pixels(dataset, record))
            labels.append(int(objects.categories[largest]))
            boxes.append(objects.boxes[largest])
        return SingleObjects(pixels, np.array(labels, np.int64), np.array(boxes).reshape(-1, 4))


@dataclass(frozen=True, kw_only=True)
class Variation(Recolouring):
    """How a sample is changed at random; zeros and ones leave it alone.

    Attributes:
        crop: how far the view may close in on the object: 0 not at all, 1 up to its edges.
        least_crop: how far it closes in at least.
        zoom: enlarge or reduce by up to this factor, 1 or more.
        shift: move by up to this fraction of the view.
    """

    crop: float = 0.0
    least_crop: float = 0.0
    zoom: float = 1.0
    shift: float = 0.0


def make_batch(
    samples: SingleObjects,
    indices: NDArray[np.int64],
    side: int,
    variation: Variation,
    generator: np.random.Generator,
) -> tuple[Pixels, NDArray[np.int64], NDArray[np.float32]]:
    """Return squares (B, side, side, 3), classes (B,) and boxes (B, 4) as parts of the square."""
    views = [_view(samples, index, side, variation, generator) for index in indices.tolist()]
    pixels, boxes = zip(*views, strict=True)
    return np.stack(pixels), samples.labels[indices], np.stack(boxes).astype(np.float32)


def as_square(pixels: Pixels, side: int) -> Pixels:
    """Return an image stretched to a square, as the network sees it."""
    import cv2

    if pixels.shape[:2] == (side, side):
        return pixels
    shrinks = pixels.shape[0] * pixels.shape[1] > side * side
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=how), np.uint8)


def _view(
    samples: SingleObjects,
    index: int,
    side: int,
    variation: Variation,
    generator: np.random.Generator,
) -> tuple[Pixels, NDArray[np.float64]]:
    """Return a part of an image as a square, and the box as parts of that square."""
    import cv2

    pixels, box = samples.pixels[index], samples.boxes[index]
    left, top, width, height = _window(pixels.shape, box, variation, generator)
    across, down = side / width, side / height
    # the half pixels: cv2 puts whole numbers into the middle of pixels
    matrix = np.array(
        [
            [across, 0, (0.5 - left) * across - 0.5],
            [0, down, (0.5 - top) * down - 0.5],
        ]
    )
    square = cv2.warpAffine(
        pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    corners = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]])
    x0, y0, x1, y1 = np.clip(
        (corners - [left, top, left, top]) / [width, height, width, height], 0, 1
    )
    changed = recoloured(np.asarray(square, np.uint8), variation, generator)
    return changed, np.array([x0, y0, x1 - x0, y1 - y0])


def _window(
    shape: tuple[int, ...],
    box: NDArray[np.float64],
    variation: Variation,
    generator: np.random.Generator,
) -> Window:
    """Return the part of an image that is seen: left, top, width, height in pixels."""
    whole = np.array([shape[1] / 2, shape[0] / 2, shape[1], shape[0]], np.float64)
    longest = MARGIN * max(box[2], box[3])
    tight = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2, longest, longest])
    nearness = generator.uniform(variation.least_crop, variation.crop)
    centre_x, centre_y, width, height = whole + nearness * (tight - whole)
    size = variation.zoom ** generator.uniform(-1, 1)
    width, height = width * size, height * size
    moved = variation.shift * generator.uniform(-1, 1, 2)
    return (
        float(centre_x + moved[0] * width - width / 2),
        float(centre_y + moved[1] * height - height / 2),
        float(width),
        float(height),
    )
