"""How long each stage of a system takes for an image."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class StageSeconds:
    """Time that each stage has taken so far, in the order they began.

    Attributes:
        spent: stage to seconds, as `Prediction.stage_seconds` has it.
    """

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count the time inside the `with` block for a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[stage] = self.spent.get(stage, 0.0) + time.perf_counter() - began
