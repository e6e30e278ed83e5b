"""Data sets and runs with image labels, and what they show by the words of the rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.metrics.image_labels import LEAST_PIXELS
from core.structures import Annotation, Dataset, LabelMap, Prediction, void_of
from tests.factories import make_dataset, make_objects, make_predictions

IMAGES = tuple(range(1, 25))
CLASSES = ("nothing", "cat", "dog", "car", "never")
BACKGROUND, NEVER = 0, 4
OBJECTS = {"has_boxes": True, "has_masks": True, "has_label_maps": False, "has_labels": True}
MAPS = {"has_boxes": False, "has_masks": False, "has_label_maps": True, "has_labels": True}


def drawn_map(image, rng: np.random.Generator, *, void: bool) -> LabelMap:
    """A map of background with some pixels of each class, often just enough or one too few."""
    label_map = np.zeros(image.height * image.width, np.uint8)
    for class_ in (1, 2, 3):
        count = int(rng.choice([0, 0, LEAST_PIXELS - 1, LEAST_PIXELS, 40]))
        label_map[50 * class_ : 50 * class_ + count] = class_
    if void:
        label_map[rng.random(label_map.size) < 0.05] = void_of(label_map)
    return label_map.reshape(image.height, image.width)


def dataset_of(kind: str, split: str, seed: int) -> Dataset:
    rng = np.random.default_rng([seed, 5])
    dataset = make_dataset(
        kind, split, image_ids=IMAGES, classes=CLASSES, background=BACKGROUND, seed=seed
    )
    for image in dataset.images:
        objects = make_objects(
            image, int(rng.integers(0, 3)), NEVER, rng, scored=False, masked=True
        )
        objects = replace(objects, crowd=rng.random(len(objects)) < 0.4)
        parts = {} if kind == "maps" else {"objects": objects}
        if kind != "objects":
            parts["label_map"] = drawn_map(image, rng, void=True)
        dataset.annotations[image.id] = Annotation(image, **parts)
    return dataset


def predictions_of(dataset: Dataset, seed: int, *, maps: bool) -> list[Prediction]:
    rng = np.random.default_rng([seed, 6])
    made = make_predictions(dataset, objects=not maps, labels=True, seed=seed)
    shown = {
        image.id: [label(dataset, image.id, c) is True for c in range(5)]
        for image in dataset.images
    }
    return [
        replace(
            each,
            label_map=drawn_map(each.image, rng, void=False) if maps else None,
            # better than chance, and often equal
            probabilities=np.round(
                0.7 * each.probabilities + 0.3 * np.array(shown[each.image.id]), 1
            ),
        )
        for each in made
    ]


def label(dataset: Dataset, image_id: int, class_: int) -> bool | None:
    """Return whether an image shows a class, None where nobody knows, by the words of the rule."""
    annotation, crowd = dataset.annotations[image_id], False
    if annotation.label_map is not None and (annotation.label_map == class_).sum() >= LEAST_PIXELS:
        return True
    if annotation.objects is not None:
        for own, is_crowd in zip(
            annotation.objects.categories, annotation.objects.crowd, strict=True
        ):
            if own == class_ and not is_crowd:
                return True
            crowd |= bool(own == class_ and is_crowd)
    return None if crowd else False


def found(dataset: Dataset, prediction: Prediction, class_: int) -> float:
    if prediction.label_map is not None:
        truth = dataset.annotations[prediction.image.id].label_map
        there = (prediction.label_map == class_) & (truth != void_of(truth))
        return float(there.sum() >= LEAST_PIXELS)
    scores = prediction.objects.scores[prediction.objects.categories == class_]
    return float(scores.max()) if len(scores) else 0.0
