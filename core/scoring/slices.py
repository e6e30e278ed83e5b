"""Where a run falls short of itself: slices of the images by one or two of their properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import METRICS
from core.metrics import significance as chance
from core.scoring.choice import Choice
from core.scoring.coverage import named_runs
from core.scoring.measures import run_measure
from core.scoring.properties import PROPERTIES, image_properties
from core.scoring.runs import score_runs
from core.scoring.trial import FEW_IMAGES
from core.store.queries import catalogue

BINS: Final = 3


@dataclass(frozen=True)
class Condition:
    """What the images of a slice share: values of a property in a range, or a tag.

    Attributes:
        name: one of `PROPERTIES`, or "" for a tag.
        low: lowest value, included.
        high: highest value, included.
        tag: the tag, or "".
    """

    name: str = ""
    low: float = 0.0
    high: float = 0.0
    tag: str = ""


@dataclass(frozen=True, eq=False)
class WeakSlices:
    """The slices of a run's images, those where it falls short of itself first.

    Attributes:
        run: its name.
        metric: one of `METRICS`.
        score: on all the images.
        images: how many there are.
        conditions: of each slice, one or two.
        rows: a row a slice: images, score, rest (the score on all other images), difference, p,
            p_adjusted, finding (p_adjusted below `significance.LEVEL`).
        draws: most random subsets that were drawn for one slice.
    """

    run: str
    metric: str
    score: float
    images: int
    conditions: tuple[tuple[Condition, ...], ...]
    rows: pd.DataFrame
    draws: int


@dataclass(frozen=True, eq=False)
class SliceTrial:
    """The slices of a run's images, and what chance makes of them so far.

    Attributes:
        run: its name.
        metric: one of `METRICS`.
        score: on all the images.
        images: how many there are.
        conditions: of each slice, one or two.
        found: how far each slice falls short; None where there is no slice.
    """

    run: str
    metric: str
    score: float
    images: int
    conditions: tuple[tuple[Condition, ...], ...]
    found: chance.Shortfalls | None

    @property
    def done(self) -> int:
        """Return how many draws were made so far, at most."""
        return 0 if self.found is None else self.found.tested * self.found.draws

    @property
    def enough(self) -> int:
        """Return how many draws are made at most, for all sizes of slices."""
        return 0 if self.found is None else len(self.found.sizes) * self.found.draws

    @property
    def complete(self) -> bool:
        """Return whether every slice is held against chance."""
        return self.done >= self.enough

    def extended(self, done: int, threads: int | None = None) -> SliceTrial:
        """Return the trial with at least so many draws, slices of one size after another."""
        if self.found is None:
            return self
        sizes = -(-done // self.found.draws)
        return replace(self, found=self.found.extended(sizes, threads))

    def slices(self, correction: str = "holm") -> WeakSlices:
        """Return the slices, see `weak_slices`; p is NaN and nothing a finding until all is drawn.

        Args:
            correction: a name in `significance.CORRECTIONS`, over all slices.
        """
        about = self.run, self.metric, self.score, self.images
        if self.found is None:
            return WeakSlices(*about, (), pd.DataFrame(), 0)
        rows = _rows(self.found, correction, complete=self.complete)
        ordered = tuple(self.conditions[index] for index in rows.index)
        return WeakSlices(*about, ordered, rows.reset_index(drop=True), self.found.draws)


def weak_slices(
    cursor: duckdb.DuckDBPyConnection,
    run: str,
    metric: str,
    *,
    images: Sequence[int] | None = None,
    correction: str = "holm",
    seed: int = 0,
) -> WeakSlices:
    """Return the slices of a run's images by one or two properties, and how it fares there.

    Each property is cut in `BINS` bins with as equal numbers of images as its values allow; no
    slice, and no rest, is of fewer than `FEW_IMAGES`. Findings come first, those with the largest
    shortfall before others; then what is none, by p.

    Args:
        cursor: of `Store.read()`.
        run: name of an evaluated run.
        metric: one of `METRICS`.
        images: image_id of the images to look at, or None for all.
        correction: a name in `significance.CORRECTIONS`, over all slices.
        seed: of all draws.

    Raises:
        UsageError: the run is unknown, not evaluated, or has no such score here.
    """
    trial = begin_slices(cursor, run, metric, images=images, seed=seed)
    return trial.extended(trial.enough).slices(correction)


def begin_slices(
    cursor: duckdb.DuckDBPyConnection,
    run: str,
    metric: str,
    *,
    images: Sequence[int] | None = None,
    seed: int = 0,
) -> SliceTrial:
    """Return the slices of `weak_slices`; nothing is drawn yet."""
    (scores,) = score_runs(cursor, [run], images=images)
    score = scores.scores[metric]
    if score is None:
        raise UsageError(f"{run} has no {metric} here. Choose another score or other images.")
    row: Any = next(named_runs(cursor, [run]).itertuples(index=False))
    keys = catalogue.answered_images(cursor, int(row.run_id))["image_id"].to_numpy(np.int64)
    keys = keys if images is None else keys[np.isin(keys, np.asarray(images, np.int64))]
    parts = _conditions(cursor, int(row.dataset_id), str(row.split), keys)
    conditions, members = _slices(parts, len(keys))
    if not conditions:
        return SliceTrial(run, metric, score, len(keys), (), None)
    measure = chance.Overall(run_measure(cursor, row, metric, keys, Choice()))
    sign = 1 if METRICS[metric].higher_is_better else -1
    found = chance.begin_shortfalls(measure, members, sign, seed)
    return SliceTrial(run, metric, score, len(keys), tuple(conditions), found)


def bins(values: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the lowest and highest value of each of at most `BINS` bins, ascending.

    Equal values share a bin; a single value makes none. NaN is in no bin.

    Args:
        values: (I,).
    """
    known = values[~np.isnan(values)]
    if len(np.unique(known)) < 2:
        return []
    edges = np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf")
    bin_of = np.searchsorted(edges, known, side="left")
    return [
        (float(known[bin_of == each].min()), float(known[bin_of == each].max()))
        for each in np.unique(bin_of)
    ]


