"""Scores of images with one object each: which class, where, and how surely."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import calibration, classification, localization

PLACE = ("x", "y", "width", "height")


def single_scores(rows: pd.DataFrame, class_count: int) -> dict[str, float]:
    """Return the scores of a run's surest prediction of each image, by their names in METRICS.

    An image without a prediction is wrong, and its overlap is 0; it says nothing of calibration.

    Args:
        rows: of `queries.counts.single_objects`; none give no scores.
        class_count: C.
    """
    if rows.empty:
        return {}
    truth = rows["truth"].to_numpy(np.int64)
    predicted = rows["predicted"].to_numpy(np.int64)
    answered = predicted >= 0
    # one more class for "no answer", which no image has and whose own F1 counts for nothing
    table = classification.confusion(
        truth, np.where(answered, predicted, class_count), class_count + 1
    )
    f1 = classification.class_f1(table)[:class_count]
    ious = localization.box_ious(_boxes(rows, ""), _boxes(rows, "predicted_"))
    scores = rows["score"].to_numpy(np.float64)[answered]
    return {
        "top1": classification.top1(table),
        "macro_f1": float(np.nanmean(f1)),
        "localization_iou": localization.mean_iou(ious),
        "joint_accuracy": classification.joint_accuracy(truth, predicted, ious),
        "ece": calibration.ece(calibration.reliability(scores, (truth == predicted)[answered])),
    }


def _boxes(rows: pd.DataFrame, prefix: str) -> NDArray[np.float64]:
    return rows[[f"{prefix}{name}" for name in PLACE]].to_numpy(np.float64)
