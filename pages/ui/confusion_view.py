"""What the page Confusion speaks of: runs, what is counted, and rows and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.metrics import confusion
from core.metrics.confusion import NOTHING, Matrix
from core.scoring.confusion import assigned_objects, object_confusion, pixel_confusion
from pages.ui import store
from pages.ui.confusion_rows import Entry
from pages.ui.failure_choice import PIXELS, FailureChoice
from pages.ui.failure_search import GEOMETRIES
from pages.ui.image_choice import ImageChoice
from pages.ui.links import link
from pages.ui.selection import Selection
from pages.ui.subset import IOUS


@dataclass(frozen=True, eq=False)
class ConfusionView:
    """The runs shown, what is counted of them, and how it is laid out.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that can be judged so.
        wanted: boxes, masks or pixels; and of objects overlap, least score and size.
        images: those that count.
        names: what stands for no class, then the classes by index.
        whole: one of `confusion.WHOLES`, of which shares are.
        entries: rows and columns, in order.
        matrices: of each run by its name, of `matrices_of`.
        focus: class indices that the view is about, or None for all.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    wanted: FailureChoice
    images: ImageChoice
    names: tuple[str, ...]
    whole: str
    entries: tuple[Entry, ...]
    matrices: Mapping[str, Matrix]
    focus: tuple[int, ...] | None = None

    @property
    def run_names(self) -> tuple[str, ...]:
        """Return the names of the runs, in order."""
        return tuple(self.runs["run"])

    @property
    def unit(self) -> str:
        """Return what is counted."""
        return "pixels" if self.wanted.by == PIXELS else "objects"

    @property
    def shares(self) -> bool:
        """Return whether shares of rows or columns are shown, else amounts."""
        return self.whole != confusion.EVERYTHING

    def cells(self, run: str) -> pd.DataFrame:
        """Return a row for each cell that is laid out: truth, predicted (labels), amount, share.

        Shares are of all that was counted in the row, column or matrix, shown or not.
        """
        groups = [entry.classes for entry in self.entries]
        laid = {index for group in groups for index in group}
        hidden = [index for index in range(len(self.names) - 1) if index not in laid]
        # classes of which nothing was counted are not laid out
        together = confusion.merged(self.matrices[run], [*groups, hidden])
        shares = confusion.shares(together, self.whole)
        places = [*range(len(groups)), NOTHING]
        labels = [*(entry.label for entry in self.entries), self.names[0]]
        return pd.DataFrame(
            {
                "truth": np.repeat(labels, len(labels)),
                "predicted": np.tile(labels, len(labels)),
                "amount": together[np.ix_(places, places)].ravel(),
                "share": shares[np.ix_(places, places)].ravel(),
            }
        )

    def axes(self, cells: pd.DataFrame) -> tuple[list[str], list[str]]:
        """Return the labels of rows and of columns; nothing only where it was counted."""
        labels = [entry.label for entry in self.entries]
        some = cells[cells["amount"] > 0]
        return (
            [*labels, *([self.names[0]] if self.names[0] in set(some["truth"]) else [])],
            [*labels, *([self.names[0]] if self.names[0] in set(some["predicted"]) else [])],
        )

    def classes_of(self, label: str) -> tuple[str, ...]:
        """Return the names of the classes of a row or column; none if it is not laid out."""
        if label == self.names[0]:
            return (label,)
        classes = {entry.label: entry.classes for entry in self.entries}.get(label, ())
        return tuple(self.names[index + 1] for index in classes)

    def failures(self, run: str, truth: Sequence[str], predicted: Sequence[str]) -> str:
        """Return the address of the objects or pixels of some classes taken for others."""
        choice = self.choice
        return link(
            "Failures",
            dataset=choice.dataset,
            split=choice.split,
            runs=[run],
            **self.wanted.parameters(),
            truth=truth,
            predicted=predicted,
            **self.images.parameters(),
        )

    def file_name(self, what: str) -> str:
        """Return the name of a file to download, without ending."""
        return f"{self.choice.dataset} {self.choice.split} {self.wanted.by} {what}"


def matrices_of(
    runs: tuple[str, ...], wanted: FailureChoice, images: ImageChoice, class_count: int
) -> dict[str, Matrix]:
    """Return the counts of each run by its name, shape (C + 1, C + 1).

    Args:
        runs: their names.
        wanted: what is counted.
        images: those that count.
        class_count: C, a painted background included.
    """
    if wanted.by == PIXELS:
        counted = store.ask_each(pixel_confusion, runs, class_count=class_count, images=images.keys)
        return {run: matrix for run, (_, matrix) in counted.items()}
    assigned = store.ask_each(
        assigned_objects,
        runs,
        geometry=GEOMETRIES[wanted.by],
        step=IOUS.index(wanted.overlap),
        images=images.keys,
    )
    return {
        run: object_confusion(own.objects(wanted.score, wanted.size), class_count)
        for run, own in assigned.items()
    }
