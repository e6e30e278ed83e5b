"""One answer to one image, by the rules of whole runs, without a store."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from core import fusion
from core.evaluate.maps import leave_blank
from core.evaluate.run import match_table
from core.metrics import counting, pixel
from core.metrics.overlap import Geometry
from core.metrics.tallying import Tally
from core.store.columns import object_columns, object_table
from core.structures import LabelMap, Objects, ObjectTable


def match_answer(
    truth: Objects, predicted: Objects, geometry: Geometry, height: int
) -> pd.DataFrame:
    """Return a row a predicted object, with the columns of the table `match` but for the run.

    Args:
        truth: annotated objects of the image.
        predicted: an answer, with scores.
        geometry: "box", or "mask" where both sides have masks.
        height: rows of the image, in pixels.
    """
    table = match_table(_table(truth, height), _table(predicted, height), geometry)
    matches: pd.DataFrame = table.to_pandas()
    return matches


def tally_answer(
    truth: LabelMap,
    predicted: LabelMap,
    class_count: int,
    background: int | None,
    *,
    leaves_blank: bool,
) -> Tally:
    """Return the pixel counts of one image, from which its IoU follows.

    Args:
        truth: (H, W) annotated class indices.
        predicted: (H, W) class indices of an answer.
        class_count: C, the number of categories.
        background: class index that means "nothing", or None if no category does.
        leaves_blank: the answer was painted from masks, and pixels where it paints nothing have no
            answer, because no class of the split means "nothing".
    """
    labels = fusion.label_count(class_count, background)
    if leaves_blank:
        predicted = predicted.copy()
        leave_blank(predicted, class_count)
    counts = counting.count_pixels(truth, predicted, labels)
    return pixel.total_tally(counts.truth, counts.predicted, counts.pixels, labels)


def _table(objects: Objects, height: int) -> ObjectTable:
    columns = object_columns([0], [objects])
    heights = pa.array(np.full(len(objects), height, np.int32))
    return object_table(
        columns.append_column("image_height", heights),
        has_scores=objects.scores is not None,
        has_masks=objects.masks is not None,
    )
