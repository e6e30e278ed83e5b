"""YOLOv8 by itself: boxes, and masks where the weights segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.structures import Prediction
from training.classes import map_classes
from training.protocol import Outputs, Photograph, WeightsNeed
from training.settings import require_range, setting
from training.stages import yolov8
from training.stages.detections import predictions_of
from training.trainable import FitOptions, Report, TrainingData

SIDE_STEP = 32
WEIGHTS = WeightsNeed(
    stage="yolov8",
    default="yolov8n-seg.pt",
    known=(
        *(f"yolov8{size}{task}.pt" for task in ("", "-seg") for size in "nsmlx"),
        "yolov8-demo.safetensors",
    ),
    address=f"{yolov8.RELEASE}/",
)


@dataclass(frozen=True)
class YoloV8Settings:
    """All that changes the predictions, besides the weights."""

    imgsz: int = setting(640, "side of the square that the network sees, in pixels")
    conf: float = setting(0.001, "detections must score higher")
    iou: float = setting(0.7, "of boxes of a class that overlap more, only the best stays")
    max_det: int = setting(300, "detections an image, at most")
    multi_label: bool = setting(
        default=False,
        meaning="let a box stand for several classes, as the library's own validation does",
    )
    batch: int = setting(4, "images a forward pass")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("imgsz", self.imgsz, SIDE_STEP, 8192)
        if self.imgsz % SIDE_STEP:
            raise UsageError(f"--imgsz is {self.imgsz}; expected a multiple of {SIDE_STEP}.")
        require_range("conf", self.conf, 0, 1)
        require_range("iou", self.iou, 0, 1)
        require_range("max_det", self.max_det, 1, 30_000)
        require_range("batch", self.batch, 1, 1024)


@dataclass(frozen=True)
class YoloV8FitSettings:
    """All that changes the training, besides data, epochs and seed; ultralytics' own names."""

    start: str = setting("", "file of weights to start from, such as yolov8n.pt; empty for none")
    depth: float = setting(0.33, "blocks of a stage, as a fraction of YOLOv8l's")
    width: float = setting(0.25, "channels, as a fraction of YOLOv8l's")
    widest: int = setting(1024, "channels of a layer before the width, at most")
    imgsz: int = setting(640, "side of the squares that are learnt from, in pixels")
    batch: int = setting(16, "images a step")
    lr: float = setting(0.003, "highest learning rate, of AdamW")
    lrf: float = setting(0.02, "last learning rate, as a fraction of the highest")
    weight_decay: float = setting(0.0005, "of AdamW")
    mosaic: float = setting(0.0, "share of images that are put together of four")
    close_mosaic: float = setting(0.3, "share of the epochs, at the end, without mosaics")
    fliplr: float = setting(0.0, "share of images that are mirrored; wrong for digits")
    scale: float = setting(0.2, "enlarge or reduce at random, by up to this fraction")
    translate: float = setting(0.1, "move at random, by up to this fraction of the side")
    degrees: float = setting(0.0, "turn at random, by up to these degrees")
    hsv_h: float = setting(0.015, "change the hue at random, by up to this fraction")
    hsv_s: float = setting(0.7, "change the saturation at random, by up to this fraction")
    hsv_v: float = setting(0.4, "change the brightness at random, by up to this fraction")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("imgsz", self.imgsz, SIDE_STEP, 8192)
        if self.imgsz % SIDE_STEP:
            raise UsageError(f"imgsz is {self.imgsz}; expected a multiple of {SIDE_STEP}.")
        for name, least, most in (
            ("depth", 0.01, 10),
            ("width", 0.01, 10),
            ("widest", 8, 8192),
            ("batch", 1, 4096),
            ("lr", 1e-9, 10),
            ("lrf", 0, 1),
            ("weight_decay", 0, 10),
            ("degrees", 0, 180),
        ):
            require_range(name, getattr(self, name), least, most)
        for name in ("mosaic", "close_mosaic", "fliplr", "scale", "translate"):
            require_range(name, getattr(self, name), 0, 1)
        for name in ("hsv_h", "hsv_s", "hsv_v"):
            require_range(name, getattr(self, name), 0, 1)


class YoloV8System:
    """Detection in one network."""

    title = "YOLOv8: boxes, and masks with -seg weights"
    stages = ("yolov8",)
    packages = ("torch", "torchvision", "ultralytics")
    weights = (WEIGHTS,)
    settings_type = YoloV8Settings
    fit_settings_type = YoloV8FitSettings
    fit_goal = "val_box_ap"
    checkpoint_suffix = ".safetensors"
    download = staticmethod(yolov8.download)

    def __init__(
        self,
        settings: YoloV8Settings,
        weights: Mapping[str, Path],
        categories: Sequence[str],
        device: str,
    ) -> None:
        """Load the weights and match their classes to the data set's."""
        self._network = yolov8.YoloV8(
            weights[WEIGHTS.stage], device, side=settings.imgsz, batch=settings.batch
        )
        self._side = settings.imgsz
        self._classes = map_classes(self._network.names, categories)
        known = self._classes.known
        self._suppression = yolov8.Suppression(
            least_score=settings.conf,
            iou=settings.iou,
            most=settings.max_det,
            multi_label=settings.multi_label,
            classes=None if len(known) == len(self._network.names) else known,
        )

    @property
    def outputs(self) -> Outputs:
        """Return what the weights give."""
        return Outputs(boxes=True, masks=self._network.has_masks)

    @property
    def device(self) -> str:
        """Return where the network runs."""
        return self._network.device

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is to be said about the classes, and about the size."""
        trained, chosen = self._network.trained_side, self._side
        size = (
            f"The weights were trained on squares of {trained} pixels, but the network sees "
            f"{chosen}: --imgsz {trained} should find more."
            if trained not in (0, chosen)
            else ""
        )
        return (*self._classes.notes, size) if size else self._classes.notes

    def predict(self, photographs: Sequence[Photograph]) -> list[Prediction]:
        """Return one prediction for each photograph, its objects from high score to low."""
        found = self._network.detect([each.pixels for each in photographs], self._suppression)
        return predictions_of(photographs, found, self._classes)

    @staticmethod
    def fit(data: TrainingData, options: FitOptions, report: Report) -> None:
        """Train for detection, as `training.trainable` says."""
        from training.stages import yolov8_training

        yolov8_training.fit(data, options, report, WEIGHTS)
