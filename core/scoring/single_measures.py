"""Answers to images of one object each to measures of any multiset of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import classification
from core.metrics.significance import Amounts, Sums, calibration_measure, image_means, with_mean

Scores = NDArray[np.float64]
Formula = Callable[[pd.DataFrame, int], Sums]


def single_measure(name: str, answers: pd.DataFrame, class_count: int) -> Sums:
    """Return a score of a run's surest prediction of each image as a measure.

    Args:
        name: one of `SINGLE_MEASURES`.
        answers: of `single_answers`, one an image.
        class_count: C.
    """
    return SINGLE_MEASURES[name](answers, class_count)


def _top1(answers: pd.DataFrame, _: int) -> Sums:
    return image_means(_right(answers).astype(np.float64)[:, np.newaxis])


def _macro_f1(answers: pd.DataFrame, class_count: int) -> Sums:
    truth, predicted = (
        answers[name].to_numpy()[:, np.newaxis] == np.arange(class_count)
        for name in ("truth", "predicted")
    )
    table = np.hstack([truth & predicted, truth, predicted])
    return Sums(Amounts.of_table(table), _macro_f1_of_sums)


def _macro_f1_of_sums(sums: Scores) -> Scores:
    return with_mean(classification.f1(*np.split(sums.astype(np.int64), 3, axis=1)))[:, :1]


def _localization_iou(answers: pd.DataFrame, _: int) -> Sums:
    return image_means(answers[["iou"]].to_numpy(np.float64))


def _joint_accuracy(answers: pd.DataFrame, _: int) -> Sums:
    truth, predicted = (answers[name].to_numpy(np.int64) for name in ("truth", "predicted"))
    outcomes = classification.joint_outcomes(truth, predicted, answers["iou"].to_numpy(np.float64))
    return image_means((outcomes == 0).astype(np.float64)[:, np.newaxis])


def _ece(answers: pd.DataFrame, _: int) -> Sums:
    answered = (answers["predicted"] >= 0).to_numpy()
    places = np.flatnonzero(answered)
    certainty = answers["score"].to_numpy(np.float64)[answered]
    return calibration_measure(len(answers), places, certainty, _right(answers)[answered])


def _right(answers: pd.DataFrame) -> NDArray[np.bool_]:
    return (answers["truth"] == answers["predicted"]).to_numpy(np.bool_)


SINGLE_MEASURES: Final[dict[str, Formula]] = {
    "top1": _top1,
    "macro_f1": _macro_f1,
    "localization_iou": _localization_iou,
    "joint_accuracy": _joint_accuracy,
    "ece": _ece,
}
