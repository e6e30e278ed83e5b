"""Scores of images with one object each: which class, where, and how surely."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import calibration, classification, localization
from core.store.queries import counts

PLACE = ("x", "y", "width", "height")


def single_answers(
    cursor: duckdb.DuckDBPyConnection, run: int, images: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the rows of `queries.counts.single_objects` with the column iou of both boxes.

    It is NaN where the data set does not say where objects are.

    Args:
        cursor: of `Store.read()`.
        run: its key.
        images: image_id of the images to look at, or None for all that the run has answered.
    """
    rows = counts.single_objects(cursor, run, images)
    if rows.empty or rows["x"].isna().any():  # a split is located, or is not
        return rows.assign(iou=np.nan)
    return rows.assign(iou=localization.box_ious(_boxes(rows, ""), _boxes(rows, "predicted_")))


def confusion_of(answers: pd.DataFrame, class_count: int) -> NDArray[np.int64]:
    """Return how many images of each class were given which, (C + 1, C + 1) [truth, prediction].

    The last class stands for "no answer": a column without a row of its own.

    Args:
        answers: of `single_answers`.
        class_count: C.
    """
    truth, predicted = _classes(answers)
    given = np.where(predicted >= 0, predicted, class_count)
    return classification.confusion(truth, given, class_count + 1)


def reliability_of(answers: pd.DataFrame) -> calibration.Reliability:
    """Return how sure the answers were and how many were right; images without one are left out.

    Args:
        answers: of `single_answers`.
    """
    answered = answers[answers["predicted"] >= 0]
    truth, predicted = _classes(answered)
    return calibration.reliability(answered["score"].to_numpy(np.float64), truth == predicted)


def single_scores(
    answers: pd.DataFrame, class_count: int, class_: int | None = None
) -> dict[str, float]:
    """Return the scores of a run's surest prediction of each image, by their names in METRICS.

    An image without a prediction is wrong, and its overlap is 0; it says nothing of calibration.
    Where no place is annotated, there are no scores of places.

    Args:
        answers: of `single_answers`; none give no scores.
        class_count: C.
        class_: score the images of this class alone; macro F1 is then the class's own F1, for
            which all images count.
    """
    own = answers if class_ is None else answers[answers["truth"] == class_]
    if own.empty:
        return {}
    f1 = classification.class_f1(confusion_of(answers, class_count))[:class_count]
    scores = {
        "top1": classification.top1(confusion_of(own, class_count)),
        "macro_f1": float(np.nanmean(f1 if class_ is None else f1[class_])),
        "ece": float(calibration.ece(reliability_of(own))),
    }
    ious = own["iou"].to_numpy(np.float64)
    if not np.isnan(ious).any():
        scores["localization_iou"] = localization.mean_iou(ious)
        scores["joint_accuracy"] = classification.joint_accuracy(*_classes(own), ious)
    return scores


def _classes(answers: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return answers["truth"].to_numpy(np.int64), answers["predicted"].to_numpy(np.int64)


def _boxes(rows: pd.DataFrame, prefix: str) -> NDArray[np.float64]:
    return rows[[f"{prefix}{name}" for name in PLACE]].to_numpy(np.float64)
