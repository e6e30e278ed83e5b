"""Segment Anything: masks for boxes, and masks for everything in an image.

An image's answer never depends on other images: prompts of one image go through the decoder
together, and of no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.geometry import rle
from core.structures import Rle
from training.stages import sam_weights
from training.stages.sam_embeddings import Embedding, Embeddings, folder_of_environment
from training.stages.torch_device import described, find_device
from training.weights import sha256_of

PROMPTS_A_PASS = 64
STABILITY_OFFSET = 1.0  # logits, as in SamAutomaticMaskGenerator


@dataclass(frozen=True, eq=False)
class Segments:
    """Masks of one image.

    Attributes:
        masks: N, of the image's size.
        qualities: (N,) float64, the IoU that SAM expects of each, in [0, 1].
    """

    masks: tuple[Rle, ...]
    qualities: NDArray[np.float64]


@dataclass(frozen=True)
class Everything:
    """How a whole image is segmented, as `SamAutomaticMaskGenerator` does it.

    Attributes:
        points: on each side of the grid of prompts.
        least_quality: masks of lower expected IoU go.
        least_stability: masks whose IoU between a stricter and a laxer threshold is lower go.
        box_iou: of two masks whose boxes overlap more, the one of lower quality goes.
    """

    points: int
    least_quality: float
    least_stability: float
    box_iou: float


class Sam:
    """One checkpoint, loaded."""

    def __init__(self, weights: Path, device: str) -> None:
        """Load a checkpoint; no code in it is run.

        Raises:
            UsageError: the file is no SAM, or the device is not there.
        """
        from segment_anything import SamPredictor  # type: ignore[import-untyped]

        self._device = find_device(device)
        self._predictor: Any = SamPredictor(sam_weights.load(weights).to(self._device))
        owner = f"{sha256_of(weights)[:16]}-{self._device.type}"
        self._embeddings = Embeddings(owner, folder_of_environment())
        # so that no image pays for what happens once
        self.masks_in_boxes(np.zeros((8, 8, 3), np.uint8), np.array([[1.0, 1, 5, 5]]))

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        return described(self._device)

    def masks_in_boxes(self, pixels: NDArray[np.uint8], corners: NDArray[np.float64]) -> Segments:
        """Return the mask of what is in each box, in their order.

        Args:
            pixels: (H, W, 3) red, green, blue.
            corners: (N, 4) left, top, right, bottom in pixels.
        """
        import torch

        masks: list[Rle] = []
        qualities: list[float] = []
        if len(corners):
            self._show(pixels)
        for start in range(0, len(corners), PROMPTS_A_PASS):
            chunk = torch.as_tensor(
                corners[start : start + PROMPTS_A_PASS], dtype=torch.float32, device=self._device
            )
            boxes = self._predictor.transform.apply_boxes_torch(chunk, pixels.shape[:2])
            found, quality, _ = self._predictor.predict_torch(
                None, None, boxes=boxes, multimask_output=False
            )
            masks += [rle.encode(mask) for mask in found[:, 0].cpu().numpy()]
            qualities += quality[:, 0].tolist()
        return Segments(tuple(masks), np.clip(np.array(qualities, dtype=np.float64), 0, 1))

    def prompted(
        self,
        pixels: NDArray[np.uint8],
        points: NDArray[np.float64],
        wanted: NDArray[np.bool_],
        box: NDArray[np.float64] | None,
    ) -> tuple[Rle, float]:
        """Return the mask of what points and a box mean, and the IoU that SAM expects of it.

        One point alone may mean a part, an object or several: of the masks that SAM has for it,
        the one of which it expects most is returned.

        Args:
            pixels: (H, W, 3) red, green, blue.
            points: (N, 2) x and y in pixels.
            wanted: (N,) whether each point is on what is meant, or on what is not.
            box: (4,) left, top, right, bottom in pixels, or None.

        Raises:
            UsageError: there is neither point nor box.
        """
        if not len(points) and box is None:
            raise UsageError("SAM was asked about nothing; expected a point or a box.")
        if not len(points) and box is not None:
            found = self.masks_in_boxes(pixels, box[np.newaxis])
            return found.masks[0], float(found.qualities[0])
        self._show(pixels)
        masks, qualities, _ = self._predictor.predict(
            points,
            wanted.astype(np.int64),
            box,
            multimask_output=len(points) == 1 and box is None,
        )
        best = int(qualities.argmax())
        return rle.encode(masks[best]), float(np.clip(qualities[best], 0, 1))

    def everything(self, pixels: NDArray[np.uint8], settings: Everything) -> Segments:
        """Return masks of all there is to see, from high quality to low.

        The same masks as `SamAutomaticMaskGenerator` of segment_anything gives without crops;
        that one fails on images where no mask is good enough.

        Args:
            pixels: (H, W, 3) red, green, blue.
            settings: which masks are good enough.
        """
        import torch
        from torchvision.ops import batched_nms  # type: ignore[import-untyped]

        self._show(pixels)
        parts = list(self._answers_to_grid(pixels.shape[:2], settings))
        boxes = torch.cat([boxes for _, _, boxes in parts])
        qualities = torch.cat([quality for _, quality, _ in parts])
        masks = [mask for found, _, _ in parts for mask in found]
        kept = batched_nms(
            boxes.float(), qualities, torch.zeros(len(boxes)), settings.box_iou
        ).tolist()
        return Segments(
            tuple(masks[index] for index in kept),
            np.clip(qualities[kept].numpy().astype(np.float64), 0, 1),
        )

    def _answers_to_grid(
        self, shape: tuple[int, int], settings: Everything
    ) -> Iterator[tuple[list[Rle], Any, Any]]:
        """Yield masks, qualities (N,) and boxes (N, 4) that are good enough, a pass at a time."""
        import torch
        from segment_anything.utils.amg import (  # type: ignore[import-untyped]
            batched_mask_to_box,
            build_point_grid,
            calculate_stability_score,
        )

        grid = build_point_grid(settings.points) * np.array(shape)[np.newaxis, ::-1]
        for start in range(0, len(grid), PROMPTS_A_PASS):
            points = self._predictor.transform.apply_coords(
                grid[start : start + PROMPTS_A_PASS], shape
            )
            coordinates = torch.as_tensor(points, device=self._device)[:, None]
            labels = torch.ones(coordinates.shape[:2], dtype=torch.int, device=self._device)
            logits, quality, _ = self._predictor.predict_torch(
                coordinates, labels, multimask_output=True, return_logits=True
            )
            logits, quality = logits.flatten(0, 1), quality.flatten(0, 1)
            good = quality > settings.least_quality
            logits, quality = logits[good], quality[good]
            threshold = self._predictor.model.mask_threshold
            stability = calculate_stability_score(logits, threshold, STABILITY_OFFSET)
            good = stability >= settings.least_stability
            found = logits[good] > threshold
            boxes = batched_mask_to_box(found).cpu()
            yield [rle.encode(mask) for mask in found.cpu().numpy()], quality[good].cpu(), boxes

    def _show(self, pixels: NDArray[np.uint8]) -> None:
        """Let the predictor speak of this image."""
        import torch

        predictor = self._predictor

        def compute() -> Embedding:
            predictor.set_image(pixels)
            embedding: Embedding = predictor.get_image_embedding().cpu().numpy()
            return embedding

        embedding = self._embeddings.of(pixels, compute)
        predictor.reset_image()
        predictor.features = torch.from_numpy(embedding).to(self._device)
        predictor.original_size = pixels.shape[:2]
        predictor.input_size = predictor.transform.get_preprocess_shape(
            *pixels.shape[:2], predictor.transform.target_length
        )
        predictor.is_image_set = True
