"""Images with objects to learn from: boxes, classes and masks, changed at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import rle
from core.structures import Dataset, ImageRecord, Objects
from training.augmentation import GREY, Augmentation, Pixels, recoloured
from training.batches import resized
from training.detection_scores import truth_of
from training.images import learnt_pixels

LEAST_SHARE = 0.3  # of a box that stays inside, to be learnt
LEAST_SIDE = 2.0  # of a box, in pixels


@dataclass(frozen=True, eq=False)
class DetectionSample:
    """One image to learn objects from.

    Attributes:
        pixels: (H, W, 3) uint8 red, green, blue.
        corners: (N, 4) float64 left, top, right, bottom in pixels.
        classes: (N,) class indices.
        masks: (N, H, W) uint8 of 0 and 1, or None where they are not learnt.
    """

    pixels: Pixels
    corners: NDArray[np.float64]
    classes: NDArray[np.int32]
    masks: NDArray[np.uint8] | None


class DetectionSamples(Sequence[DetectionSample]):
    """The images of a split with their objects, read on access; crowd regions are left out."""

    def __init__(self, dataset: Dataset, side: int, *, with_masks: bool) -> None:
        """Read nothing yet.

        Args:
            dataset: with objects.
            side: longest side of the samples, in pixels; 0 as the images are.
            with_masks: masks are learnt as well.
        """
        self._dataset, self._side, self._with_masks = dataset, side, with_masks

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._dataset.images)

    def __getitem__(self, index: int) -> DetectionSample:  # type: ignore[override]  # no slices
        """Return one sample.

        Raises:
            UsageError: the image cannot be read, or an object has no mask.
        """
        record = self._dataset.images[index]
        pixels = learnt_pixels(self._dataset, record)
        objects = truth_of(self._dataset, record)
        learnt = np.flatnonzero(~objects.crowd)
        corners = objects.boxes[learnt]
        corners[:, 2:] += corners[:, :2]
        masks = self._masks(record, objects, learnt) if self._with_masks else None
        sample = DetectionSample(pixels, corners, objects.categories[learnt], masks)
        longest = max(record.height, record.width)
        return sample if self._side in (0, longest) else _scaled(sample, self._side / longest)

    def _masks(
        self, record: ImageRecord, objects: Objects, learnt: NDArray[np.intp]
    ) -> NDArray[np.uint8]:
        """Return (N, H, W) of 0 and 1, the masks of the objects to learn."""
        if objects.masks is None:
            raise UsageError(
                f"Image {record.id} of {self._dataset.name} · {self._dataset.split} has objects "
                "without masks, so no masks can be learnt from it. Import a data set with masks, "
                "or train a system that finds boxes."
            )
        masks = np.zeros((len(learnt), record.height, record.width), np.uint8)
        for mask, place in zip(masks, learnt, strict=True):
            mask[:] = rle.decode(objects.masks[place])
        return masks


def augment(
    sample: DetectionSample, augmentation: Augmentation, generator: np.random.Generator
) -> DetectionSample:
    """Return a sample of the same size, changed at random; objects that leave it are left out.

    Args:
        sample: of any size.
        augmentation: how far it may change.
        generator: where the chance comes from; the same state gives the same sample.
    """
    import cv2

    height, width = sample.pixels.shape[:2]
    gain = augmentation.zoom ** generator.uniform(-1, 1)
    moved = augmentation.shift * generator.uniform(-1, 1, 2)
    mirrored = augmentation.flip and generator.random() < 0.5
    # edges, in pixels: x is across * x + start
    across = -gain if mirrored else gain
    start = np.array([width / 2, height / 2]) * (1 - np.array([across, gain]))
    start += moved * (width, height)
    # the middle of the first pixel is at 0.5
    middle = start + 0.5 * np.array([across, gain]) - 0.5
    matrix = np.array([[across, 0, middle[0]], [0, gain, middle[1]]])
    pixels = cv2.warpAffine(sample.pixels, matrix, (width, height), borderValue=(GREY,) * 3)
    corners = sample.corners * np.tile([across, gain], 2) + np.tile(start, 2)
    if mirrored:
        corners = corners[:, [2, 1, 0, 3]]
    inside = np.clip(corners, 0, [width, height, width, height])
    kept = (inside[:, 2:] - inside[:, :2] >= LEAST_SIDE).all(axis=1)
    kept &= _areas(inside) >= LEAST_SHARE * _areas(corners)
    masks = None
    if sample.masks is not None:
        shown = [
            cv2.warpAffine(each, matrix, (width, height), flags=cv2.INTER_NEAREST)
            for each in sample.masks[kept]
        ]
        masks = np.stack(shown) if shown else sample.masks[:0]
    return DetectionSample(
        recoloured(pixels, augmentation, generator), inside[kept], sample.classes[kept], masks
    )


def count_objects(dataset: Dataset) -> NDArray[np.int64]:
    """Return how many objects of each of C classes are learnt from each image, (N, C)."""
    counts = np.zeros((len(dataset.images), len(dataset.categories)), np.int64)
    for row, image in zip(counts, dataset.images, strict=True):
        objects = truth_of(dataset, image)
        np.add.at(row, objects.categories[~objects.crowd], 1)
    return counts


def _scaled(sample: DetectionSample, scale: float) -> DetectionSample:
    import cv2

    pixels = resized(sample.pixels, scale)
    height, width = pixels.shape[:2]
    gain = np.tile([width / sample.pixels.shape[1], height / sample.pixels.shape[0]], 2)
    masks = sample.masks
    if masks is not None:
        size, how = (width, height), cv2.INTER_NEAREST
        smaller = [cv2.resize(each, size, interpolation=how) for each in masks]
        masks = np.stack(smaller) if smaller else np.zeros((0, height, width), np.uint8)
    return replace(sample, pixels=pixels, corners=sample.corners * gain, masks=masks)


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    sides = corners[:, 2:] - corners[:, :2]
    return np.asarray(sides.prod(axis=1))
