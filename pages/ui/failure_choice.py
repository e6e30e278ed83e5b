"""Which failures are looked for: what the page Failures lets people choose, as one value.

The value travels to the page Masks in the address, so that "next" there means the next failure.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from urllib.parse import parse_qs, urlencode

import pandas as pd

from core.metrics.errors import Kind
from core.metrics.matching import AREA_RANGES
from core.scoring import SIZES
from core.scoring.images import image_ious
from core.store.queries import failures
from core.store.queries.failures import FailureFilter
from pages.ui import contents, store
from pages.ui.image_layers import view_classes
from pages.ui.selection import Selection

BOXES, MASKS, PIXELS = WAYS = ("boxes", "masks", "pixels")
GEOMETRIES = {BOXES: "box", MASKS: "mask"}
KINDS = (
    Kind.MISSED,
    Kind.CLASSIFICATION,
    Kind.LOCALISATION,
    Kind.BOTH,
    Kind.DUPLICATE,
    Kind.BACKGROUND,
)
MOST_ERRORS, SUREST = RANKS = ("most errors first", "surest error first")


@dataclass(frozen=True)
class FailureChoice:
    """What counts as a failure, and which comes first.

    Attributes:
        by: one of `WAYS`: whether boxes, masks or pixels are judged.
        kinds: kinds of error that count; none stands for all.
        size: one of `core.scoring.SIZES`.
        score: predictions with a lower score count as not made; a fraction.
        below: greatest IoU of an image, per cent; where pixels are judged.
        rank: one of `RANKS`; where boxes or masks are judged.
    """

    by: str = BOXES
    kinds: tuple[str, ...] = ()
    size: str = "all"
    score: float = 0.5
    below: int = 100
    rank: str = MOST_ERRORS

    @property
    def order(self) -> str:
        """Return by which rule the worst come first."""
        return "lowest IoU first" if self.by == PIXELS else self.rank

    def parameters(self) -> dict[str, object]:
        """Return the query parameters by which the page Failures makes this choice."""
        standard = asdict(FailureChoice())
        return {k: v for k, v in asdict(self).items() if k == "by" or v != standard[k]}

    def as_text(self) -> str:
        """Return the choice as one value of an address."""
        return urlencode(self.parameters(), doseq=True)


def from_text(text: str) -> FailureChoice:
    """Return the choice that `as_text` wrote; what cannot be read takes its standard value."""
    given = parse_qs(text)
    read = {each.name: given[each.name] for each in fields(FailureChoice) if each.name in given}
    parts: dict[str, object] = {}
    for name, known in (("by", WAYS), ("size", SIZES), ("rank", RANKS)):
        if read.get(name, [""])[0] in known:
            parts[name] = read[name][0]
    parts["kinds"] = tuple(kind for kind in KINDS if kind in read.get("kinds", []))
    for name, most, number in (("score", 1, float), ("below", 100, int)):
        try:
            value = number(read.get(name, [""])[0])
        except ValueError:
            continue
        if 0 <= value <= most:
            parts[name] = value
    return FailureChoice(**parts)


def ways_of(split: pd.Series, run: pd.Series) -> list[str]:
    """Return by what a run's failures can be judged.

    Args:
        split: row of `catalogue.datasets`.
        run: row of `catalogue.runs`.
    """
    if pd.isna(run["evaluated"]):
        return []
    possible = {
        BOXES: run["has_boxes"] and split["has_objects"],
        MASKS: run["has_masks"] and split["has_masks"],
        PIXELS: not pd.isna(run["pixel_source"]),
    }
    return [way for way in WAYS if possible[way]]


def judged_runs(choice: Selection, by: str) -> pd.DataFrame:
    """Return the rows of the chosen runs that can be judged so, in the order of the choice."""
    runs = store.runs(choice.dataset, choice.split)
    split = contents.split_of(choice)
    able = [by in ways_of(split, run) and run["run"] in choice.runs for _, run in runs.iterrows()]
    return runs[able].reset_index(drop=True)


def filter_of(
    choice: Selection, wanted: FailureChoice, *, every_kind: bool = False
) -> FailureFilter:
    """Return the errors meant, as the store is asked for them.

    Args:
        choice: of the sidebar.
        wanted: by boxes or masks.
        every_kind: all kinds of error, whichever are chosen.
    """
    smallest, largest = AREA_RANGES[SIZES.index(wanted.size)]
    return FailureFilter(
        runs=tuple(int(key) for key in judged_runs(choice, wanted.by)["run_id"]),
        geometry=GEOMETRIES[wanted.by],
        least=wanted.score,
        kinds=None if every_kind or not wanted.kinds else wanted.kinds,
        class_=contents.class_index(choice),
        smallest=smallest,
        largest=largest,
    )


def worst_images(choice: Selection, wanted: FailureChoice) -> pd.DataFrame:
    """Return the images with a failure, worst first.

    Columns: image_id and, for boxes and masks, errors (of all chosen runs together) and surest
    (score of the surest), for pixels iou (the lowest of the chosen runs).
    """
    if wanted.by != PIXELS:
        chosen = filter_of(choice, wanted)
        return store.ask(failures.failure_images, chosen=chosen, by_score=wanted.rank == SUREST)
    ious = pixel_ious(choice)
    lowest = ious.groupby("image_id", as_index=False)["iou"].min()
    low = lowest[lowest["iou"] <= wanted.below / 100]
    return low.sort_values(["iou", "image_id"], ignore_index=True)


def pixel_ious(choice: Selection) -> pd.DataFrame:
    """Return run_id, image_id and iou: of the class of the sidebar, or the mean over classes."""
    runs = tuple(int(key) for key in judged_runs(choice, PIXELS)["run_id"])
    class_count = len(view_classes(contents.split_of(choice)))
    return store.ask(
        image_ious, runs=runs, class_count=class_count, class_=contents.class_index(choice)
    )
