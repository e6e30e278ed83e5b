"""Label maps to counts of their pixels, boundaries and wrong pixels, image by image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from core import fusion
from core.errors import UsageError
from core.evaluate.painting import Painting
from core.evaluate.subject import Subject
from core.metrics import boundary, counting, joint_runs, pixel_errors
from core.structures import LabelMap, Objects, void_of

PIXEL_COLUMNS = ("truth", "predicted", "pixels")
BOUNDARY_COLUMNS = ("classes", "truth", "predicted", "shared")
ERROR_COLUMNS = ("classes", "kinds", "missed", "added", "wrong")


@dataclass
class MapCounts:
    """What was counted of some images, by image_id."""

    pixels: dict[int, counting.PixelCounts] = field(default_factory=dict)
    boundaries: dict[int, boundary.BoundaryCounts] = field(default_factory=dict)
    errors: dict[int, pixel_errors.PixelErrors] = field(default_factory=dict)

    def add_regions(self, image: int, runs: joint_runs.JointRuns, class_count: int) -> None:
        """Count what depends on where in the image pixels are."""
        self.boundaries[image] = boundary.count_boundaries(runs, class_count)
        self.errors[image] = pixel_errors.count_errors(runs, class_count)

    @property
    def pixel_table(self) -> pa.Table:
        """Return the rows of the table `pixel_count`, without the run."""
        return stacked(self.pixels, PIXEL_COLUMNS)

    @property
    def boundary_table(self) -> pa.Table:
        """Return the rows of the table `boundary_count`, without the run."""
        return stacked(self.boundaries, BOUNDARY_COLUMNS).rename_columns(
            ["image_id", "class", *BOUNDARY_COLUMNS[1:]]
        )

    @property
    def error_table(self) -> pa.Table:
        """Return the rows of the table `pixel_error_count`, without the run."""
        return stacked(self.errors, ERROR_COLUMNS).rename_columns(
            ["image_id", "class", "kind", *ERROR_COLUMNS[2:]]
        )


def count_maps(
    subject: Subject, truth: Mapping[int, bytes], predicted: Mapping[int, bytes]
) -> MapCounts:
    """Count label maps as they were predicted.

    Args:
        subject: the run.
        truth: the stored label maps of the annotation, by image_id.
        predicted: those of the run, of the same images or fewer.
    """
    counts = MapCounts()
    for image, blob in predicted.items():
        with _image_named(subject, image):
            # pixels by their runs, which is several times faster than pixel by pixel
            counts.pixels[image] = counting.count_runs(truth[image], blob, subject.label_count)
            width = subject.images[image][1]
            runs = joint_runs.of_blobs(truth[image], blob, width, subject.label_count)
            counts.add_regions(image, runs, subject.label_count)
    return counts


def count_painted(
    subject: Subject, subjects: Iterable[tuple[int, LabelMap, Objects]], painting: Painting
) -> MapCounts:
    """Count the maps that are painted from the predicted masks.

    Args:
        subject: the run.
        subjects: of `painted_subjects`.
        painting: from which score on.
    """
    counts = MapCounts()
    for image, truth, objects in subjects:
        height, width = truth.shape
        predicted = fusion.paint(
            objects,
            height,
            width,
            subject.class_count,
            threshold=painting.threshold,
            background=subject.background,
        )
        if subject.leaves_blank:
            leave_blank(predicted, subject.class_count)
        counts.pixels[image] = counting.count_pixels(truth, predicted, subject.label_count)
        runs = joint_runs.of_maps(truth, predicted, subject.label_count)
        counts.add_regions(image, runs, subject.label_count)
    return counts


def leave_blank(painted: LabelMap, class_count: int) -> None:
    """Turn what a system painted nothing on into pixels without an answer, in place.

    Args:
        painted: (H, W), as `fusion.paint` returns it where no class means "nothing".
        class_count: C, the number of categories.
    """
    painted[painted == class_count] = void_of(painted)


def stacked(counts: Mapping[int, object], columns: Sequence[str]) -> pa.Table:
    """Stack the counts of some images: their columns, each row with its image_id."""
    parts = [[getattr(each, name) for name in columns] for each in counts.values()]
    none = np.empty(0, np.int64)
    lengths = [len(part[0]) for part in parts]
    joined = [np.concatenate(each) for each in zip(*parts, strict=True)]
    return pa.table(
        {
            "image_id": np.repeat(np.array(list(counts), np.int64), lengths),
            **dict(zip(columns, joined or [none] * len(columns), strict=True)),
        }
    )


@contextmanager
def _image_named(subject: Subject, image: int) -> Iterator[None]:
    """Say in which run and image a label map cannot be counted."""
    try:
        yield
    except ValueError as error:
        raise UsageError(
            f"Run {subject.run!r}, image with key {image}: {error}. Import the run again with "
            "label maps of the data set's classes."
        ) from error
