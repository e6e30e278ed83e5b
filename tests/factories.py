"""Small made-up data sets, predictions and runs, the same for one seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    LabelMap,
    Objects,
    Prediction,
    Rle,
    Run,
    Source,
    label_dtype,
    void_of,
)

CLASS_NAMES = ("cat", "dog", "car")


def make_rle(mask: np.ndarray) -> Rle:
    """Encode a boolean mask (H, W) as pycocotools does."""
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return Rle(mask.shape[0], mask.shape[1], encoded["counts"])


def make_image(image_id: int, height: int = 12, width: int = 17, tags: Sequence[str] = ()):
    name = f"image {image_id:03d}"
    return ImageRecord(image_id, name, f"folder/{name}.jpg", height, width, tuple(tags))


def make_objects(
    image: ImageRecord,
    count: int,
    class_count: int,
    rng: np.random.Generator,
    *,
    scored: bool,
    masked: bool,
) -> Objects:
    """Make objects with boxes of any fraction of a pixel and blobs as masks."""
    corners = rng.random((count, 2)) * [image.width / 2, image.height / 2]
    sizes = rng.random((count, 2)) * [image.width / 2, image.height / 2]
    blobs = rng.random((count, image.height, image.width)) < 0.3
    return Objects(
        boxes=np.hstack([corners, sizes]),
        categories=rng.integers(0, class_count, count, dtype=np.int32),
        areas=sizes.prod(axis=1),
        crowd=np.zeros(count, bool) if scored else rng.random(count) < 0.2,
        scores=rng.random(count) if scored else None,
        masks=tuple(make_rle(blob) for blob in blobs) if masked else None,
    )


def make_label_map(
    image: ImageRecord, class_count: int, rng: np.random.Generator, *, void: bool = True
) -> LabelMap:
    """Make a map of all classes, with some void pixels if they may be."""
    shape = (image.height, image.width)
    label_map = rng.integers(0, class_count, shape).astype(label_dtype(class_count))
    if void:
        label_map[rng.random(shape) < 0.1] = void_of(label_map)
    return label_map


def make_dataset(
    name: str = "shapes",
    split: str = "val",
    *,
    image_ids: Sequence[int] = (2, 3, 5, 8, 13),
    classes: Sequence[str] = CLASS_NAMES,
    objects: bool = True,
    masks: bool = True,
    label_maps: bool = False,
    background: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Make one split; its second image has no objects, and sizes differ."""
    rng = np.random.default_rng(seed)
    images = tuple(
        make_image(image_id, 12 + position % 5, 17, tags=("odd", "wide")[: position % 3])
        for position, image_id in enumerate(image_ids)
    )
    annotations = {}
    for position, image in enumerate(images):
        count = 0 if position == 1 else int(rng.integers(1, 6))
        annotations[image.id] = Annotation(
            image=image,
            objects=make_objects(image, count, len(classes), rng, scored=False, masked=masks)
            if objects
            else None,
            label_map=make_label_map(image, len(classes), rng) if label_maps else None,
        )
    return Dataset(
        name=name,
        split=split,
        categories=tuple(
            Category(each, "animal" if index < 2 else "", 10 * index + 1)
            for index, each in enumerate(classes)
        ),
        images=images,
        annotations=annotations,
        images_folder=Path("/pictures") / name,
        source=Source("coco", f"{name}_{split}.json", "0" * 64),
        background=background,
    )


def make_predictions(
    dataset: Dataset,
    *,
    objects: bool = True,
    masks: bool = True,
    label_maps: bool = False,
    labels: bool = False,
    seed: int = 1,
) -> list[Prediction]:
    """Make one prediction an image; nothing is found on the third image."""
    rng = np.random.default_rng(seed)
    label_rng = np.random.default_rng([seed, 1])  # its own, so that the rest stays as it was
    class_count = len(dataset.categories)
    predictions = []
    for position, image in enumerate(dataset.images):
        count = 0 if position == 2 else int(rng.integers(1, 8))
        found = make_objects(image, count, class_count, rng, scored=True, masked=masks)
        predictions.append(
            Prediction(
                image=image,
                seconds=None if position == 0 else float(rng.random()),
                objects=found if objects else None,
                label_map=make_label_map(image, class_count, rng, void=False)
                if label_maps
                else None,
                probabilities=label_rng.random(class_count) if labels else None,
            )
        )
    return predictions


def make_run(dataset: Dataset, name: str = "tiny-net") -> Run:
    return Run(
        name=name,
        system="tiny",
        dataset=dataset.name,
        split=dataset.split,
        settings={"threshold": 0.25, "size": [64, 64]},
        weights="tiny.pt",
        weights_sha256="f" * 64,
        versions={"overlook": "0.1.0", "numpy": np.__version__},
        device="cpu",
    )
