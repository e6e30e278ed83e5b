"""The search for failures: filters applied to the chosen runs of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.metrics.matching import AREA_RANGES
from core.scoring import SIZES
from core.store.queries.failures import FailureFilter
from core.store.queries.image_labels import LabelQuestion, SideFilter
from pages.ui import contents
from pages.ui.class_pairs import ClassPair, pair_names, pair_of
from pages.ui.failure_choice import (
    BOXES,
    LABELS,
    MASKS,
    PIXELS,
    WAYS,
    FailureChoice,
)
from pages.ui.image_filter import kept_images
from pages.ui.selection import Selection
from pages.ui.subset import Keys, images_answered_by, in_all

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
        images: image_id of the images that count, or None for all.
        pair: the chosen cells of the confusion matrix, or None for every failure.
    """

    choice: Selection
    wanted: FailureChoice
    split: pd.Series
    runs: pd.DataFrame
    left_out: tuple[str, ...]
    class_index: int | None
    images: Keys = None
    pair: ClassPair | None = None

    @property
    def run_ids(self) -> tuple[int, ...]:
        """Return the keys of the runs."""
        return tuple(int(key) for key in self.runs["run_id"])

    @property
    def run_names(self) -> dict[int, str]:
        """Return the name of each run by its key."""
        return dict(zip(self.run_ids, self.runs["run"], strict=True))

    def errors(self, *, every_kind: bool = False, images: Keys = None) -> FailureFilter:
        """Return the errors of boxes or masks that are meant, as the store is asked for them.

        Args:
            every_kind: all kinds of error, whichever are chosen.
            images: some of the images that count, or None for all of them.
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
            images=self.images if images is None else images,
        )

    def labels(self, images: Sequence[int] | None = None) -> LabelQuestion:
        """Return of which runs and images labels are meant, as the store is asked for them.

        Args:
            images: keys of some of the images that count, or None for all of them.
        """
        background = self.split["background"]
        return LabelQuestion(
            runs=self.run_ids,
            class_count=int(self.split["classes"]),
            background=None if pd.isna(background) else int(background),
            least_pixels=self.wanted.pixels,
            images=self.images if images is None else tuple(images),
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
    names = pair_names(split, pixels=wanted.by == PIXELS)
    return Search(
        choice,
        wanted,
        split,
        judged,
        tuple(others["run"]),
        contents.class_index(choice),
        in_all(kept_images(), _answered(choice, wanted)),
        None if wanted.by == LABELS else pair_of(names, wanted.truth, wanted.predicted),
    )


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


def _answered(choice: Selection, wanted: FailureChoice) -> Keys:
    """The images that runs named by the filters answered; runs that are gone are left out."""
    return images_answered_by(tuple(run for run in wanted.answered_by if run in choice.all_runs))
