"""What each member adds to an ensemble: the score of all fused, and of all but one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.errors import UsageError
from core.fusion.boxes import MOST_MEMBERS
from core.metrics import significance as chance
from core.scoring.agreement import Keys, honest_runs, require_objects, require_pixels
from core.scoring.choice import Choice
from core.scoring.class_names import class_names
from core.scoring.coverage import named_runs
from core.scoring.fusing import LEAST_IOU, PIXELS, Ballot, fused_block
from core.scoring.label_errors import fused
from core.scoring.objects import annotation_table, stored_rows
from core.scoring.pixel_measures import pixel_measure
from core.scoring.runs import score_runs
from core.scoring.trial import RESAMPLES
from core.store.connection import Store
from core.store.queries import catalogue, counts

FUSED_METRICS: Final = {"miou": PIXELS, "box_ap": "box", "mask_ap": "mask"}
BLOCK_IMAGES: Final = 16


@dataclass(frozen=True, eq=False)
class MemberTrial:
    """The score of M runs fused, and of M times all but one, as far as it was worked out.

    First the images are fused, block by block; then they are drawn anew.

    Attributes:
        store: path of the evaluation store, which is read as the work goes on.
        metric: one of `FUSED_METRICS`.
        ballot: who is fused: first all, then all but the first, all but the second and so on;
            the runs from the highest score to the lowest, as ties go to the first.
        alone: (M,) the score of each run by itself on the same images.
        images: (I,) image_id, ascending.
        seed: of everything that is drawn.
        parts: of each block that was fused, of each team the rows of its images.
        study: of all fused and each team; None as long as images wait to be fused.
    """

    store: Path
    metric: str
    ballot: Ballot
    alone: tuple[float, ...]
    images: Keys
    seed: int
    parts: tuple[list[pd.DataFrame], ...] = ()
    study: chance.Study | None = None

    @property
    def fused(self) -> int:
        """Return how many images were fused so far."""
        return min(len(self.parts) * BLOCK_IMAGES, len(self.images))

    @property
    def resamples(self) -> int:
        """Return how often the images were drawn anew so far."""
        return 0 if self.study is None else self.study.resamples

    @property
    def done(self) -> int:
        """Return how many images were fused and draws made."""
        return self.fused + self.resamples

    @property
    def enough(self) -> int:
        """Return how many images are to be fused and draws to be made."""
        return len(self.images) + RESAMPLES

    @property
    def complete(self) -> bool:
        """Return whether all of it is done."""
        return self.done >= self.enough

    def extended(self, done: int, threads: int | None = None) -> MemberTrial:
        """Return the trial with at least so much done, fusing before drawing."""
        trial = self
        while trial.study is None and trial.done < done:
            trial = trial._further()
        if trial.study is None or trial.done >= done:
            return trial
        draws = min(done - len(trial.images), RESAMPLES)
        return replace(trial, study=chance.extended(trial.study, draws, threads))

    def _further(self) -> MemberTrial:
        """Return the trial with one more block of images fused; after the last, its study."""
        block = self.images[self.fused : self.fused + BLOCK_IMAGES].tolist()
        with Store.at(self.store).read() as cursor:
            further = replace(self, parts=(*self.parts, fused_block(cursor, self.ballot, block)))
            if further.fused < len(self.images):
                return further
            return replace(further, study=_study(cursor, further))


def begin_members(
    cursor: duckdb.DuckDBPyConnection,
    runs: Sequence[str],
    metric: str,
    store: Path,
    *,
    images: Sequence[int] | None = None,
    seed: int = 0,
) -> MemberTrial:
    """Return what is to be fused of some runs; nothing is yet.

    Args:
        cursor: of `Store.read()`.
        runs: names of two runs or more, see `members_of`.
        metric: one of `FUSED_METRICS`.
        store: path of the same store.
        images: image_id of the images that count, or None for all that all runs have answered.
        seed: of everything that will be drawn.

    Raises:
        UsageError: a run is unknown, was told the truth, is an ensemble, has not what is fused,
            or is of another split than the first; or there are too few or too many runs.
    """
    if not 2 <= len(set(runs)) == len(runs) <= MOST_MEMBERS:
        raise UsageError(
            f"{len(set(runs))} different runs of {len(runs)} named; an ensemble needs 2 to "
            f"{MOST_MEMBERS}, each named once."
        )
    named, common = honest_runs(cursor, runs, images)
    _require(named, metric)
    scores = score_runs(cursor, runs, images=common.tolist())
    alone = np.array([one.scores[metric] for one in scores], np.float64)  # None is NaN
    order = np.argsort(-alone, kind="stable")
    ballot = _ballot(cursor, named.iloc[order].reset_index(drop=True), FUSED_METRICS[metric])
    return MemberTrial(store, metric, ballot, tuple(alone[order].tolist()), common, seed)


def members_of(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str], metric: str) -> list[str]:
    """Return the runs with each ensemble replaced by its members that can be fused, each once.

    Args:
        cursor: of `Store.read()`.
        runs: names.
        metric: one of `FUSED_METRICS`; members without what it is of have no part in it.

    Raises:
        UsageError: a run, or a member of one, is not in the store.
    """
    named = named_runs(cursor, runs)
    names: dict[str, None] = {}
    for run, settings in zip(named["run"], named["settings"].astype(str), strict=True):
        if fused(settings):
            members = named_runs(cursor, list(json.loads(settings)["members"]))
            names |= dict.fromkeys(members.loc[_able(members, metric), "run"])
        else:
            names[run] = None
    return list(names)


def additions(trial: MemberTrial, correction: str = "holm") -> pd.DataFrame:
    """Return a row for each member, the one that adds most first.

    Columns: run, alone (its own score), without (the score of all others fused), adds (how much
    higher it is with it), low and high (95 % interval of that), p, p_adjusted (corrected over the
    members). All figures but alone are NaN until all images are fused.

    Args:
        trial: of some runs.
        correction: a name in `significance.CORRECTIONS`.
    """
    members = range(len(trial.alone))
    frame = pd.DataFrame({"run": trial.ballot.runs["run"].tolist(), "alone": trial.alone})
    study = trial.study
    if study is None:
        return frame.assign(
            **dict.fromkeys(("without", "adds", "low", "high", "p", "p_adjusted"), np.nan)
        )
    intervals = np.array([study.difference_interval(member)[:, 0] for member in members])
    p = np.array([study.p(member)[0] for member in members])
    frame = frame.assign(
        without=study.observed[1:, 0],
        adds=[study.difference(member)[0] for member in members],
        low=intervals[:, 0],
        high=intervals[:, 1],
        p=p,
        p_adjusted=chance.CORRECTIONS[correction](p),
    )
    return frame.sort_values("adds", ascending=False, kind="stable", ignore_index=True)


def together(trial: MemberTrial) -> tuple[float, float, float]:
    """Return the score of all fused and its 95 % interval; NaN where it is not known yet."""
    if trial.study is None:
        return np.nan, np.nan, np.nan
    low, high = trial.study.score_interval(0)[:, 0]
    return float(trial.study.observed[0, 0]), float(low), float(high)


def rule(trial: MemberTrial) -> str:
    """Return how the runs are fused and chance is judged, in one sentence."""
    how = (
        "every run has one vote on each pixel, of equal votes that of the best run alone counts"
        if trial.ballot.by == PIXELS
        else f"boxes of one class that overlap by more than {LEAST_IOU} are one object, every run "
        "with the same share (weighted box fusion), masks by majority"
    )
    return (
        f"Stored predictions fused: {how}; 95 % intervals: bias-corrected percentiles of "
        f"{trial.resamples:,} resamples of the {len(trial.images):,} images, both scores on the "
        f"same; p: the two swapped image by image; seed {trial.seed}"
    )


def _require(named: pd.DataFrame, metric: str) -> None:
    if metric not in FUSED_METRICS:
        raise UsageError(
            f"The score of runs fused is told by {', '.join(FUSED_METRICS)}, not by {metric}."
        )
    mixed = named.loc[named["settings"].map(fused), "run"].tolist()
    if mixed:
        raise UsageError(f"Run {mixed[0]!r} is an ensemble itself. Name the runs it is made of.")
    by = FUSED_METRICS[metric]
    if by == PIXELS:
        require_pixels(named)
    else:
        require_objects(named, by)


def _able(named: pd.DataFrame, metric: str) -> pd.Series:
    """Return which runs have what a score is of."""
    needed = {PIXELS: "pixel_source", "box": "has_boxes", "mask": "has_masks"}
    column = named[needed[FUSED_METRICS[metric]]]
    return column.notna() & (column != False)  # noqa: E712 - may hold words


def _ballot(cursor: duckdb.DuckDBPyConnection, named: pd.DataFrame, by: str) -> Ballot:
    place = named.iloc[0]
    splits = catalogue.datasets(cursor)
    own = (splits["dataset"] == place["dataset"]) & (splits["split"] == place["split"])
    split = splits[own].iloc[0]
    annotated = {"box": "has_objects", "mask": "has_masks", PIXELS: "has_label_maps"}[by]
    if not split[annotated]:
        raise UsageError(
            f"{place['dataset']} · {place['split']} is annotated without {by} shapes, so runs "
            "fused by them have no score there. Choose another score."
        )
    every = tuple(range(len(named)))
    background = split["background"]
    return Ballot(
        by=by,
        runs=named,
        dataset=int(place["dataset_id"]),
        split=str(place["split"]),
        class_count=len(catalogue.categories(cursor, place["dataset"])),
        background=None if pd.isna(background) else int(background),
        leaves_blank=bool(pd.isna(background) and not split["maps_painted"]),
        teams=(every, *(tuple(p for p in every if p != left_out) for left_out in every)),
    )


def _study(cursor: duckdb.DuckDBPyConnection, trial: MemberTrial) -> chance.Study:
    teams = [pd.concat(team, ignore_index=True) for team in zip(*trial.parts, strict=True)]
    of = _pixel_measure if trial.ballot.by == PIXELS else _object_measure
    measures = [chance.Overall(of(cursor, trial, team)) for team in teams]
    return chance.begin(measures, [(team, 0) for team in range(1, len(teams))], trial.seed)


def _pixel_measure(
    cursor: duckdb.DuckDBPyConnection, trial: MemberTrial, rows: pd.DataFrame
) -> chance.Measure:
    names, background = class_names(cursor, trial.ballot.runs.iloc[0])
    return pixel_measure(trial.metric, rows, trial.images, len(names), background, Choice())


def _object_measure(
    cursor: duckdb.DuckDBPyConnection, trial: MemberTrial, rows: pd.DataFrame
) -> chance.Measure:
    ballot, keys = trial.ballot, trial.images
    annotated = counts.annotation_areas(cursor, ballot.dataset, ballot.split, keys.tolist())
    found, truth = stored_rows(rows), annotation_table(annotated)
    return chance.object_measure(
        "ap",
        replace(found, images=np.searchsorted(keys, found.images)),
        replace(truth, images=np.searchsorted(keys, truth.images)),
        len(keys),
        ballot.class_count,
    )
