"""What the page Detection speaks of: runs, and which objects count by which rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from core.scoring.detections import Curves, PrecisionTable, curves, precision_table
from pages.ui import store
from pages.ui.failure_search import GEOMETRIES
from pages.ui.image_choice import ImageChoice
from pages.ui.palette import run_colours, run_dashes, run_markers
from pages.ui.selection import Selection
from pages.ui.subset import IOUS


@dataclass(frozen=True, eq=False)
class DetectionView:
    """The runs shown, and the filters.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that can be judged so.
        by: boxes or masks, one of `failure_choice.WAYS`.
        size: one of `core.scoring.SIZES`.
        step: one of `IOU_THRESHOLDS`.
        protocol: one of `AP_PROTOCOLS`.
        classes: class indices that count, or None for all.
        images: those that count.
        names: of the classes by index.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    by: str
    size: str
    step: int
    protocol: str
    classes: tuple[int, ...] | None
    images: ImageChoice
    names: tuple[str, ...]

    def unanswered(self) -> DetectionView:
        """Return the same view, of which nothing was asked yet: the answers of many runs are large.

        What a fragment is called with stays in memory for as long as the page is open.
        """
        return replace(self)

    @property
    def geometry(self) -> str:
        """Return "box" or "mask"."""
        return GEOMETRIES[self.by]

    @property
    def iou(self) -> str:
        """Return the least overlap of a right prediction, as text."""
        return IOUS[self.step]

    @property
    def run_names(self) -> tuple[str, ...]:
        """Return the names of the runs, in order."""
        return tuple(self.runs["run"])

    @property
    def colours(self) -> dict[str, str]:
        """Return the colour of each run."""
        return run_colours(self.choice.all_runs)

    @property
    def dashes(self) -> dict[str, str]:
        """Return how the line of each run is drawn."""
        return run_dashes(self.choice.all_runs)

    @property
    def markers(self) -> dict[str, str]:
        """Return the symbol of each run."""
        return run_markers(self.choice.all_runs)

    def curves(self, run: str) -> Curves:
        """Return how a run fares at every least score."""
        return self._curves[run]

    @cached_property
    def _curves(self) -> dict[str, Curves]:
        return store.ask_each(curves, self.run_names, images=self.images.keys, **self._counted)

    def curves_elsewhere(self, run: str) -> Curves:
        """Return the same for a run on another split, on all of its images."""
        return store.ask(curves, run=run, images=None, **self._counted)

    @property
    def _counted(self) -> dict[str, Any]:
        """Return which predictions count, for `curves`."""
        return {
            "geometry": self.geometry,
            "step": self.step,
            "size": self.size,
            "classes": self.classes,
        }

    def table(self, run: str) -> PrecisionTable:
        """Return AP of a run at every IoU, size and class."""
        return self._tables[run]

    @cached_property
    def _tables(self) -> dict[str, PrecisionTable]:
        return store.ask_each(
            precision_table,
            self.run_names,
            geometry=self.geometry,
            protocol=self.protocol,
            images=self.images.keys,
        )

    def file_name(self, what: str) -> str:
        """Return the name of a file to download, without ending."""
        return f"{self.choice.dataset} {self.choice.split} {self.by} {what}"
