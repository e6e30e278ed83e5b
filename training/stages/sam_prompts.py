"""What a small SAM learns from: images, prompts on them, and the masks that would answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.geometry import rle
from core.structures import Annotation, Dataset
from training.images import read_photograph
from training.protocol import Photograph

BOX_SHARE = 0.5
OBJECT_POINT_SHARE = 0.35  # the rest are points on background
JITTER = 0.05  # standard deviation of a corner, as a share of the box's side
# labels of segment_anything's prompt encoder
NO_POINT, POINT, TOP_LEFT, BOTTOM_RIGHT = -1, 1, 2, 3


@dataclass(frozen=True, eq=False)
class Scene:
    """One image at the size of the network, with its objects.

    Attributes:
        pixels: (H, W, 3) uint8, the longer side that of the network.
        masks: (N, H, W) uint8 0 or 1, at least one.
    """

    pixels: NDArray[np.uint8]
    masks: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Prompts:
    """Prompts on the images of a batch, P in all.

    Attributes:
        images: (P,) int64 index of the image in the batch.
        points: (P, 2, 2) float32 x, y in pixels: two corners, or a point and nothing.
        labels: (P, 2) int64 what each point is.
        targets: (P, side, side) uint8 the mask asked for; empty for background.
    """

    images: NDArray[np.int64]
    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    targets: NDArray[np.uint8]


def scenes(dataset: Dataset, side: int, order: NDArray[np.int64]) -> Iterator[Scene]:
    """Yield the images of a data set that have masks and can be read, at the network's size."""
    for index in order.tolist():
        annotation = dataset.annotations[dataset.images[index].id]
        scene = _scene(dataset.images_folder, annotation, side)
        if scene is not None:
            yield scene


def augmented(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return a scene turned, mirrored, and in other colours: what an object is stays the same."""
    pixels, masks = scene.pixels.astype(np.float32), scene.masks
    if rng.random() < 0.5:
        pixels, masks = pixels[:, ::-1], masks[:, :, ::-1]
    if rng.random() < 0.5:
        pixels, masks = pixels[::-1], masks[:, ::-1]
    if rng.random() < 0.5:
        pixels, masks = pixels.transpose(1, 0, 2), masks.transpose(0, 2, 1)
    pixels = (pixels - 127) * rng.uniform(0.75, 1.25) + 127 + rng.uniform(-20, 20)
    pixels = np.clip(pixels, 0, 255)[..., rng.permutation(3)]
    return Scene(np.ascontiguousarray(pixels.astype(np.uint8)), np.ascontiguousarray(masks))


def draw_prompts(batch: list[Scene], count: int, side: int, rng: np.random.Generator) -> Prompts:
    """Draw `count` prompts on each scene: boxes, points on objects, points on background."""
    rows = [_draw(scene, rng) for scene in batch for _ in range(count)]
    return _stacked(rows, np.repeat(np.arange(len(batch)), count), side)


def box_prompts(batch: list[Scene], side: int) -> Prompts:
    """Return the exact box of every object as a prompt."""
    rows = [(corners_of(mask), _CORNERS, mask) for scene in batch for mask in scene.masks]
    images = np.repeat(np.arange(len(batch)), [len(scene.masks) for scene in batch])
    return _stacked(rows, images, side)


def centre_prompts(batch: list[Scene], side: int) -> Prompts:
    """Return the innermost pixel of every object as a prompt."""
    rows = [(_innermost(mask), _LONE, mask) for scene in batch for mask in scene.masks]
    images = np.repeat(np.arange(len(batch)), [len(scene.masks) for scene in batch])
    return _stacked(rows, images, side)


def corners_of(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return left, top and right, bottom of a mask that is not empty, shape (2, 2)."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], dtype=np.float32)


_CORNERS = np.array([TOP_LEFT, BOTTOM_RIGHT])
_LONE = np.array([POINT, NO_POINT])
_Row = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.uint8]]


def _draw(scene: Scene, rng: np.random.Generator) -> _Row:
    mask = scene.masks[rng.integers(len(scene.masks))]
    chance = rng.random()
    if chance < BOX_SHARE:
        corners = corners_of(mask)
        corners = corners + rng.normal(0, JITTER, (2, 2)) * (corners[1] - corners[0])
        return np.clip(corners, 0, mask.shape[::-1]).astype(np.float32), _CORNERS, mask
    background = np.argwhere(~scene.masks.any(axis=0))
    if chance < BOX_SHARE + OBJECT_POINT_SHARE or not len(background):
        return _lone(np.argwhere(mask), rng), _LONE, mask
    return _lone(background, rng), _LONE, np.zeros_like(mask)


def _lone(pixels: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float32]:
    row, column = pixels[rng.integers(len(pixels))]
    return np.array([[column, row], [0, 0]], dtype=np.float32)


def _innermost(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), mask.shape)
    return np.array([[column, row], [0, 0]], dtype=np.float32)


def _stacked(rows: list[_Row], images: NDArray[np.int64], side: int) -> Prompts:
    targets = np.zeros((len(rows), side, side), dtype=np.uint8)
    for target, (_, _, mask) in zip(targets, rows, strict=True):
        target[: mask.shape[0], : mask.shape[1]] = mask
    return Prompts(
        images=images.astype(np.int64),
        points=np.stack([points for points, _, _ in rows]),
        labels=np.stack([labels for _, labels, _ in rows]),
        targets=targets,
    )


def _scene(folder: Path, annotation: Annotation, side: int) -> Scene | None:
    objects = annotation.objects
    if objects is None or objects.masks is None:
        return None
    photograph = read_photograph(folder, annotation.image)
    if not isinstance(photograph, Photograph):
        return None
    scale = side / max(photograph.pixels.shape[:2])
    height, width = (int(each * scale + 0.5) for each in photograph.pixels.shape[:2])
    import cv2

    masks = [
        cv2.resize(
            rle.decode(mask).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
        )
        > 0.5
        for mask, crowd in zip(objects.masks, objects.crowd, strict=True)
        if not crowd
    ]
    kept = [mask for mask in masks if mask.any()]
    if not kept:
        return None
    # as SamPredictor does it
    resized = Image.fromarray(photograph.pixels).resize((width, height), Image.Resampling.BILINEAR)
    return Scene(np.asarray(resized), np.stack(kept).astype(np.uint8))
