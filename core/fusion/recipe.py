"""The recipe of an ensemble: who its members are, and how their answers become one.

It is kept as a JSON file, whose SHA-256 stands for the ensemble as that of a checkpoint does for
a network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.fusion.boxes import MOST_MEMBERS

FORMAT = "overlook ensemble, version 1"
# What is raised by JSON that is broken, nested without end, or of another structure
UNREADABLE = (
    *(OSError, ValueError, TypeError, KeyError, AttributeError),
    *(RecursionError, OverflowError),
)
Shares = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Member:
    """One system with its weights and settings.

    Attributes:
        run: name of its run on the split that the recipe was fitted on.
        system: what made the run.
        weights_sha256: of its weights, or "".
        settings: of the run, as far as they change its predictions.
        paint_threshold: least score of the masks that are painted to vote with; None for a
            member that has label maps of its own, or does not vote.
    """

    run: str
    system: str
    weights_sha256: str
    settings: Mapping[str, object]
    paint_threshold: float | None = None


@dataclass(frozen=True)
class ObjectFusion:
    """How objects are fused; see `core.fusion.boxes`.

    Attributes:
        masks: fused objects have masks.
        least_iou: of boxes that are one object.
        exponent: how far shares follow scores; "best" gives all to the best member of a class.
        shares: (M, C) of each member in each class.
    """

    masks: bool
    least_iou: float
    exponent: float | str
    shares: Shares


@dataclass(frozen=True)
class MapVoting:
    """How label maps are voted on; see `core.fusion.voting`.

    Attributes:
        certainty: votes weigh as much as members are certain of a pixel, where they say so.
        blank: members whose masks are painted do not vote where they paint nothing, because no
            class of the data set means "nothing".
        exponent: as of `ObjectFusion`.
        shares: (M, L) of each member in each class, the painted background included.
    """

    certainty: bool
    blank: bool
    exponent: float | str
    shares: Shares


@dataclass(frozen=True)
class Fitted:
    """On what a recipe was fitted, and what came of it.

    Attributes:
        dataset: name of the data set.
        split: name of the split.
        source_sha256: of what that split was read from.
        images: that were used: those that all members answered.
        scores: run name to metric to fraction; the ensemble's own under "ensemble".
        left_out: run name to why it is no member.
    """

    dataset: str
    split: str
    source_sha256: str
    images: int
    scores: Mapping[str, Mapping[str, float]]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Recipe:
    """All that makes an ensemble's answers out of its members' answers.

    Attributes:
        classes: names of the data set's classes; shares are in their order.
        background: class index that means "nothing", or None.
        members: in the order in which ties are settled.
        objects: how objects are fused, or None.
        maps: how label maps are voted on, or None.
        fitted: where it comes from.
    """

    classes: tuple[str, ...]
    background: int | None
    members: tuple[Member, ...]
    objects: ObjectFusion | None
    maps: MapVoting | None
    fitted: Fitted

    def __post_init__(self) -> None:
        """Refuse parts that do not fit each other."""
        if not 1 <= len(self.members) <= MOST_MEMBERS:
            raise ValueError(f"{len(self.members)} members; expected 1 to {MOST_MEMBERS}")
        if self.background is not None and not 0 <= self.background < len(self.classes):
            raise ValueError(f"the background is class {self.background}, which there is not")
        if self.objects is None and self.maps is None:
            raise ValueError("neither objects nor label maps are made")
        if self.objects is not None:
            if not 0 <= self.objects.least_iou <= 1:
                raise ValueError(f"least_iou is {self.objects.least_iou}; expected 0 to 1")
            self._check(self.objects.shares, len(self.classes))
        if self.maps is not None:
            self._check(self.maps.shares, self.label_count)

    @property
    def label_count(self) -> int:
        """Return how many labels the voted maps may hold."""
        return len(self.classes) + (self.background is None)

    def _check(self, shares: Shares, columns: int) -> None:
        if [len(row) for row in shares] != [columns] * len(self.members):
            raise ValueError(f"shares need {len(self.members)} rows of {columns} numbers")
        table = share_table(shares)
        if not (table >= 0).all() or not np.allclose(table.sum(axis=0), 1, rtol=0, atol=1e-9):
            raise ValueError("shares of a class are numbers from 0 on that sum to 1")

    def content(self) -> dict[str, object]:
        """Return what the file holds, for JSON."""
        return {"format": FORMAT, **asdict(self)}


def share_table(shares: Shares) -> NDArray[np.float64]:
    """Return shares as an array (M, C)."""
    return np.array(shares, np.float64)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        UsageError: the file cannot be read, or is no recipe.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f'there is no "format": "{FORMAT}"')
        return _recipe(content)
    except UNREADABLE as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"{path} cannot be used as the recipe of an ensemble ({reason}). Make one with "
            "python -m training fit ensemble."
        ) from error


def _recipe(content: dict[str, Any]) -> Recipe:
    objects, maps = content["objects"], content["maps"]
    return Recipe(
        classes=tuple(map(str, content["classes"])),
        background=content["background"],
        members=tuple(Member(**each) for each in content["members"]),
        objects=None if objects is None else ObjectFusion(**_with_rows(objects)),
        maps=None if maps is None else MapVoting(**_with_rows(maps)),
        fitted=Fitted(**content["fitted"]),
    )


def _with_rows(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "shares": tuple(tuple(map(float, row)) for row in part["shares"])}
