"""Where a run fails by a score: the page Failures as it judges by the same things."""

from __future__ import annotations

from collections.abc import Sequence

from core.metrics.pixel_errors import KINDS
from core.scoring import RunScores
from pages.ui import image_filter, store
from pages.ui.clickable import Point, Way
from pages.ui.failure_choice import BOXES, LABELS, MASKS, PIXELS, FailureChoice
from pages.ui.language import say
from pages.ui.links import link

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
    dataset: str,
    split: str,
    runs: Sequence[str],
    wanted: FailureChoice,
    class_name: str | None = None,
) -> str:
    """Return the address of the failures of runs, on the images that the sidebar keeps.

    Args:
        dataset: of the runs.
        split: of the runs.
        runs: names.
        wanted: what counts as a failure.
        class_name: of the class that is meant, or None for all; of a background that was painted,
            which the sidebar lacks, all are shown.
    """
    known = class_name is None or class_name in set(store.classes(dataset)["name"])
    return link(
        "Failures",
        dataset=dataset,
        split=split,
        runs=list(runs),
        **{"class": class_name if known else None},
        **wanted.parameters(),
        **image_filter.parameters(),
    )


def way_on_split(point: Point, *, runs: Sequence[RunScores], metric: str) -> Way | None:
    """Return where the dot of a class and split leads: to the run that answered that split.

    Args:
        point: whose row is a class, and whose name a split.
        runs: of a system, one of each split.
        metric: the score that is shown.
    """
    for one in runs:
        if one.split == point.name:
            wanted = judged_by(metric)
            sentence = say(
                "images of {run} with {name}, {order}",
                run=one.run,
                name=point.row,
                order=say(wanted.order),
            )
            address = failures(one.dataset, one.split, [one.run], wanted, point.row)
            return Way("Failures", sentence, address)
    return None
