"""A detector that answers what it is told to, before the shipped SAM; and images for both."""

from __future__ import annotations

import numpy as np

from core.geometry import rle
from core.structures import ImageRecord
from tests.training.scenes import paint
from training.classes import map_classes
from training.protocol import Photograph
from training.stages.detections import Detections
from training.weights import SHIPPED

SAM = SHIPPED / "sam" / "sam-demo.safetensors"


def photograph(seed: int) -> Photograph:
    """Return an image of 192 x 168 pixels with a disc and a square."""
    pixels = enlarged(paint(64, 56, np.random.default_rng(seed))[0])
    return Photograph(ImageRecord(seed, f"{seed}", f"{seed}.png", *pixels.shape[:2]), pixels)


def truth_of(seed: int) -> list[np.ndarray]:
    return [enlarged(mask) for mask in paint(64, 56, np.random.default_rng(seed))[1]]


def enlarged(array: np.ndarray) -> np.ndarray:
    return array.repeat(3, axis=0).repeat(3, axis=1)


class Eye:
    """A detector that answers what it is told to."""

    device = "eye"

    def __init__(self, corners: list[list[float]], scores: list[float]) -> None:
        self.found = Detections(
            corners=np.array(corners, dtype=np.float64).reshape(-1, 4),
            classes=np.arange(len(scores)) % 2,
            scores=np.array(scores, dtype=np.float64),
            masks=None,
        )

    def detect(self, images: list[np.ndarray]) -> list[Detections]:
        return [self.found for _ in images]


def box_system(eye: Eye, *, rescore: bool = False):
    from training.systems.box_prompts import BoxPromptedSystem

    class EyeSam(BoxPromptedSystem):
        stages = ("eye", "sam")

    classes = map_classes(["square", "disc"], ["disc", "square"])
    return EyeSam(eye, classes, SAM, "cpu", rescore=rescore)


def tight(mask: np.ndarray) -> tuple[int, int, int, int]:
    return rle.box(rle.encode(mask))
