"""Images with label maps as batches: class-balanced sampling and augmentation, in NumPy.

All that is random comes from generators that the caller seeds, so a batch can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.fusion import paint_annotation
from core.structures import BACKGROUND_NAME, Annotation, Dataset, LabelMap, void_of
from training.augmentation import GREY, Augmentation, Pixels, recoloured
from training.images import learnt_pixels

# Decoded images are kept while they fit; a data set above this is decoded anew each epoch.
KEPT_BYTES = 2**31


@dataclass(frozen=True, eq=False)
class Sample:
    """One image to learn from.

    Attributes:
        pixels: (H, W, 3) uint8 red, green, blue.
        label_map: (H, W) class indices, void where nothing is to be learnt.
    """

    pixels: Pixels
    label_map: LabelMap


class Samples(Sequence[Sample]):
    """The images of a split with their label maps, decoded on access and kept while they fit."""

    def __init__(self, dataset: Dataset, scale: float = 1.0) -> None:
        """Decode nothing yet.

        Args:
            dataset: with label maps, or objects with masks.
            scale: size of the samples as a fraction of the images' own.
        """
        self._dataset = dataset
        self._scale = scale
        self._kept: dict[int, Sample] = {}
        self._kept_bytes = 0

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._dataset.images)

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]  # no slices
        """Return one sample.

        Raises:
            UsageError: the image cannot be read, or its annotation has no masks.
        """
        if index in self._kept:
            return self._kept[index]
        record = self._dataset.images[index]
        pixels = learnt_pixels(self._dataset, record)
        label_map = annotated_map(self._dataset, self._dataset.annotations[record.id])
        if self._scale != 1:
            pixels = resized(pixels, self._scale)
            label_map = _thinned(label_map, pixels.shape[:2])
        sample = Sample(pixels, label_map)
        size = sample.pixels.nbytes + sample.label_map.nbytes
        if self._kept_bytes + size <= KEPT_BYTES:
            self._kept[index] = sample
            self._kept_bytes += size
        return sample


def annotated_map(dataset: Dataset, annotation: Annotation) -> LabelMap:
    """Return the class of each pixel: as given, else painted from the masks.

    Raises:
        UsageError: there are neither label maps nor masks.
    """
    if annotation.label_map is not None:
        return annotation.label_map
    objects, image = annotation.objects, annotation.image
    if objects is None or (len(objects) and objects.masks is None):
        raise UsageError(
            f"Image {image.id} of {dataset.name} · {dataset.split} has neither a label map nor "
            "masks, so no segmentation can be learnt from it. Import a data set with masks."
        )
    classes = len(dataset.categories)
    return paint_annotation(objects, image.height, image.width, classes, dataset.background)


def label_names(dataset: Dataset) -> tuple[tuple[str, ...], int | None]:
    """Return what the values of a data set's label maps are called, and which is background.

    Maps that are painted from objects hold the index after the last category where no object is,
    unless a category means background.
    """
    names = tuple(category.name for category in dataset.categories)
    first = dataset.annotations[dataset.images[0].id]
    if dataset.background is None and first.label_map is None:
        return (*names, BACKGROUND_NAME), len(names)
    return names, dataset.background


def count_labels(samples: Sequence[Sample], labels: int) -> NDArray[np.int64]:
    """Return the pixels of each of L labels in each sample, (N, L)."""
    counts = np.zeros((len(samples), labels), np.int64)
    for index in range(len(samples)):
        label_map = samples[index].label_map
        values = np.bincount(label_map.ravel(), minlength=void_of(label_map) + 1)
        counts[index] = values[:labels]
    return counts


def sampling_weights(counts: NDArray[np.int64], balance: float) -> NDArray[np.float64]:
    """Return how often each image is to be drawn, (N,), summing to 1.

    An image is drawn as often as the rarest of its classes is rare: by the number of images that
    show it, to the power of -`balance`.

    Args:
        counts: (N, L) pixels of each class in each image.
        balance: 0 draws all images alike, 1 all rarest classes alike.
    """
    shown = counts > 0
    images_of_class = np.maximum(shown.sum(axis=0), 1)
    rarest = np.where(shown, images_of_class, len(counts)).min(axis=1, initial=len(counts))
    weights = np.asarray(rarest, np.float64) ** -balance
    return np.asarray(weights / weights.sum())


def draw(weights: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Return the images of one epoch, as many as there are, in random order.

    Systematic sampling: each image is drawn the nearest number of times, above or below, to what
    its weight asks for, so that with equal weights each is drawn once.
    """
    count = len(weights)
    points = (np.arange(count) + generator.random()) / count
    drawn = np.searchsorted(np.cumsum(weights)[:-1], points, side="right")
    return generator.permutation(drawn)


def augment(
    sample: Sample, augmentation: Augmentation, side: int, generator: np.random.Generator
) -> Sample:
    """Return a square part of a sample, changed at random; outside of the image it is void.

    Args:
        sample: of any size.
        augmentation: how far it may change.
        side: of the square, in pixels.
        generator: where the chance comes from; the same state gives the same sample.
    """
    import cv2

    matrix = _placement(sample.label_map.shape, augmentation, side, generator)
    size, inverse = (side, side), cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(
        sample.pixels, matrix, size, flags=cv2.INTER_LINEAR | inverse, borderValue=(GREY,) * 3
    )
    label_map = cv2.warpAffine(
        sample.label_map,
        matrix,
        size,
        flags=cv2.INTER_NEAREST | inverse,
        borderValue=void_of(sample.label_map),
    )
    return Sample(recoloured(pixels, augmentation, generator), label_map)


def batches(
    samples: Sequence[Sample],
    order: NDArray[np.int64],
    batch: int,
    side: int,
    augmentation: Augmentation,
    generator: np.random.Generator,
) -> Iterator[tuple[Pixels, LabelMap]]:
    """Yield pixels (B, side, side, 3) and label maps (B, side, side); the last may be smaller."""
    for start in range(0, len(order), batch):
        drawn = [
            augment(samples[index], augmentation, side, generator)
            for index in order[start : start + batch].tolist()
        ]
        yield np.stack([one.pixels for one in drawn]), np.stack([one.label_map for one in drawn])


def resized(pixels: Pixels, scale: float) -> Pixels:
    """Return an image at a fraction of its size, each pixel the mean of those it stands for."""
    import cv2

    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _thinned(label_map: LabelMap, shape: tuple[int, ...]) -> LabelMap:
    """Return a label map at another size: of each pixel the class in its middle."""
    rows, columns = (
        ((np.arange(small) + 0.5) * full / small).astype(np.intp)
        for small, full in zip(shape, label_map.shape, strict=True)
    )
    return label_map[np.ix_(rows, columns)]


def _placement(
    shape: tuple[int, ...], augmentation: Augmentation, side: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from pixels of the square to pixels of the image."""
    height, width = shape
    zoom = augmentation.zoom ** generator.uniform(-1, 1)
    step = 1 / zoom
    mirrored = augmentation.flip and generator.random() < 0.5
    # where the image is larger than the square its parts take turns, else it moves inside
    seen = side * step
    most = np.abs([width - seen, height - seen]) / 2 + augmentation.shift * seen
    middle = np.array([width, height]) / 2 + most * generator.uniform(-1, 1, 2)
    across = -step if mirrored else step
    centre = (side - 1) / 2
    return np.array(
        [
            [across, 0, middle[0] - 0.5 - across * centre],
            [0, step, middle[1] - 0.5 - step * centre],
        ]
    )
