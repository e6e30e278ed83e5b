"""What the page Masks says about one image in figures: objects, predictions, classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.metrics import pixel
from core.metrics.errors import Kind
from core.metrics.matching import in_range
from core.scoring import SIZES
from core.store.queries import counts
from core.structures import Objects
from pages.ui import store
from pages.ui.image_layers import StoredImage
from pages.ui.layers import Classes
from pages.ui.mask_layers import Judged

OBJECT = "annotated object"
CROWD = " crowd"  # behind the size of a crowd region


def object_table(
    truth: Objects, found: Sequence[Judged], names: Sequence[str], threshold: float
) -> pd.DataFrame:
    """Return a row an annotated object and how each run fared.

    Columns of two levels: under `OBJECT` number, class and size; under each run outcome ("hit",
    "missed", or "ignored" for crowd regions), score and IoU (fractions) of the prediction that
    hit it.

    Args:
        truth: the annotated objects.
        found: what runs answered; those not matched are left out.
        names: of the classes, by index.
        threshold: predictions with a lower score count as not made.
    """
    columns = {
        (OBJECT, "number"): np.arange(len(truth)),
        (OBJECT, "class"): [names[index] for index in truth.categories],
        (OBJECT, "size"): _sizes(truth),
    }
    for each in found:
        if not each.is_matched:
            continue
        hits = each.matches[
            (each.matches["kind"] == Kind.HIT.value) & (each.matches["score"] >= threshold)
        ].set_index("matched")
        place = pd.RangeIndex(len(truth))
        missing = np.where(truth.crowd, Kind.IGNORED.value, Kind.MISSED.value)
        run = str(each.run["run"])
        columns[run, "outcome"] = np.where(place.isin(hits.index), Kind.HIT.value, missing)
        columns[run, "score"] = hits["score"].reindex(place).to_numpy()
        columns[run, "IoU"] = hits["iou"].reindex(place).to_numpy()
    return pd.DataFrame(columns)


def prediction_table(
    truth: Objects | None, found: Sequence[Judged], names: Sequence[str], threshold: float
) -> pd.DataFrame:
    """Return a row a prediction, by run and descending score.

    Columns: run, number, class, score, kind, IoU (fraction; with the object it hit, or the one it
    overlaps most) and object (class and number of that one).

    Args:
        truth: the annotated objects.
        found: what runs answered.
        names: of the classes, by index.
        threshold: predictions with a lower score are left out.
    """
    parts = [_predictions(each, truth, names) for each in found if each.objects is not None]
    columns = ["run", "number", "class", "score", "kind", "IoU", "object"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return table[table["score"] >= threshold].reset_index(drop=True)


def tallies_of(
    image: StoredImage, found: Sequence[Judged], classes: Classes
) -> dict[str, pixel.Tally]:
    """Return the pixel counts of each run that has some of this image."""
    tallies = {}
    for each in found:
        if pd.isna(each.run["pixel_source"]):
            continue
        rows = store.ask(counts.pixel_rows, run=int(each.run["run_id"]), images=(image.key,))
        tallies[str(each.run["run"])] = pixel.total_tally(
            rows["truth"], rows["predicted"], rows["pixels"], len(classes)
        )
    return tallies


def iou_table(
    tallies: Mapping[str, pixel.Tally], classes: Classes
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the IoU of each class on an image, and the mean of each run.

    A row a class that is annotated or predicted: class, pixels (annotated), and a column of
    fractions for each run, NaN where the run's map and the annotation both lack the class.

    Args:
        tallies: of the image, by run.
        classes: of its label maps.
    """
    if not tallies:
        return pd.DataFrame(), {}
    ious = {run: pixel.iou(tally) for run, tally in tallies.items()}
    pixels = np.max([tally.truth for tally in tallies.values()], axis=0)
    table = pd.DataFrame({"class": [name for _, name, _ in classes], "pixels": pixels, **ious})
    present = table[list(ious)].notna().any(axis=1)
    means = {run: float(pixel.mean_iou(tally)) for run, tally in tallies.items()}
    return table[present].reset_index(drop=True), means


def _predictions(each: Judged, truth: Objects | None, names: Sequence[str]) -> pd.DataFrame:
    objects = each.objects
    table = pd.DataFrame(
        {
            "run": str(each.run["run"]),
            "number": np.arange(len(objects)),
            "class": [names[index] for index in objects.categories],
            "score": objects.scores,
            "kind": None,
            "IoU": np.nan,
            "object": None,
        }
    )
    if each.is_matched and truth is not None:
        matches = each.matches
        hit = matches["kind"] == Kind.HIT.value
        other = matches["matched"].where(hit, matches["nearest"])
        table["kind"] = matches["kind"]
        table["IoU"] = matches["iou"].where(hit, matches["nearest_iou"]).where(other >= 0)
        table["object"] = [
            f"{names[truth.categories[place]]} #{place}" if place >= 0 else None for place in other
        ]
    return table.sort_values("score", ascending=False, kind="stable")


def _sizes(objects: Objects) -> list[str]:
    """Small, medium or large by COCO's limits; an area on a limit is of both."""
    within = in_range(objects.areas)
    return [
        " and ".join(SIZES[a] for a in range(1, len(SIZES)) if row[a]) + CROWD * bool(crowd)
        for row, crowd in zip(within, objects.crowd, strict=True)
    ]
