"""Stored predictions of several runs fused with equal votes, and matched or counted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.fusion import label_count
from core.fusion.boxes import fuse_objects
from core.fusion.combine import MOST_OBJECTS, voting_map
from core.fusion.voting import vote
from core.geometry import label_runs
from core.metrics import detection, matching
from core.metrics.counting import count_runs
from core.metrics.overlap import Geometry
from core.store import rows
from core.store.columns import table_of
from core.store.queries import image_view
from core.structures import ImageRecord, LabelMap, Objects, Prediction

LEAST_IOU: Final = 0.5  # of boxes that are one object
PIXELS: Final = "pixel"


@dataclass(frozen=True, eq=False)
class Ballot:
    """What runs are fused to, and what it is held against.

    Attributes:
        by: "box", "mask" or `PIXELS`.
        runs: rows of `catalogue.runs` of one split, all of which have what is fused.
        dataset: dataset_id of the split.
        split: its name.
        class_count: number of categories.
        background: class index that means "nothing", or None.
        leaves_blank: pixels on which a run paints nothing are no vote, see `MapVoting.blank`.
        teams: places in `runs` of those that are fused together; each team by itself.
    """

    by: str
    runs: pd.DataFrame
    dataset: int
    split: str
    class_count: int
    background: int | None
    leaves_blank: bool
    teams: tuple[tuple[int, ...], ...]


def fused_block(
    cursor: duckdb.DuckDBPyConnection, ballot: Ballot, images: Sequence[int]
) -> list[pd.DataFrame]:
    """Return how each team fares on some images.

    Objects are fused as `core.fusion.boxes` does and matched by COCO's rules: rows of the columns
    of `queries.counts.match_bits`. Label maps are voted on as `core.fusion.voting` does and
    counted: rows of `queries.counts.pixel_rows`. All members have the same share.

    Args:
        cursor: of `Store.read()`.
        ballot: who is fused.
        images: image_id, ascending; all answered by all runs.
    """
    columns = ["image_id", "name", "path", "height", "width"]
    listed = image_view.image_records(cursor, images)[columns].to_numpy().tolist()
    records = {int(row[0]): ImageRecord(*row) for row in listed}
    found = [rows.load_predictions(cursor, int(run), records) for run in ballot.runs["run_id"]]
    answers = [[each[key] for each in found] for key in records]
    if ballot.by == PIXELS:
        return _counted(cursor, ballot, records, answers)
    return _matched(cursor, ballot, records, answers)


def _matched(
    cursor: duckdb.DuckDBPyConnection,
    ballot: Ballot,
    records: dict[int, ImageRecord],
    answers: Sequence[Sequence[Prediction]],
) -> list[pd.DataFrame]:
    truth = rows.truth_table(cursor, ballot.dataset, ballot.split, list(records))
    frames = []
    for team in ballot.teams:
        shares = _equal_shares(len(team), ballot.class_count)
        objects = [
            fuse_objects(
                [_objects(each[place]) for place in team],
                shares,
                LEAST_IOU,
                with_masks=ballot.by == "mask",
                most=MOST_OBJECTS,
            )
            for each in answers
        ]
        found = table_of(list(records.values()), objects)
        matches = matching.match_objects(truth, found, cast(Geometry, ballot.by))
        own = detection.match_rows(found, matches)
        frames.append(
            pd.DataFrame(
                {
                    "image_id": own.images,
                    "class": own.categories,
                    "score": own.scores,
                    "rank": own.rank,
                    "hits": own.hits,
                    "ignored": own.ignored,
                }
            )
        )
    return frames


def _counted(
    cursor: duckdb.DuckDBPyConnection,
    ballot: Ballot,
    records: dict[int, ImageRecord],
    answers: Sequence[Sequence[Prediction]],
) -> list[pd.DataFrame]:
    keys = list(records)
    blobs = dict(rows.annotation_map_blobs(cursor, ballot.dataset, ballot.split, keys[0], keys[-1]))
    labels = label_count(ballot.class_count, ballot.background)
    parts: list[list[pd.DataFrame]] = [[] for _ in ballot.teams]
    for key, each in zip(keys, answers, strict=True):
        maps = _voting_maps(ballot, each)
        for part, team in zip(parts, ballot.teams, strict=True):
            shares = _equal_shares(len(team), labels)
            elected, _ = vote([maps[place] for place in team], [None] * len(team), shares)
            counts = count_runs(blobs[key], label_runs.encode(elected), labels)
            columns: dict[str, Any] = {
                name: getattr(counts, name) for name in ("truth", "predicted", "pixels")
            }
            part.append(pd.DataFrame({"image_id": key, **columns}))
    return [pd.concat(part, ignore_index=True) for part in parts]


def _voting_maps(ballot: Ballot, answers: Sequence[Prediction]) -> list[LabelMap]:
    """Return what each run votes for: its label map, or its masks as they were counted."""
    thresholds = ballot.runs["paint_threshold"].tolist()
    voted = [
        voting_map(
            answer,
            None if pd.isna(threshold) else float(threshold),
            ballot.class_count,
            ballot.background,
            blank=ballot.leaves_blank,
        )
        for answer, threshold in zip(answers, thresholds, strict=True)
    ]
    maps = [each for each in voted if each is not None]
    if len(maps) != len(voted):
        raise ValueError("a run without label map and painted masks cannot vote")
    return maps


def _objects(answer: Prediction) -> Objects:
    if answer.objects is None:
        raise ValueError(f"image {answer.image.id} was answered without objects")
    return answer.objects


def _equal_shares(members: int, classes: int) -> NDArray[np.float64]:
    return np.full((members, classes), 1 / members)
