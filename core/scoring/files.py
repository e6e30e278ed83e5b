"""COCO files straight to COCO's figures, without a store."""

from __future__ import annotations

from pathlib import Path

from core.metrics import detection, matching
from core.metrics.overlap import Geometry
from core.readers.coco import read_coco
from core.readers.tables import results_table, truth_table
from core.structures import ObjectTable


def score_files(annotations: Path, results: Path, geometry: Geometry) -> dict[str, float]:
    """Return COCO's twelve figures of a result file, by the names in `detection.FIGURES`.

    Equal to pycocotools 2.0.11 to the last bit, and NaN where it says -1.

    Args:
        annotations: a COCO instances file; the images themselves are not looked for.
        results: a COCO result file.
        geometry: compare boxes or masks.

    Raises:
        UsageError: a file cannot be used, or masks are asked for and there are none.
    """
    dataset, _ = read_coco(
        annotations, Path(), "files", "all", require_images=False, paint=geometry == "mask"
    )
    return score_tables(
        truth_table(dataset), results_table(results, dataset), geometry, len(dataset.categories)
    )


def score_tables(
    truth: ObjectTable, predicted: ObjectTable, geometry: Geometry, class_count: int
) -> dict[str, float]:
    """Return COCO's twelve figures of predictions in memory, by the names in `detection.FIGURES`.

    Args:
        truth: annotations of all images.
        predicted: predictions on the same images.
        geometry: compare boxes or masks.
        class_count: C.

    Raises:
        UsageError: masks are asked for and a table has none.
    """
    rows = detection.match_rows(predicted, matching.match_classes(truth, predicted, geometry))
    return detection.summarize(detection.accumulate(rows, detection.positives(truth, class_count)))
