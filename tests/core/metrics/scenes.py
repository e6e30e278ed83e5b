"""Small invented scenes for detection metrics, full of ties, crowds and borderline areas."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

SIZE = 128
IMAGES = (3, 5, 40)
CATEGORIES = (2, 7, 9)
# around the bounds of small, medium and large, and beyond the largest area that COCO counts
AREAS = (0.0, 7.5, 1023.99, 1024.0, 1024.01, 5000.0, 9216.0, 9216.01, 1e10, 2e10)
SIDES = (0, 1, 8, 9, 10, 31, 32, 33, 95, 96, 97, 120)


def scene(annotations: list[dict], predictions: list[dict]) -> tuple[dict, list[dict]]:
    """Return a COCO dictionary with ids from 1, and its predictions."""
    truth = {
        "images": [{"id": image, "height": SIZE, "width": SIZE} for image in IMAGES],
        "categories": [{"id": category, "name": str(category)} for category in CATEGORIES],
        "annotations": [{**one, "id": index + 1} for index, one in enumerate(annotations)],
    }
    return truth, predictions


def drawn(
    box: list[float], *, image=IMAGES[0], category=CATEGORIES[0], holes: int = 0, **fields
) -> dict:
    """Return one object whose mask is its box in whole pixels, every `holes`-th row left out."""
    x, y, width, height = (round(part) for part in box)
    pixels = np.zeros((SIZE, SIZE), np.uint8, order="F")
    pixels[y : y + height, x : x + width] = 1
    if holes:
        pixels[::holes] = 0
    mask = coco_mask.encode(pixels)
    segmentation = {"size": [SIZE, SIZE], "counts": mask["counts"].decode()}
    place = {"image_id": image, "category_id": category}
    return {"bbox": box, "segmentation": segmentation, **place, **fields}


@st.composite
def objects(draw, *, scored: bool) -> dict:
    """Draw an annotation or a prediction; few positions, sizes and scores, so ties abound."""
    box = [
        draw(st.sampled_from((0, 0, 1, 4, 8.5))),
        draw(st.sampled_from((0, 0, 2, 3.25))),
        draw(st.sampled_from(SIDES)),
        draw(st.sampled_from(SIDES)),
    ]
    place = {
        "image": draw(st.sampled_from(IMAGES[:2])),  # nothing ever happens in the third
        "category": draw(st.sampled_from(CATEGORIES)),
        "holes": draw(st.sampled_from((0, 0, 1, 2, 3))),
    }
    if scored:
        return drawn(box, **place, score=draw(st.sampled_from((0.0, 0.25, 0.5, 0.5, 0.9, 1.0))))
    crowd = draw(st.sampled_from((0, 0, 0, 1)))
    return drawn(box, **place, area=draw(st.sampled_from(AREAS)), iscrowd=crowd)


@st.composite
def scenes(draw) -> tuple[dict, list[dict]]:
    """Draw annotations and predictions of three images and three classes."""
    annotations = draw(st.lists(objects(scored=False), max_size=10))
    predictions = draw(st.lists(objects(scored=True), max_size=14))
    return scene(annotations, predictions)


def crowded_scene(seed: int) -> tuple[dict, list[dict]]:
    """Return a scene with up to 180 jittered predictions of one class in an image."""
    rng = np.random.default_rng(seed)

    def box() -> list[float]:
        return [*rng.integers(0, 40, 2).tolist(), *rng.choice(SIDES[3:], 2).tolist()]

    def jittered(one: list[float]) -> list[float]:
        moved = np.add(one, rng.choice([0, 0, 0, 0.5, 1, 3, 9], 4) * rng.choice([-1, 1], 4))
        return np.clip(moved, 0, SIZE).tolist()

    annotations, predictions = [], []
    for image in IMAGES[:2]:
        for category, count in zip(CATEGORIES, (12, 5, 0), strict=True):
            boxes = [box() for _ in range(count)]
            for one in boxes:
                fields = {"area": float(rng.choice(AREAS)), "iscrowd": int(rng.random() < 0.15)}
                annotations.append(drawn(one, image=image, category=category, **fields))
            for _ in range(15 * count + 4):
                one = jittered(boxes[rng.integers(count)]) if count else box()
                score = float(rng.choice([0.1, 0.2, 0.3, rng.random()]))
                predictions.append(drawn(one, image=image, category=category, score=score))
    order = rng.permutation(len(predictions))
    return scene(annotations, [predictions[index] for index in order])
