"""Annotation and prediction of one image as runs in which neither changes, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import label_runs
from core.structures import LabelMap, void_of

Numbers = NDArray[np.int32]
Runs = tuple[LabelMap, label_runs.Lengths]

VOID = -1


@dataclass(frozen=True, eq=False)
class JointRuns:
    """Two label maps of one image, as what is counted along their regions needs them.

    Attributes:
        truth: (R,) int32 class index of the annotation, or -1 where it is void.
        predicted: (R,) int32 class index of the prediction, or -1 where it has no answer, or no
            class under void.
        starts: (R,) int32 first column.
        ends: (R,) int32 column after the last.
        rows: (H + 1,) int64 run at which each row begins, and R.
        width: W.
    """

    truth: Numbers
    predicted: Numbers
    starts: Numbers
    ends: Numbers
    rows: NDArray[np.int64]
    width: int

    @property
    def columns(self) -> tuple[Numbers, Numbers, Numbers, Numbers, NDArray[np.int64]]:
        """Return all of them, as compiled loops take them."""
        return self.truth, self.predicted, self.starts, self.ends, self.rows

    @property
    def height(self) -> int:
        """Return H."""
        return len(self.rows) - 1


def of_maps(truth: LabelMap, predicted: LabelMap, class_count: int) -> JointRuns:
    """Return the joint runs of two label maps.

    Args:
        truth: (H, W) class index of each pixel, or void.
        predicted: (H, W) class index of each pixel; void where the system gave no answer.
        class_count: C, the number of class indices allowed.

    Raises:
        ValueError: the shapes differ, or an index of a labelled pixel is not below C.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"truth is {truth.shape} but predicted is {predicted.shape}")
    found = label_runs.find_runs(truth), label_runs.find_runs(predicted)
    return _of_runs(*found, truth.shape[1], class_count)


def of_blobs(truth: bytes, predicted: bytes, width: int, class_count: int) -> JointRuns:
    """Return the joint runs of two stored label maps, without painting them.

    Args:
        truth: label runs (`core.geometry.label_runs`) of the annotation.
        predicted: label runs of the prediction, of as many pixels.
        width: W, the columns of the image.
        class_count: C, as in `of_maps`.

    Raises:
        ValueError: a blob is damaged, the sizes differ, or an index of a labelled pixel is not
            below C.
    """
    return _of_runs(label_runs.runs(truth), label_runs.runs(predicted), width, class_count)


def _of_runs(truth: Runs, predicted: Runs, width: int, class_count: int) -> JointRuns:
    from core.metrics.kernels import joint_runs, pixel  # numba takes half a second to import

    pixels = [int(lengths.sum()) for _, lengths in (truth, predicted)]
    if pixels[0] != pixels[1] or pixels[0] % width:
        raise ValueError(
            f"truth has {pixels[0]} pixels and predicted has {pixels[1]}, "
            f"expected as many, in rows of {width}"
        )
    voids = void_of(truth[0]), void_of(predicted[0])
    parts = joint_runs.cut_by_rows(*pixel.merge_runs(*truth, *predicted), width, voids)
    true, answers, starts, ends, rows = parts
    under_void = (true == VOID) & (answers >= class_count)
    answers[under_void] = VOID
    most = max(true.max(initial=VOID), answers.max(initial=VOID))
    if most >= class_count:
        raise ValueError(
            f"a label map holds class index {most}, but there are {class_count} classes"
        )
    return JointRuns(true, answers, starts, ends, rows, width)
