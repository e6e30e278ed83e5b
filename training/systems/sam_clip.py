"""SAM segments everything in an image, CLIP says what each segment is, if anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry import rle
from core.structures import Objects, Prediction, Rle
from training.oracle import SegmentedPhotographs, overlapped_masks, truth_instead_of
from training.protocol import Outputs, Photograph
from training.settings import require_range, setting
from training.stages import clip, sam_weights
from training.stages.clip import Captions, Clip
from training.stages.crops import cut_out
from training.stages.sam import Everything, Sam, Segments
from training.stages.stage_seconds import StageSeconds

SEPARATOR = "|"


@dataclass(frozen=True)
class SamClipSettings:
    """All that changes the predictions, besides the weights."""

    points: int = setting(32, "points on each side of the grid that SAM is asked about")
    quality: float = setting(0.88, "segments of lower expected IoU are left out")
    stability: float = setting(0.95, "segments that change more with the threshold are left out")
    box_iou: float = setting(0.7, "of segments whose boxes overlap more, only the best stays")
    least_area: int = setting(25, "smaller segments are left out, in pixels")
    largest: float = setting(0.5, "larger segments are left out, as a fraction of the image")
    padding: float = setting(0.15, "added around a segment for CLIP, as a fraction of its box")
    templates: str = setting(
        "{}|a photo of a {}|a picture of a {}|a photo of the {}", "captions, separated by |"
    )
    others: str = setting("background", "names of what is no object, separated by |")
    background: float = setting(0.5, "segments more probably no object than this are left out")
    mask_iou: float = setting(0.5, "of named segments that overlap more, only the best stays")
    batch: int = setting(1, "images at a time")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("points", self.points, 1, 512)
        for name in ("quality", "stability", "box_iou", "largest", "background", "mask_iou"):
            require_range(name, getattr(self, name), 0, 1)
        require_range("least_area", self.least_area, 1, 10**9)
        require_range("padding", self.padding, 0, 10)
        require_range("batch", self.batch, 1, 1024)
        wrong = [each for each in _split(self.templates) if each.count("{}") != 1]
        if wrong or not _split(self.templates):
            raise UsageError(
                f"--templates is {self.templates!r}; expected captions with one {{}} each, "
                f"separated by {SEPARATOR}."
            )


class SamClipSystem:
    """Segmentation first, then classification without a single training image.

    Attributes:
        sam: the first stage, which can be asked by itself.
    """

    title = "SAM segments everything, CLIP names the segments by captions"
    stages = ("sam", "clip")
    packages = ("torch", "torchvision", "segment_anything", "open_clip_torch")
    weights = (sam_weights.WEIGHTS, clip.WEIGHTS)
    settings_type = SamClipSettings
    outputs = Outputs(boxes=True, masks=True)
    feed = SegmentedPhotographs
    notes = ()  # captions can be made of any class

    def __init__(
        self,
        settings: SamClipSettings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load both, and encode the names of the classes."""
        self._settings = settings
        self._class_count = len(categories)
        self._everything = Everything(
            points=settings.points,
            least_quality=settings.quality,
            least_stability=settings.stability,
            box_iou=settings.box_iou,
        )
        self.sam = Sam(weights[sam_weights.WEIGHTS.stage], device)
        # a data set may have a class for what is no object
        others = tuple(each for each in _split(settings.others) if each not in categories)
        captions = Captions(tuple(categories), others, _split(settings.templates))
        self._clip = Clip(weights[clip.WEIGHTS.stage], device, captions)

    @property
    def device(self) -> str:
        """Return where both stages run."""
        return self.sam.device

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one prediction for each photograph, its objects from high score to low."""
        return [self._one(each) for each in photographs]

    def _one(self, photograph: Photograph) -> Prediction:
        seconds = StageSeconds()
        objects = self._objects(photograph, seconds)
        return Prediction(photograph.record, objects=objects, stage_seconds=seconds.spent)

    @staticmethod
    def download(name: str, folder: Path) -> Path:
        """Fetch an official file of either stage."""
        fetch = sam_weights.download if name in sam_weights.WEIGHTS.known else clip.download
        return fetch(name, folder)

    def _objects(self, photograph: Photograph, seconds: StageSeconds) -> Objects:
        with seconds.of("sam"):
            segments = self._segments(photograph)
        with seconds.of("clip"):
            probabilities = self._probabilities(photograph, segments)
        named = probabilities[:, : self._class_count]
        is_object = probabilities[:, self._class_count :].sum(axis=1) <= self._settings.background
        scores = np.where(is_object, named.max(axis=1, initial=0) * segments.qualities, 0)
        order = _unrepeated(segments.masks, scores, self._settings.mask_iou)
        masks = tuple(segments.masks[index] for index in order)
        boxes = np.array([rle.box(mask) for mask in masks], dtype=np.float64).reshape(-1, 4)
        return Objects(
            boxes=boxes,
            categories=named[order].argmax(axis=1).astype(np.int32),
            # of the box, as pycocotools reads result files that have both
            areas=boxes[:, 2] * boxes[:, 3],
            crowd=np.zeros(len(order), dtype=bool),
            scores=scores[order],
            masks=masks,
        )

    def _segments(self, photograph: Photograph) -> Segments:
        """Return what SAM sees, without specks and without what fills the image."""
        truth = truth_instead_of("masks", photograph)
        if truth is not None:
            return Segments(truth.masks or (), np.ones(len(truth)))
        pixels = photograph.pixels
        found = self.sam.everything(pixels, self._everything)
        most = self._settings.largest * pixels.shape[0] * pixels.shape[1]
        kept = [
            index
            for index, mask in enumerate(found.masks)
            if self._settings.least_area <= rle.area(mask) <= most
        ]
        return Segments(tuple(found.masks[index] for index in kept), found.qualities[kept])

    def _probabilities(self, photograph: Photograph, segments: Segments) -> NDArray[np.float64]:
        """Return what CLIP takes each segment for, (N, classes and others)."""
        truth = truth_instead_of("classes", photograph)
        if truth is not None:
            return _true_probabilities(segments.masks, truth, self._class_count)
        return self._clip.probabilities(
            [
                cut_out(photograph.pixels, rle.decode(mask), self._settings.padding)
                for mask in segments.masks
            ]
        )


def _true_probabilities(
    masks: Sequence[Rle], truth: Objects, class_count: int
) -> NDArray[np.float64]:
    """Return 1 for the class of the object that each mask overlaps, 0 for all if there is none."""
    overlapped = overlapped_masks(masks, truth)
    probabilities = np.zeros((len(masks), class_count))
    found = np.flatnonzero(overlapped >= 0)
    probabilities[found, truth.categories[overlapped[found]]] = 1
    return probabilities


def _unrepeated(masks: Sequence[Rle], scores: NDArray[np.float64], most: float) -> list[int]:
    """Return which masks stay, from high score to low: those that repeat no better one."""
    order = [index for index in np.argsort(-scores, kind="stable").tolist() if scores[index] > 0]
    coded = rle.as_coco(masks[index] for index in order)
    kept: list[int] = []
    for place in range(len(order)):
        better = [coded[each] for each in kept]
        # pycocotools answers a comparison with nothing with a list
        if not kept or coco_mask.iou([coded[place]], better, [False] * len(kept)).max() <= most:
            kept.append(place)
    return [order[place] for place in kept]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(SEPARATOR) if part.strip())
