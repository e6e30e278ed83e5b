"""Where the charts of Detection lead: to the errors of a run, counted as the page counts."""

from __future__ import annotations

from pages.ui.clickable import Point, Way
from pages.ui.detection_view import DetectionView
from pages.ui.failure_choice import FailureChoice
from pages.ui.language import say
from pages.ui.score_failures import failures


def only_class(view: DetectionView) -> str | None:
    """Return the name of the class that is looked at, or None where there are several."""
    return view.names[view.classes[0]] if view.classes and len(view.classes) == 1 else None


def address_of(view: DetectionView, run: str, **wanted: object) -> str:
    """Return the address of the errors of a run.

    Args:
        view: of the page.
        run: its name.
        wanted: what else counts as a failure, fields of `FailureChoice`.
    """
    choice = FailureChoice(by=view.by, **{"size": view.size, **wanted})  # type: ignore[arg-type]
    return failures(view.choice.dataset, view.choice.split, [run], choice, only_class(view))


def way_of_run(point: Point, *, view: DetectionView) -> Way:
    """Return where a point of a run's line leads."""
    return Way("Failures", say("errors of {run}", run=point.name), address_of(view, point.name))


def way_of_score(point: Point, *, view: DetectionView) -> Way:
    """Return where a point at a least score leads: predictions below it count as not made."""
    score = round(point.x, 2)
    sentence = say("errors of {run} from score {score:.2f} on", run=point.name, score=score)
    return Way("Failures", sentence, address_of(view, point.name, score=score))
