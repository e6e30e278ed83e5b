"""The runs that the demo is made of: which systems, on which data, told what."""

from __future__ import annotations

from dataclasses import dataclass

SHAPES, DIGITS = "demo", "demo-digits"
# enough to compare on; the systems never saw a photograph or digit of val and test
IMAGES = {"train": 40, "val": 40, "test": 80}


@dataclass(frozen=True)
class Plan:
    """How one system predicts on the demo.

    Attributes:
        system: its registry name.
        dataset: the data set that its weights were trained on.
        options: what its small weights need to be told.
        fitted: its weights do not ship, but are fitted on what the plans before it answer.
        oracle: which stage is told the truth, or "".
        splits: which it answers.
    """

    system: str
    dataset: str
    options: tuple[str, ...] = ()
    fitted: bool = False
    oracle: str = ""
    splits: tuple[str, ...] = tuple(IMAGES)

    @property
    def name(self) -> str:
        """Return what its runs are called, before the split."""
        return f"{self.system} true {self.oracle}" if self.oracle else self.system


def _weights(*stages: str) -> tuple[str, ...]:
    named = (("--weights", f"{stage}={stage}-demo.safetensors") for stage in stages)
    return tuple(word for pair in named for word in pair)


SMALL = ("--imgsz", "192")
YOLOV8_SAM = (*_weights("yolov8", "sam"), *SMALL)
TRUE_STAGES = ("boxes", "masks")
# the slowest first, so that no worker is left alone with it at the end
PLANS = (
    Plan(
        "sam-clip",
        SHAPES,
        (*_weights("sam", "clip"), "--points", "12", "--quality", "0.3", "--stability", "0.6"),
    ),
    Plan("yolov8-sam", SHAPES, YOLOV8_SAM),
    # its 100 boxes an image are mostly of low scores, and SAM draws each
    Plan("retinanet-sam", SHAPES, (*_weights("retinanet", "sam"), "--conf", "0.1")),
    Plan("mask-rcnn", SHAPES, _weights("mask-rcnn")),
    Plan("retinanet", SHAPES, _weights("retinanet")),
    Plan("yolov8", SHAPES, (*_weights("yolov8"), *SMALL)),
    Plan("unet-two-heads", SHAPES),
    Plan("unet-tf", SHAPES),
    Plan("unet-torch", SHAPES),
    Plan("vgg19-digits", DIGITS),
    # what each of its stages costs
    *(Plan("yolov8-sam", SHAPES, YOLOV8_SAM, oracle=o, splits=("test",)) for o in TRUE_STAGES),
    # its recipe is fitted on val and used there too, which the run on val says
    Plan("ensemble", SHAPES, ("--on-fitted-split",), fitted=True),
)


def run_name(plan: Plan, split: str) -> str:
    """Return what a system's run on a split is called."""
    return f"{plan.name} {split}"
