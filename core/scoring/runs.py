"""Scores of runs, whole or on any of their images, from what the store holds of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.metrics import METRICS, PIXEL_PROTOCOLS
from core.metrics.calibration import Reliability
from core.metrics.pixel_errors import KINDS
from core.scoring.choice import Choice
from core.scoring.coverage import named_runs, require_counts, scored_images
from core.scoring.error_shares import error_scores
from core.scoring.image_labels import label_scores
from core.scoring.objects import object_scores
from core.scoring.panoptic import segment_scores
from core.scoring.pixel_sums import pixel_class_images, pixel_totals
from core.scoring.pixels import BOUNDARY_FIGURE, PER_IMAGE, boundary_scores, pixel_scores
from core.scoring.single import single_answers, single_scores
from core.scoring.subset_truth import Keys, SubsetTruth, subset_truth
from core.scoring.transfer import oracle_of
from core.scoring.uncounted import counting_command, lacks_segments
from core.store.memory import remembered_each
from core.store.queries import counts, explore
from core.store.queries.ask import answer_bytes, together

Cursor = duckdb.DuckDBPyConnection
Columns = dict[str, Any]  # arrays of NumPy, that of the names of pandas


@dataclass(frozen=True, eq=False)
class RunScores:
    """The scores of one run.

    Attributes:
        run: its name.
        run_id: its key.
        system: what made it.
        dataset: data set it speaks of.
        split: split it speaks of.
        images: number of images the scores are of.
        protocol: by which rules, in one sentence.
        scores: metric name to fraction (seconds for time), None where it has no value.
        classes: a row a class: class, name, images, objects, and a column for each metric that
            classes have; NaN where it has no value.
        stage_seconds: stage to the mean time it took for an image, seconds, in the order the
            stages act; empty of a system that does not tell.
        label_reliability: of image labels that the system says itself, see `LabelScores`; None
            where it says none.
    """

    run: str
    run_id: int
    system: str
    dataset: str
    split: str
    images: int
    protocol: str
    scores: dict[str, float | None]
    classes: pd.DataFrame
    stage_seconds: dict[str, float]
    label_reliability: Reliability | None = None


def score_runs(
    cursor: Cursor,
    runs: Sequence[str],
    *,
    images: Sequence[int] | None = None,
    choice: Choice = Choice(),  # noqa: B008 - frozen, without state
) -> list[RunScores]:
    """Return the scores of each run, by the counts and matches of its evaluation.

    Args:
        cursor: of `Store.read()`.
        runs: names, scored in this order.
        images: image_id of the images to score; None for all that the run has answered. Those
            that a run has not answered are left out.
        choice: how to score.

    Raises:
        UsageError: a run is unknown or not evaluated, or the choice cannot be made.
    """
    if choice.protocol not in PIXEL_PROTOCOLS:
        raise UsageError(
            f"There is no protocol {choice.protocol!r}. Known: {', '.join(PIXEL_PROTOCOLS)}."
        )
    alike: dict[tuple[int, str, int, Keys], dict[str, Any]] = {}
    run: Any
    for run in named_runs(cursor, runs).itertuples(index=False):
        require_counts(run)
        place = int(run.dataset_id), run.split, *scored_images(cursor, run, images)
        alike.setdefault(place, {})[run.run] = run
    scores: dict[str, RunScores] = {}
    for (*_, image_count, keys), members in alike.items():
        scores |= _score_alike(cursor, members, image_count, keys, choice)
    return [scores[name] for name in runs]


def _score_alike(
    cursor: Cursor, runs: Mapping[str, Any], image_count: int, keys: Keys, choice: Choice
) -> dict[str, RunScores]:
    """Return the scores of runs, rows of `catalogue.runs` by name, on the same images by name."""

    def find(names: list[str]) -> dict[str, RunScores]:
        truth = subset_truth(cursor, runs[names[0]], image_count, keys)
        with together([int(runs[name].run_id) for name in names], image_count):
            return {name: _score_run(cursor, runs[name], truth, choice) for name in names}

    return remembered_each("scores of a run", list(runs), (keys, choice), find, answer_bytes)


def _score_run(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    truth: SubsetTruth,
    choice: Choice,
) -> RunScores:
    classes = _class_columns(cursor, run, truth)
    figures = _pixels(cursor, run, truth, choice, classes)
    figures |= _segments(cursor, run, truth, choice, classes)
    figures |= _objects(cursor, run, truth, choice, classes)
    figures |= _single(cursor, run, truth, choice)
    labels = label_scores(cursor, run, truth.keys, truth.class_count, truth.background, choice)
    figures |= labels.figures
    figures["seconds_per_image"] = _seconds(cursor, run, truth.keys)
    columns = classes | labels.classes
    if choice.classes is not None:  # before there is a table, which takes longer to cut
        chosen = np.isin(columns["class"], choice.classes)
        columns = {name: column[chosen] for name, column in columns.items()}
    return RunScores(
        run=run.run,
        run_id=int(run.run_id),
        system=run.system,
        dataset=run.dataset,
        split=run.split,
        images=truth.image_count,
        protocol="; ".join([*_protocol(run, choice, figures), *labels.rules]),
        scores={name: _none_if_nan(figures.get(name, math.nan)) for name in METRICS},
        classes=pd.DataFrame(columns),
        stage_seconds=_stage_seconds(cursor, run, truth.keys),
        label_reliability=labels.reliability,
    )


def _class_columns(cursor: Cursor, run: Any, truth: SubsetTruth) -> Columns:  # noqa: ANN401
    """Return class, name, images and objects of each class, (C,) each."""
    images, objects = np.zeros((2, truth.class_count), np.int64)
    seen = pixel_class_images(cursor, int(run.run_id), truth.keys)
    indices = seen["class"].to_numpy()
    known = (indices >= 0) & (indices < truth.class_count)
    images[indices[known]] = seen["images"].to_numpy()[known]
    # what is annotated as objects goes before pixels
    images[truth.annotated], objects[truth.annotated] = truth.images, truth.objects
    return {
        "class": np.arange(truth.class_count),
        "name": truth.names,
        "images": images,
        "objects": objects,
    }


def _pixels(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    truth: SubsetTruth,
    choice: Choice,
    classes: Columns,
) -> dict[str, float]:
    if pd.isna(run.pixel_source) or choice.size != "all":
        return {}
    rules = truth.class_count, truth.background, choice
    if choice.protocol == PER_IMAGE:
        rows = counts.pixel_rows(cursor, run.run_id, truth.keys)
    else:
        rows = pixel_totals(cursor, int(run.run_id), truth.keys)
    figures = _take_in(classes, pixel_scores(rows, *rules))
    bands = counts.boundary_rows(cursor, run.run_id, truth.keys)
    if not bands.empty:  # evaluations from before have none
        figures |= _take_in(classes, boundary_scores(bands, *rules))
    errors = counts.pixel_error_rows(cursor, run.run_id, KINDS, truth.keys)
    return figures | _take_in(classes, error_scores(errors, rows, *rules))


def _segments(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    truth: SubsetTruth,
    choice: Choice,
    classes: Columns,
) -> dict[str, float]:
    if pd.isna(run.has_segments) or not run.has_segments or choice.size != "all":
        return {}
    rows = counts.segment_rows(cursor, run.run_id, truth.keys)
    things = explore.thing_classes(cursor, run.dataset_id, run.split)
    return _take_in(classes, segment_scores(rows, truth.class_count, things, choice))


def _objects(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    truth: SubsetTruth,
    choice: Choice,
    classes: Columns,
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for geometry, there in (("box", run.has_boxes), ("mask", run.has_masks)):
        if not there or not truth.placed:
            continue
        matches = counts.match_bits(cursor, run.run_id, geometry, truth.keys)
        scored = object_scores(matches, truth.positives, choice)
        figures |= _take_in(classes, scored, prefix=f"{geometry}_")
    return figures


def _single(
    cursor: Cursor,
    run: Any,  # noqa: ANN401
    truth: SubsetTruth,
    choice: Choice,
) -> dict[str, float]:
    if not run.has_boxes or choice.classes is not None or choice.size != "all":
        return {}
    # most data sets have several objects on some image, and those with a place are counted already
    if truth.placed not in (0, truth.image_count):
        return {}
    answers = single_answers(cursor, int(run.run_id), truth.keys)
    return single_scores(answers, truth.class_count)


def _take_in(
    classes: Columns,
    scored: tuple[Mapping[str, float], Mapping[str, NDArray[np.float64]]],
    prefix: str = "",
) -> dict[str, float]:
    """Put the scores of classes into their columns; return those of the run."""
    figures, by_class = scored
    for metric, column in by_class.items():
        classes[prefix + metric] = column
    return {prefix + metric: figure for metric, figure in figures.items()}


def _seconds(cursor: Cursor, run: Any, keys: Keys) -> float:  # noqa: ANN401
    times = counts.seconds(cursor, [run.run_id], keys)["seconds_per_image"]
    return math.nan if times.empty or pd.isna(times.iloc[0]) else float(times.iloc[0])


def _stage_seconds(cursor: Cursor, run: Any, keys: Keys) -> dict[str, float]:  # noqa: ANN401
    stages = counts.stage_seconds(cursor, [run.run_id], keys)
    return dict(zip(stages["stage"].tolist(), stages["seconds"].tolist(), strict=True))


def _protocol(run: Any, choice: Choice, figures: dict[str, float]) -> list[str]:  # noqa: ANN401
    parts = []
    if oracle := oracle_of(run.settings):
        parts.append(f"told the true {oracle}: an upper bound, no system")
    if "box_ap" in figures or "mask_ap" in figures:
        parts.append("AP and AR as pycocotools")
    if choice.size != "all":
        parts.append(f"{choice.size} objects only")
    elif not pd.isna(run.pixel_source):
        parts.append(f"mIoU by the rule {choice.protocol}")
        if run.pixel_source == "painted":
            least = f"score ≥ {run.paint_threshold:.2f} ({run.threshold_origin})"
            parts.append(f"on masks painted at {least}")
        if BOUNDARY_FIGURE not in figures and not math.isnan(figures["pixel_accuracy"]):
            parts.append(f"boundary IoU is not counted yet: {counting_command(run)}")
        if lacks_segments(run):
            parts.append(f"panoptic quality is not counted yet: {counting_command(run)}")
        if not choice.with_background:
            parts.append("background not averaged")
    if "top1" in figures:
        parts.append("one object an image, answered by the surest prediction")
    return parts


def _none_if_nan(figure: float) -> float | None:
    return None if math.isnan(figure) else figure
