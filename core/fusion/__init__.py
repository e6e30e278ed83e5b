"""Several answers into one: masks painted onto a map, objects fused, label maps voted."""

from core.fusion.painting import (
    THRESHOLDS,
    choose_threshold,
    label_count,
    paint,
    paint_annotation,
    paint_owners,
)

__all__ = [
    "THRESHOLDS",
    "choose_threshold",
    "label_count",
    "paint",
    "paint_annotation",
    "paint_owners",
]
