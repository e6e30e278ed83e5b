"""Settings that torchvision's detectors share: of predictions, and of trainings."""

from __future__ import annotations

from dataclasses import dataclass

from training.settings import require_range, setting


@dataclass(frozen=True)
class DetectorSettings:
    """All that changes the predictions, besides the weights."""

    side: int = setting(0, "longest side at which images are seen, in pixels; 0 as trained")
    conf: float = setting(0.01, "detections must score higher")
    iou: float = setting(0.5, "of boxes of a class that overlap more, only the best stays")
    max_det: int = setting(100, "detections an image, at most")
    batch: int = setting(4, "images at a time")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("side", self.side, 0, 8192)
        require_range("conf", self.conf, 0, 1)
        require_range("iou", self.iou, 0, 1)
        require_range("max_det", self.max_det, 1, 30_000)
        require_range("batch", self.batch, 1, 1024)


@dataclass(frozen=True)
class DetectorFitSettings:
    """All that changes the training, besides data, epochs and seed."""

    start: str = setting(
        "", "official weights, or a YOLOv8 trained here whose trunk is taken over; empty for none"
    )
    heads_only: bool = setting(default=True, meaning="with a start, learn nothing but the heads")
    trunk_rate: float = setting(0.3, "learning rate of what is taken over, as a fraction")
    depth: float = setting(0.33, "of a small network's trunk, see yolov8")
    width: float = setting(0.125, "of a small network's trunk, see yolov8")
    widest: int = setting(1024, "of a small network's trunk, see yolov8")
    channels: int = setting(64, "of a small network's maps; a multiple of 8")
    side: int = setting(0, "longest side of the images; 0 is 640, or what torchvision has")
    batch: int = setting(8, "images a step")
    lr: float = setting(0.002, "highest learning rate, of AdamW")
    weight_decay: float = setting(0.001, "of AdamW")
    balance: float = setting(0.5, "drawing of images: 0 all alike, 1 all rarest classes alike")
    flip: bool = setting(default=False, meaning="mirror at random; wrong for digits")
    zoom: float = setting(1.2, "enlarge or reduce at random, by up to this factor")
    shift: float = setting(0.1, "move at random, by up to this fraction of the side")
    brightness: float = setting(0.15, "change at random, by up to this fraction")
    contrast: float = setting(0.25, "change at random, by up to this fraction")
    shuffle_colours: bool = setting(
        default=False, meaning="exchange red, green, blue; wrong where colour tells classes apart"
    )
    bfloat16: bool = setting(
        default=False, meaning="count in 16 bits: faster where the processor has them"
    )

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name, least, most in (
            ("trunk_rate", 0, 1),
            ("depth", 0.01, 10),
            ("width", 0.01, 10),
            ("widest", 8, 8192),
            ("channels", 8, 4096),
            ("side", 0, 8192),
            ("batch", 1, 4096),
            ("lr", 1e-9, 10),
            ("weight_decay", 0, 10),
            ("balance", 0, 1),
            ("zoom", 1, 10),
            ("shift", 0, 1),
            ("brightness", 0, 1),
            ("contrast", 0, 1),
        ):
            require_range(name, getattr(self, name), least, most)
        require_range("channels", self.channels % 8, 0, 0)
