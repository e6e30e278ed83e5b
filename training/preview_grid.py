"""What a training sees of images: originals and draws as a grid, with their label maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.previews import GAP, SETTINGS, Preview, previews_folder, write_preview
from core.store.connection import Store
from core.structures import BACKGROUND_NAME, Dataset, LabelMap, void_of
from training import batches, detector_samples
from training.augmentation import Augmentation, Pixels, augmentation_of
from training.batches import Sample, Samples, label_names
from training.detector_samples import DetectionSample, DetectionSamples
from training.settings import as_json

IMAGES, DRAWS = 4, 4
LARGEST_SIDE = 256  # of a cell, in pixels; larger samples are shown smaller
VOID = 65535

Count = Callable[[int], None]


def is_previewed(settings_type: type[Any]) -> bool:
    """Return whether a training with these settings changes samples by `Augmentation`."""
    return set(SETTINGS) <= {each.name for each in fields(settings_type)}


def keep_preview(
    store: Store,
    system: str,
    dataset: Dataset,
    settings: Any,  # noqa: ANN401 - an instance of fit_settings_type
    *,
    images: int = IMAGES,
    draws: int = DRAWS,
    seed: int,
    trained: bool,
    count: Count = lambda _: None,
) -> Preview:
    """Draw and keep what a training sees of some images of a split.

    Args:
        store: beside which it is kept.
        system: whose training.
        dataset: to learn from; the images are chosen at random by the seed.
        settings: of the training.
        images: how many, at most.
        draws: of each.
        seed: of all that is random.
        trained: whether a training keeps it.
        count: is called with the number of images that are done.

    Raises:
        UsageError: an image cannot be read, or its annotation cannot be learnt from.
        WorkFailedError: it cannot be written.
    """
    generator = np.random.default_rng(seed)
    total = len(dataset.images)
    chosen = np.sort(generator.choice(total, min(images, total), replace=False)).tolist()
    source, names, background = _source(dataset, settings)
    rows = []
    for done, index in enumerate(chosen, start=1):
        rows.append([*source(index, draws, generator)])
        count(done)
    side = min(LARGEST_SIDE, max(max(each.pixels.shape[:2]) for row in rows for each in row))
    preview = Preview(
        system=system,
        dataset=dataset.name,
        split=dataset.split,
        settings=as_json(settings),
        seed=seed,
        images=tuple(dataset.images[index].name for index in chosen),
        draws=draws,
        side=side,
        classes=names,
        background=background,
        trained=trained,
    )
    return write_preview(previews_folder(store.path), preview, *grid(rows, side))


def grid(
    rows: Sequence[Sequence[Sample]], side: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Return samples as one picture (H, W, 4) and one label map (H, W).

    Between the cells the picture is transparent and the label map void.
    """
    height = len(rows) * (side + GAP) - GAP
    width = len(rows[0]) * (side + GAP) - GAP
    photos = np.zeros((height, width, 4), np.uint8)
    labels = np.full((height, width), VOID, np.uint16)
    for i, row in enumerate(rows):
        for j, sample in enumerate(row):
            pixels, label_map = _fitted(sample, side)
            top, left = i * (side + GAP), j * (side + GAP)
            place = np.s_[top : top + pixels.shape[0], left : left + pixels.shape[1]]
            photos[place] = np.dstack([pixels, np.full(label_map.shape, 255, np.uint8)])
            wide = label_map.astype(np.uint16)
            wide[label_map == void_of(label_map)] = VOID
            labels[place] = wide
    return photos, labels


def _fitted(sample: Sample, side: int) -> tuple[Pixels, LabelMap]:
    """Return a sample that fits a cell, smaller where it does not."""
    import cv2

    height, width = sample.pixels.shape[:2]
    if max(height, width) <= side:
        return sample.pixels, sample.label_map
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(sample.pixels, size, interpolation=cv2.INTER_AREA)
    label_map = cv2.resize(sample.label_map, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(pixels, np.uint8), label_map


Source = Callable[[int, int, np.random.Generator], Iterator[Sample]]


def _source(
    dataset: Dataset,
    settings: Any,  # noqa: ANN401
) -> tuple[Source, tuple[str, ...], int | None]:
    """Return what yields an image as the training holds it and then its draws, and the labels.

    Labels are the names of the values of the label maps, and the value that means background.
    """
    changes = augmentation_of(settings)
    if hasattr(settings, "crop"):
        samples = Samples(dataset, settings.scale)
        return _squares(samples, changes, settings.crop), *label_names(dataset)
    names = tuple(category.name for category in dataset.categories)
    return _whole(dataset, changes, settings.side), (*names, BACKGROUND_NAME), len(names)


def _squares(samples: Samples, changes: Augmentation, side: int) -> Source:
    """U-Nets learn squares of images."""

    def drawn(index: int, draws: int, generator: np.random.Generator) -> Iterator[Sample]:
        yield samples[index]
        for _ in range(draws):
            yield batches.augment(samples[index], changes, side, generator)

    return drawn


def _whole(dataset: Dataset, changes: Augmentation, side: int) -> Source:
    """Detectors learn whole images; shown are masks, or boxes where there are no masks."""
    objects = [each.objects for each in dataset.annotations.values() if each.objects is not None]
    masked = all(each.masks is not None for each in objects)
    samples = DetectionSamples(dataset, side, with_masks=masked)
    classes = len(dataset.categories)

    def drawn(index: int, draws: int, generator: np.random.Generator) -> Iterator[Sample]:
        sample = samples[index]
        yield _painted(sample, classes)
        for _ in range(draws):
            yield _painted(detector_samples.augment(sample, changes, generator), classes)

    return drawn


def _painted(sample: DetectionSample, classes: int) -> Sample:
    """Return a sample with its masks or boxes as a label map, background where no object is."""
    label_map = np.full(sample.pixels.shape[:2], classes, np.uint16)
    for place, index in enumerate(sample.classes.tolist()):
        if sample.masks is not None:
            label_map[sample.masks[place] > 0] = index
        else:
            left, top, right, bottom = np.rint(sample.corners[place]).astype(int).tolist()
            label_map[top:bottom, left:right] = index
    return Sample(sample.pixels, label_map)
