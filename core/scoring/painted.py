"""The semantic IoU of painted masks for any least score, from one painting of each image.

Predictions are painted with the most certain on top (`core.fusion.paint`). Painting all of them
once tells which pixels each one shows; those it shows at a threshold are the same, as only less
certain ones lie beneath. So a threshold just drops the pixels of predictions below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import fusion
from core.geometry import label_runs
from core.metrics import counting, pixel
from core.scoring.coverage import evaluated_run, scored_images
from core.scoring.pixel_sums import pixel_totals
from core.store import rows
from core.store.columns import objects_of
from core.store.queries import catalogue
from core.structures import LabelMap, Objects

Cursor = duckdb.DuckDBPyConnection
Scores = NDArray[np.float64]

BLOCK_IMAGES = 256


@dataclass(frozen=True, eq=False)
class Shown:
    """The pixels that each prediction shows when all of a run are painted.

    Attributes:
        truth: (R,) class index of the annotation.
        predicted: (R,) class index of the prediction.
        scores: (R,) of the prediction.
        pixels: (R,) int64 pixels.
        labelled: (L,) int64 labelled pixels of each class index of label maps.
        background: class index of pixels that no prediction shows, or None: they have no answer.
    """

    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    scores: Scores
    pixels: NDArray[np.int64]
    labelled: NDArray[np.int64]
    background: int | None

    def tallies(self, thresholds: Sequence[float]) -> pixel.Tally:
        """Return the pixels found, invented and missed at each least score, shape (K, L).

        Args:
            thresholds: K least scores, ascending.
        """
        labels = len(self.labelled)
        steps = np.searchsorted(np.asarray(thresholds), self.scores, side="right") - 1
        painted = steps >= 0
        shown = np.zeros((len(thresholds), labels, labels), np.int64)
        place = steps[painted], self.truth[painted], self.predicted[painted]
        np.add.at(shown, place, self.pixels[painted])
        shown = shown[::-1].cumsum(axis=0)[::-1]
        if self.background is not None:
            shown[:, :, self.background] += self.labelled - shown.sum(axis=2)
        tp = np.diagonal(shown, axis1=1, axis2=2)
        return pixel.Tally(tp, shown.sum(axis=1) - tp, self.labelled - tp)

    def mean_ious(self, thresholds: Sequence[float], classes: Sequence[int] | None) -> Scores:
        """Return the mean IoU (protocol "mmseg") at each least score, shape (K,).

        Args:
            thresholds: K least scores, ascending.
            classes: class indices to average, or None for all, with the background.
        """
        tally = self.tallies(thresholds)
        chosen = slice(None) if classes is None else list(classes)
        parts = (part[:, chosen] for part in (tally.tp, tally.fp, tally.fn))
        return pixel.mean_iou(pixel.Tally(*parts))


def shown_pixels(cursor: Cursor, run: str, *, images: Sequence[int] | None = None) -> Shown:
    """Return what the predictions of a run show, whose pixels were counted by painting them.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run with masks, on a split with label maps.
        images: image_id of the images that count, or None for all.

    Raises:
        UsageError: the run is unknown or not evaluated.
    """
    row = evaluated_run(cursor, run)
    _, keys = scored_images(cursor, row, images)
    labels, background = _label_maps(cursor, row)
    totals = pixel_totals(cursor, int(row["run_id"]), keys)
    labelled = np.zeros(labels, np.int64)
    np.add.at(labelled, totals["truth"].to_numpy(), totals["pixels"].to_numpy())
    parts = list(_painted(cursor, row, keys, labels))
    truth, predicted, scores, pixels = (
        np.concatenate([np.empty(0, dtype), *(part[place] for part in parts)])
        for place, dtype in enumerate((np.int64, np.int64, np.float64, np.int64))
    )
    return Shown(truth, predicted, scores, pixels, labelled, background)


def _label_maps(cursor: Cursor, run: pd.Series) -> tuple[int, int | None]:
    """Return how many class indices the split's label maps hold, and which means nothing."""
    splits = catalogue.datasets(cursor)
    own = (splits["dataset"] == run["dataset"]) & (splits["split"] == run["split"])
    split = splits[own].iloc[0]
    class_count = int(split["classes"])
    if not pd.isna(split["background"]):
        return class_count, int(split["background"])
    return (class_count + 1, class_count) if split["maps_painted"] else (class_count, None)


def _painted(
    cursor: Cursor, run: pd.Series, keys: Sequence[int] | None, labels: int
) -> Iterator[tuple[NDArray[np.generic], ...]]:
    """Yield truth, class, score and pixels of what the predictions of each image show."""
    sizes = catalogue.answered_images(cursor, int(run["run_id"]))
    if keys is not None:
        sizes = sizes[sizes["image_id"].isin(keys)]
    for start in range(0, len(sizes), BLOCK_IMAGES):
        block = sizes.iloc[start : start + BLOCK_IMAGES]
        images = block["image_id"].tolist()
        table = rows.prediction_table(cursor, int(run["run_id"]), images)
        maps = rows.annotation_map_blobs(
            cursor, int(run["dataset_id"]), str(run["split"]), images[0], images[-1]
        )
        blobs = dict(maps)
        for image, height, width in block.itertuples(index=False):
            own = slice(*np.searchsorted(table.images, [image, image + 1]))
            objects = objects_of(table, own, height, width)
            if len(objects):
                yield _of_image(label_runs.decode(blobs[image], height, width), objects, labels)


def _of_image(truth: LabelMap, objects: Objects, labels: int) -> tuple[NDArray[np.generic], ...]:
    """Paint every prediction in a colour of its own, and count those colours."""
    count, (height, width) = len(objects), truth.shape
    if objects.scores is None:
        raise ValueError("predictions without scores cannot be painted by score")
    numbered = replace(objects, categories=np.arange(count, dtype=np.int32))
    painted = fusion.paint(numbered, height, width, count, threshold=None)
    found = counting.count_pixels(truth, painted, max(labels, count + 1))
    shown = found.predicted < count
    numbers = found.predicted[shown]
    return (
        found.truth[shown].astype(np.int64),
        objects.categories[numbers].astype(np.int64),
        objects.scores[numbers],
        found.pixels[shown],
    )
