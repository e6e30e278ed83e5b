"""How far scores, and differences of runs on the same images, can be trusted."""

from core.metrics.significance.adjustment import CORRECTIONS, letters
from core.metrics.significance.labels import LabelPrecision, calibration_measure
from core.metrics.significance.measures import (
    Amounts,
    Measure,
    Overall,
    Sums,
    image_means,
    with_mean,
)
from core.metrics.significance.objects import object_measure
from core.metrics.significance.splits import SplitStudy, begin_splits
from core.metrics.significance.study import LEVEL, Study, begin, drawn_places, extended
from core.metrics.significance.subsets import Shortfalls, begin_shortfalls, shortfalls

__all__ = [
    "CORRECTIONS",
    "LEVEL",
    "Amounts",
    "LabelPrecision",
    "Measure",
    "Overall",
    "Shortfalls",
    "SplitStudy",
    "Study",
    "Sums",
    "begin",
    "begin_shortfalls",
    "begin_splits",
    "calibration_measure",
    "drawn_places",
    "extended",
    "image_means",
    "letters",
    "object_measure",
    "shortfalls",
    "with_mean",
]