def _conditions(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, keys: NDArray[np.int64]
) -> Iterator[tuple[Condition, NDArray[np.bool_]]]:
    """Yield every bin of a property and every tag, with the images (I,) that are in it."""
    properties = image_properties(cursor, dataset, split).set_index("image_id").loc[keys]
    for name in PROPERTIES:
        values = properties[name].to_numpy()
        for low, high in bins(values):
            yield Condition(name, low, high), (values >= low) & (values <= high)
    for tag in catalogue.tags(cursor, dataset, split)["tag"]:
        tagged = catalogue.tagged_images(cursor, dataset, split, [tag])["image_id"]
        yield Condition(tag=str(tag)), np.isin(keys, tagged)


def _slices(
    parts: Iterator[tuple[Condition, NDArray[np.bool_]]], images: int
) -> tuple[list[tuple[Condition, ...]], NDArray[np.bool_]]:
    """Return the conditions of each slice, and its images: (S, I)."""
    single = [(part, inside) for part, inside in parts if _enough(inside, images)]
    slices: list[tuple[tuple[Condition, ...], NDArray[np.bool_]]]
    slices = [((part,), inside) for part, inside in single]
    seen = {inside.tobytes() for _, inside in slices}
    for (one, first), (other, second) in combinations(single, 2):
        both = first & second
        # no filter takes images with two tags at once; the same images need one name only
        nameable = not (one.tag and other.tag)
        if nameable and _enough(both, images) and both.tobytes() not in seen:
            seen.add(both.tobytes())
            slices.append(((one, other), both))
    return [each for each, _ in slices], np.array([inside for _, inside in slices])


def _enough(inside: NDArray[np.bool_], images: int) -> bool:
    return bool(FEW_IMAGES <= inside.sum() <= images - FEW_IMAGES)


def _rows(found: chance.Shortfalls, correction: str, *, complete: bool) -> pd.DataFrame:
    adjusted = (
        chance.CORRECTIONS[correction](found.p) if complete else np.full_like(found.p, np.nan)
    )
    rows = pd.DataFrame(
        {
            "images": found.members.sum(axis=1),
            "score": found.inside,
            "rest": found.outside,
            "difference": found.difference,
            "p": found.p,
            "p_adjusted": adjusted,
            "finding": adjusted < chance.LEVEL,
        }
    )
    rows = rows[rows["difference"].notna()]
    # among findings the shortfall decides, among others p
    gain = found.sign * rows["difference"]
    by_p = rows["p"].where(~rows["finding"], -1.0)
    order = np.lexsort([gain.to_numpy(), by_p.to_numpy()])
    return rows.iloc[order]
