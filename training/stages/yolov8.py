"""YOLOv8 as ultralytics publishes it, for detection and segmentation, or as it was trained here.

An image's answer never depends on its neighbours: every image is letterboxed to the same square,
and every forward pass has the same number of images, the last one filled up with grey, so that the
kernels that are chosen, and with them the last bits, stay the same.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError, WorkFailedError
from training.stages import yolov8_masks, yolov8_weights
from training.stages.detections import Detections, without_empty
from training.stages.torch_checkpoints import SUFFIX
from training.stages.torch_device import described, find_device

RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
TASKS = ("detect", "segment")
GREY = 114  # what ultralytics pads with
# ultralytics gives up on an image after a while, which would make answers depend on the clock
NEVER = 1e9


@dataclass(frozen=True)
class Suppression:
    """Which candidates become detections.

    Attributes:
        least_score: candidates must score higher.
        iou: of two boxes of a class that overlap more, the lower score goes.
        most: detections an image, at most.
        multi_label: a candidate may stand for several classes, not only for its best.
        classes: indices of the checkpoint's classes that count, or None for all.
    """

    least_score: float
    iou: float
    most: int
    multi_label: bool = False
    classes: tuple[int, ...] | None = None


@cache
def prepare_library() -> None:
    """Keep ultralytics from the network, from pip and from the user's settings.

    It reads these variables while it is imported, so this comes before the first import.
    """
    folder = tempfile.mkdtemp(prefix="overlook-ultralytics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        YOLO_CONFIG_DIR=folder,
        YOLO_OFFLINE="true",
        YOLO_AUTOINSTALL="false",
        YOLO_VERBOSE="false",
    )
    # left alone, ultralytics limits PyTorch to one thread
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    # threads that spin while they wait take turns on a busy machine: twice the time was measured
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def download(name: str, folder: Path) -> Path:
    """Fetch an official checkpoint into a folder, with a progress bar.

    Raises:
        WorkFailedError: it could not be fetched.
    """
    prepare_library()
    from ultralytics.utils.downloads import safe_download

    try:
        safe_download(f"{RELEASE}/{name}", file=name, dir=folder, retry=0, min_bytes=1e5)
    except Exception as error:
        raise WorkFailedError(str(error)) from error
    return folder / name


class YoloV8:
    """One checkpoint, loaded."""

    def __init__(self, weights: Path, device: str, *, side: int, batch: int) -> None:
        """Load a checkpoint; a .pt file runs the code that is in it.

        Args:
            weights: a .pt file of ultralytics that may be trusted, or a .safetensors file of a
                network that was trained here.
            device: "auto", or what PyTorch calls it, such as "cpu" or "cuda:0".
            side: of the square that the network sees, in pixels; a multiple of 32.
            batch: images a forward pass, always.

        Raises:
            UsageError: the file is no such checkpoint, or the device is not there.
        """
        prepare_library()
        found = find_device(device)
        network, self.trained_side = load_network(weights, found)
        self._begin(network.fuse(verbose=False), found, side, batch)

    @classmethod
    def of(cls, network: Any, device: Any, *, side: int, batch: int) -> YoloV8:  # noqa: ANN401
        """Return a network in memory, on a torch device, ready to detect; it is changed."""
        detector = cls.__new__(cls)
        detector.trained_side = side
        detector._begin(network.eval().fuse(verbose=False), device, side, batch)
        return detector

    def _begin(self, network: Any, device: Any, side: int, batch: int) -> None:  # noqa: ANN401
        import torch

        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        self._device, self._side, self._batch = device, side, batch
        self._model = network
        self.has_masks = self._model.task == "segment"
        self.names: tuple[str, ...] = tuple(
            self._model.names[index] for index in range(len(self._model.names))
        )
        self._forward([np.full((side, side, 3), GREY, np.uint8)])  # so that no image pays for it

    @property
    def device(self) -> str:
        """Return the device with the name of its chip."""
        return described(self._device)

    def detect(
        self, images: Sequence[NDArray[np.uint8]], suppression: Suppression
    ) -> list[Detections]:
        """Return what is found in each image, in their order.

        Args:
            images: each (H, W, 3), red, green, blue; any number, of any sizes.
            suppression: which candidates become detections.
        """
        return [
            detections
            for start in range(0, len(images), self._batch)
            for detections in self._detect_batch(images[start : start + self._batch], suppression)
        ]

    def _detect_batch(
        self, images: Sequence[NDArray[np.uint8]], suppression: Suppression
    ) -> list[Detections]:
        from ultralytics.data.augment import LetterBox

        letterbox: Any = LetterBox((self._side, self._side), auto=False, padding_value=GREY)
        candidates, prototypes = self._forward([letterbox(image=image) for image in images])
        kept = self._suppress(candidates, suppression)
        return [
            self._detections(
                rows, None if prototypes is None else prototypes[index], images[index].shape[:2]
            )
            for index, rows in enumerate(kept)
        ]

    def _forward(self, squares: Sequence[NDArray[np.uint8]]) -> tuple[Any, Any]:
        """Return candidates (B, 4 + C + coefficients, A) and mask prototypes or None."""
        import torch

        pixels = np.full((self._batch, self._side, self._side, 3), GREY, np.uint8)
        pixels[: len(squares)] = np.stack(squares)
        batch = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).contiguous()
        with torch.inference_mode():
            answer = self._model(batch.float() / 255)[0]
        candidates, prototypes = answer if self.has_masks else (answer, None)
        count = len(squares)
        return candidates[:count], None if prototypes is None else prototypes[:count].float()

    def _suppress(self, candidates: Any, suppression: Suppression) -> list[Any]:  # noqa: ANN401 - a torch tensor
        # With torchvision imported, ultralytics uses its suppression, else one of its own: the
        # choice must not hang on what else this process has imported.
        import torchvision  # type: ignore[import-untyped]  # noqa: F401
        from ultralytics.utils.nms import non_max_suppression

        kept: list[Any] = non_max_suppression(
            candidates,
            suppression.least_score,
            suppression.iou,
            classes=None if suppression.classes is None else list(suppression.classes),
            multi_label=suppression.multi_label,
            max_det=suppression.most,
            nc=len(self.names),
            max_time_img=NEVER,
        )
        return kept

    def _detections(self, rows: Any, prototypes: Any, shape: tuple[int, int]) -> Detections:  # noqa: ANN401
        """Rows are (N, 6 + coefficients): corners in the square, score, class, coefficients."""
        from ultralytics.utils.ops import scale_boxes

        corners: Any = scale_boxes((self._side, self._side), rows[:, :4], shape)
        masks = None
        if prototypes is not None:
            logits = (rows[:, 6:] @ prototypes.flatten(1)).unflatten(1, prototypes.shape[1:])
            masks = yolov8_masks.inside_boxes(logits.cpu().numpy(), corners.cpu().numpy(), shape)
        return without_empty(
            Detections(
                corners=corners.cpu().numpy().astype(np.float64),
                classes=rows[:, 5].cpu().numpy().astype(np.int64),
                scores=rows[:, 4].cpu().numpy().astype(np.float64),
                masks=masks,
            )
        )


def load_network(weights: Path, device: Any) -> tuple[Any, int]:  # noqa: ANN401 - torch's
    """Return the network of a checkpoint, and the side that it was trained on, 0 if unknown.

    Raises:
        UsageError: the file is no checkpoint of YOLOv8.
    """
    if weights.suffix == SUFFIX:
        network, architecture = yolov8_weights.load(weights)
        return network.to(device), architecture.imgsz
    return _official(weights, device), 0


def _official(weights: Path, device: Any) -> Any:  # noqa: ANN401 - a torch.device, a torch module
    from ultralytics.nn import tasks
    from ultralytics.utils import SETTINGS

    settings: Any = SETTINGS
    settings.update({"sync": False})
    load: Any = tasks.load_checkpoint
    try:
        model, _ = load(str(weights), device=device)
    except Exception as error:
        raise UsageError(
            f"{weights} cannot be loaded as a checkpoint of ultralytics ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'no reason given'}). Expected a .pt "
            "file of YOLOv8, such as yolov8n-seg.pt; download or export it again."
        ) from error
    if getattr(model, "task", None) not in TASKS or getattr(model, "end2end", False):
        kind = "an end-to-end model" if getattr(model, "end2end", False) else model.task
        raise UsageError(
            f"{weights} is a checkpoint for {kind}; expected one of YOLOv8 for "
            f"{' or '.join(TASKS)}."
        )
    return model
