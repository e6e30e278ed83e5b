"""The search for failures: filters applied to the chosen runs of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.metrics.matching import AREA_RANGES
from core.scoring import SIZES
from core.scoring.images import image_ious
from core.store.queries import failures, image_labels
from core.store.queries.failures import FailureFilter
from core.store.queries.image_labels import LabelQuestion, SideFilter
from pages.ui import contents, store
from pages.ui.failure_choice import (
    BOXES,
    DIFFERENCES,
    LABELS,
    MASKS,
    PIXELS,
    SUREST,
    WAYS,
    FailureChoice,
)
from pages.ui.image_layers import view_classes
from pages.ui.selection import Selection

GEOMETRIES = {BOXES: "box", MASKS: "mask"}


@dataclass(frozen=True, eq=False)
class Search:
    """What is looked for, and where.

    Attributes:
        choice: of the sidebar.
        wanted: the filters of the page.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen runs that can be judged so.
        left_out: names of the chosen runs that cannot.
        class_index: the class of the sidebar, or None for all.
    """

    choice: Selection
    wanted: FailureChoice
    split: pd.Series
    runs: pd.DataFrame
    left_out: tuple[str, ...]
    class_index: int | None

    @property
    def run_ids(self) -> tuple[int, ...]:
        """Return the keys of the runs."""
        return tuple(int(key) for key in self.runs["run_id"])

    @property
    def run_names(self) -> dict[int, str]:
        """Return the name of each run by its key."""
        return dict(zip(self.run_ids, self.runs["run"], strict=True))

    def errors(self, *, every_kind: bool = False) -> FailureFilter:
        """Return the errors of boxes or masks that are meant, as the store is asked for them.

        Args:
            every_kind: all kinds of error, whichever are chosen.
        """
        wanted = self.wanted
        smallest, largest = AREA_RANGES[SIZES.index(wanted.size)]
        return FailureFilter(
            runs=self.run_ids,
            geometry=GEOMETRIES[wanted.by],
            least=wanted.score,
            kinds=None if every_kind or not wanted.kinds else wanted.kinds,
            class_=self.class_index,
            smallest=smallest,
            largest=largest,
        )

    def labels(self, images: Sequence[int] | None = None) -> LabelQuestion:
        """Return of which runs and images labels are meant, as the store is asked for them.

        Args:
            images: keys of images, or None for all.
        """
        background = self.split["background"]
        return LabelQuestion(
            runs=self.run_ids,
            class_count=int(self.split["classes"]),
            background=None if pd.isna(background) else int(background),
            least_pixels=self.wanted.pixels,
            images=None if images is None else tuple(images),
        )

    def sides(self) -> SideFilter:
        """Return which pairs of image and class are meant, where labels are judged."""
        return SideFilter(self.wanted.score, self.class_index)


def search_of(
    choice: Selection, split: pd.Series, runs: pd.DataFrame, wanted: FailureChoice
) -> Search:
    """Return the search for failures of those runs that can be judged so.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones, in order.
        wanted: the filters.
    """
    able = np.array([wanted.by in ways_of(split, run) for _, run in runs.iterrows()], dtype=bool)
    judged, others = runs[able].reset_index(drop=True), runs[~able]
    class_index = contents.class_index(choice)
    return Search(choice, wanted, split, judged, tuple(others["run"]), class_index)


def ways_of(split: pd.Series, run: pd.Series) -> list[str]:
    """Return by what a run's failures can be judged.

    Args:
        split: row of `catalogue.datasets`.
        run: row of `catalogue.runs`.
    """
    if pd.isna(run["evaluated"]):
        return []
    possible = {
        BOXES: run["has_boxes"] and split["has_objects"] and split["located"],
        MASKS: run["has_masks"] and split["has_masks"],
        PIXELS: not pd.isna(run["pixel_source"]),
        LABELS: run["has_labels"]
        and (run["has_boxes"] or run["has_masks"] or run["pixel_source"] == "label_map"),
    }
    return [way for way in WAYS if possible[way]]


def all_ways(split: pd.Series, runs: pd.DataFrame) -> list[str]:
    """Return by what the failures of at least one of the runs can be judged."""
    able = {way for _, run in runs.iterrows() for way in ways_of(split, run)}
    return [way for way in WAYS if way in able]


def worst_images(search: Search) -> pd.DataFrame:
    """Return the images with a failure, worst first.

    Columns: image_id and, for boxes and masks, errors (of all chosen runs together) and surest
    (score of the surest), for pixels iou (the lowest of the chosen runs), for labels errors (on
    how many classes the heads of all chosen runs together differ).
    """
    if search.wanted.by == LABELS:
        errors = (
            label_differences(search)
            .groupby("image_id", as_index=False)
            .agg(errors=("side", "size"))
        )
        return errors.sort_values(
            ["errors", "image_id"], ascending=[False, True], ignore_index=True
        )
    if search.wanted.by != PIXELS:
        by_score = search.wanted.rank == SUREST
        return store.ask(failures.failure_images, chosen=search.errors(), by_score=by_score)
    ious = pixel_ious(search)
    lowest = ious.groupby("image_id", as_index=False)["iou"].min()
    return lowest.sort_values(["iou", "image_id"], ignore_index=True)


def label_differences(search: Search, images: Sequence[int] | None = None) -> pd.DataFrame:
    """Return the classes of images on which a label head and what was found differ.

    Columns as `image_labels.label_side_images`.

    Args:
        search: by labels.
        images: keys of images, or None for all.
    """
    return store.ask(
        image_labels.label_side_images,
        asked=search.labels(images),
        chosen=search.sides(),
        sides=search.wanted.sides or DIFFERENCES,
    )


def pixel_ious(search: Search) -> pd.DataFrame:
    """Return run_id, image_id and iou of images whose IoU is no higher than was asked.

    It is the IoU of the class of the sidebar, or the mean over the classes.
    """
    ious = store.ask(
        image_ious,
        runs=search.run_ids,
        class_count=len(view_classes(search.split)),
        class_=search.class_index,
    )
    return ious[ious["iou"] <= search.wanted.below / 100].reset_index(drop=True)
