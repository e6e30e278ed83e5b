"""From which score on predictions count: as the slider says, or chosen on a split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics import sweep
from core.scoring.transfer import runs_elsewhere
from pages.ui import store
from pages.ui.detection_view import DetectionView
from pages.ui.language import mark, say

SLIDER = mark("the slider")
_BEST_ON = "best F1 on "
_ITSELF = " itself"


@dataclass(frozen=True)
class Threshold:
    """The least score that counts of one run.

    Attributes:
        score: a fraction, NaN where none could be chosen.
        run: the run it was chosen on, or "".
        f1: F1 there, NaN if it was not chosen.
    """

    score: float
    run: str = ""
    f1: float = float("nan")


def sources(view: DetectionView) -> list[str]:
    """Return where thresholds can come from: the slider, other splits, the split itself."""
    splits = {split for others in lenders(view).values() for split in others}
    elsewhere = [f"{_BEST_ON}{split}" for split in sorted(splits)]
    return [SLIDER, *elsewhere, f"{_BEST_ON}{view.choice.split}{_ITSELF}"]


def source_words(source: str) -> str:
    """Return one of `sources` in the visitor's language."""
    split = source.removeprefix(_BEST_ON)
    if source == SLIDER:
        return say(SLIDER)
    if is_own(source):
        return say("best F1 on {split} itself", split=split.removesuffix(_ITSELF))
    return say("best F1 on {split}", split=split)


def is_own(source: str) -> bool:
    """Return whether thresholds are chosen on the split that they are judged on."""
    return source.endswith(_ITSELF)


def thresholds(view: DetectionView, score: float, source: str) -> dict[str, Threshold]:
    """Return the threshold of each run by its name.

    Args:
        view: the runs.
        score: where the slider stands.
        source: one of `sources`.
    """
    if source == SLIDER:
        return dict.fromkeys(view.run_names, Threshold(score))
    if is_own(source):
        return {run: _best(run, view.curves(run).together) for run in view.run_names}
    split = source.removeprefix(_BEST_ON)
    chosen = {}
    for run, others in lenders(view).items():
        lender = others.get(split)
        chosen[run] = (
            Threshold(np.nan)
            if lender is None
            else _best(lender, view.curves_elsewhere(lender).together)
        )
    return chosen


def lenders(view: DetectionView) -> dict[str, dict[str, str]]:
    """Return for each run those of its system, weights and settings: split to name."""
    return store.ask(
        runs_elsewhere,
        dataset=view.choice.dataset,
        runs=view.run_names,
        having=f"has_{view.by}",
    )


def _best(run: str, together: sweep.Sweep) -> Threshold:
    (score,), (f1,) = sweep.best_scores(together)
    return Threshold(float(score), run, float(f1))
