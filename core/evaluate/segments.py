"""Objects and label maps to counts of panoptic segments, image by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from core import fusion
from core.evaluate.maps import stacked
from core.evaluate.subject import Subject
from core.geometry import label_runs
from core.metrics import panoptic
from core.store.columns import objects_of
from core.structures import Objects, ObjectTable

COLUMNS = ("classes", "tp", "fp", "fn", "iou")


def count_segments(
    subject: Subject,
    block: list[int],
    objects: tuple[ObjectTable, ObjectTable],
    maps: tuple[Mapping[int, bytes], Mapping[int, bytes]],
    threshold: float,
) -> pa.Table:
    """Return the rows of the table `segment_count` for some images, without the run.

    Args:
        subject: a run that compares segments.
        block: image_id, ascending.
        objects: annotated and predicted ones of these images.
        maps: the stored label maps of the annotation and of the run, by image_id; none of a run
            that has none.
        threshold: least score of an object that is a segment.
    """
    annotated, predicted = (_objects(table, subject, block) for table in objects)
    truth_maps, answers = maps
    counts = {
        image: _counted(
            subject, image, truth, truth_maps[image], answer, answers.get(image), threshold
        )
        for image, truth, answer in zip(block, annotated, predicted, strict=True)
    }
    return stacked(counts, COLUMNS).rename_columns(["image_id", "class", *COLUMNS[1:]])


def _counted(
    subject: Subject,
    image: int,
    truth: Objects,
    truth_map: bytes,
    predicted: Objects,
    predicted_map: bytes | None,
    threshold: float,
) -> panoptic.SegmentCounts:
    """Return the counts of one image."""
    size = subject.images[image]
    label_map = label_runs.decode(truth_map, *size)
    things = np.isin(np.arange(subject.label_count), subject.things)
    # painted maps of a data set without such a class have it after the last one
    background = subject.class_count if subject.background is None else subject.background
    annotated = panoptic.annotated_segments(
        label_map,
        fusion.paint_owners(truth, *size),
        truth.categories,
        truth.crowd,
        things,
        background,
    )
    answered = panoptic.predicted_segments(
        None if predicted_map is None else label_runs.decode(predicted_map, *size),
        fusion.paint_owners(predicted, *size, threshold=threshold),
        predicted.categories,
        things,
        background,
    )
    return panoptic.count_segments(annotated, answered, subject.label_count)


def _objects(table: ObjectTable, subject: Subject, block: list[int]) -> Iterator[Objects]:
    """Yield the objects of each image of a block."""
    starts = table.images.searchsorted(block)
    ends = table.images.searchsorted(block, side="right")
    for image, start, end in zip(block, starts.tolist(), ends.tolist(), strict=True):
        yield objects_of(table, slice(start, end), *subject.images[image])
