"""Where a run fails by a score: the page Failures as it judges by the same things."""

from __future__ import annotations

from collections.abc import Sequence

from core.metrics.pixel_errors import KINDS
from pages.ui import image_filter, store
from pages.ui.failure_choice import BOXES, LABELS, MASKS, PIXELS, FailureChoice
from pages.ui.links import link
from pages.ui.selection import Selection

WAYS = {"box": BOXES, "mask": MASKS, "image": LABELS, "derived": LABELS}
WRONG = {f"{kind}_error": (kind,) for kind in KINDS}


def judged_by(metric: str) -> FailureChoice:
    """Return what fails by a score: boxes, masks, labels or pixels.

    Args:
        metric: one of `METRICS`.
    """
    by = WAYS.get(metric.split("_")[0], PIXELS)
    return FailureChoice(by=by, wrong=WRONG.get(metric, ()))


def failures(
    choice: Selection,
    runs: Sequence[str],
    wanted: FailureChoice,
    class_name: str | None = None,
) -> str:
    """Return the address of the failures of runs, on the images that the sidebar keeps.

    Args:
        choice: data set and split.
        runs: names.
        wanted: what counts as a failure.
        class_name: of the class that is meant, or None for all; of a background that was painted,
            which the sidebar lacks, all are shown.
    """
    known = class_name is None or class_name in set(store.classes(choice.dataset)["name"])
    return link(
        "Failures",
        dataset=choice.dataset,
        split=choice.split,
        runs=list(runs),
        **{"class": class_name if known else None},
        **wanted.parameters(),
        **image_filter.parameters(),
    )
