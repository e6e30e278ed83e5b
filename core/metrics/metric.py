"""What describes a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """What a score is called and what it means.

    Attributes:
        name: key in files and on the command line.
        title: what people read on the screen.
        unit: "fraction" from 0 to 1, or "seconds".
        higher_is_better: the direction of improvement.
        definition: one sentence.
        protocol: the rule it follows and where that rule comes from.
    """

    name: str
    title: str
    unit: Literal["fraction", "seconds"]
    higher_is_better: bool
    definition: str
    protocol: str
