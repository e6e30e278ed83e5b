"""What the difference of two runs in IoU is made of: fewer wrong pixels of each kind, or more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.metrics import significance as chance
from core.scoring.choice import Choice
from core.scoring.error_shares import ERROR_FIGURES
from core.scoring.trial import Trial, begin_trials, compared, differences

WHOLE: Final = "IoU"


@dataclass(frozen=True, eq=False)
class LossTrial:
    """Two runs held against each other by mean IoU and by each kind of wrong pixels.

    Attributes:
        whole: by mean IoU.
        kinds: kind to the trial of its share; the same images are drawn for all.
    """

    whole: Trial
    kinds: dict[str, Trial]

    def extended(self, resamples: int, threads: int | None = None) -> LossTrial:
        """Return the trial with at least so many resamples."""
        kinds = {kind: each.extended(resamples, threads) for kind, each in self.kinds.items()}
        return LossTrial(self.whole.extended(resamples, threads), kinds)

    @property
    def enough(self) -> int:
        """Return how many resamples the smallest p needs, see `Trial.enough`."""
        return self.whole.enough

    @property
    def done(self) -> int:
        """Return how often the images were drawn anew so far."""
        return self.whole.done

    @property
    def complete(self) -> bool:
        """Return whether `enough` has been drawn."""
        return self.whole.complete


def begin_losses(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    *,
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
) -> LossTrial:
    """Return the trial of two runs of which nothing is drawn yet.

    Args:
        cursor: of `Store.read()`.
        runs: names of two runs of one data set, kinds of whose wrong pixels are counted.
        images: image_id of the images to look at, or None for all.
        choice: how to score.

    Raises:
        UsageError: see `begin_trials`.
    """
    metrics = ["miou", *ERROR_FIGURES]
    whole, *kinds = begin_trials(cursor, runs, metrics, images=images, choice=choice)
    names = [name.removesuffix("_error") for name in ERROR_FIGURES]
    return LossTrial(whole, dict(zip(names, kinds, strict=True)))


def loss_gains(
    trial: LossTrial,
    correction: str = "holm",
    names: Collection[str] | None = None,
    *,
    only: int = -1,
) -> pd.DataFrame:
    """Return what the second run gains in IoU on the first, and what each kind has of it.

    A gain of a kind is a share of the union that is no longer wrong: those of the kinds make the
    gain of the IoU. Columns: part (`WHOLE` or a kind) and those of `differences`; p_adjusted of
    the kinds is corrected over the three, and of a class over all kinds of all classes. No rows
    where one of the runs has no such IoU.

    Args:
        trial: of two runs.
        correction: a name in `significance.CORRECTIONS`.
        names: of the classes to look at, or None for all.
        only: class whose IoU it is, or -1 for the mean over the classes.
    """
    rows = [differences(trial.whole, correction, names, only=only).assign(part=WHOLE)]
    asked = {kind: compared(each, names) for kind, each in trial.kinds.items()}
    beside = [each[(each["class"] < 0) == (only < 0)] for each in asked.values()]
    adjusted = chance.CORRECTIONS[correction](np.concatenate([each["p"] for each in beside]))
    places = np.concatenate([each["class"] for each in beside]) == only
    for (kind, each), p in zip(trial.kinds.items(), adjusted[places], strict=False):
        found = differences(each, correction, names, only=only)
        rows.append(
            found.assign(
                part=kind,
                difference=-found["difference"],
                low=-found["high"],
                high=-found["low"],
                p_adjusted=p,
            )
        )
    return pd.concat(rows, ignore_index=True)
