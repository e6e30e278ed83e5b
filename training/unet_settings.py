"""What the U-Nets can be told: to predict, and to learn."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import UsageError
from training.settings import require_range, setting


@dataclass(frozen=True)
class UNetKerasSettings:
    """All that changes the predictions, besides the weights."""

    batch: int = setting(8, "images at a time")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        require_range("batch", self.batch, 1, 1024)


@dataclass(frozen=True)
class UNetFitSettings:
    """What changes the training of every U-Net, besides data, epochs and seed."""

    width: int = setting(16, "channels of the first level; each below has twice as many")
    depth: int = setting(4, "how often the size is halved")
    widest: int = setting(128, "channels of a level, at most")
    scale: float = setting(0.5, "size at which images are seen, as a fraction of their own")
    crop: int = setting(96, "side of the squares learnt from, in pixels at that scale")
    batch: int = setting(16, "squares a step")
    lr: float = setting(0.003, "highest learning rate")
    weight_decay: float = setting(0.01, "of AdamW")
    balance: float = setting(0.5, "drawing of images: 0 all alike, 1 all rarest classes alike")
    class_weights: float = setting(0.25, "cost of errors: 0 all alike, 1 all classes alike")
    dice: float = setting(0.5, "weight of the Dice loss beside the cross-entropy")
    flip: bool = setting(default=False, meaning="mirror at random; wrong for digits")
    zoom: float = setting(1.25, "enlarge or reduce at random, by up to this factor")
    shift: float = setting(0.1, "move at random, by up to this fraction of the side")
    brightness: float = setting(0.15, "change at random, by up to this fraction")
    contrast: float = setting(0.25, "change at random, by up to this fraction")
    shuffle_colours: bool = setting(
        default=False, meaning="exchange red, green, blue; wrong where colour tells classes apart"
    )

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name, least, most in (
            ("width", 1, 1024),
            ("depth", 1, 8),
            ("widest", 1, 4096),
            ("scale", 0.01, 1),
            ("crop", 1, 4096),
            ("batch", 1, 4096),
            ("lr", 1e-9, 10),
            ("weight_decay", 0, 10),
            ("balance", 0, 1),
            ("class_weights", 0, 1),
            ("dice", 0, 100),
            ("zoom", 1, 10),
            ("shift", 0, 1),
            ("brightness", 0, 1),
            ("contrast", 0, 1),
        ):
            require_range(name, getattr(self, name), least, most)
        if self.crop % 2**self.depth:
            raise UsageError(
                f"crop is {self.crop}; expected a multiple of {2**self.depth} with depth "
                f"{self.depth}, because each level halves it."
            )


@dataclass(frozen=True)
class UNetTorchFitSettings(UNetFitSettings):
    """All that changes the training in PyTorch, besides data, epochs and seed."""

    bfloat16: bool = setting(
        default=False, meaning="count in 16 bits: faster where the processor has them"
    )


@dataclass(frozen=True)
class _Start:
    start: str = setting("", "checkpoint of the same system to start from, or empty")


@dataclass(frozen=True)
class UNetKerasFitSettings(UNetFitSettings, _Start):
    """What changes the training in Keras, besides data, epochs and seed; `start` comes first."""


@dataclass(frozen=True)
class TwoHeadsFitSettings(UNetKerasFitSettings):
    """All that changes the training of both outputs, besides data, epochs and seed."""

    label_weight: float = setting(1.0, "weight of the image-level loss beside the pixels'")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        super().__post_init__()
        require_range("label_weight", self.label_weight, 0, 100)


@dataclass(frozen=True)
class UNetTfFitSettings(UNetKerasFitSettings):
    """All that changes the training from TFRecord files, besides data, epochs and seed."""

    shard_images: int = setting(512, "images a TFRecord file holds, at most")

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        super().__post_init__()
        require_range("shard_images", self.shard_images, 1, 1_000_000)
