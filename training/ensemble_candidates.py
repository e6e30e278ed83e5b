"""What the candidates of an ensemble say of a split, and how good an ensemble of them is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import UsageError
from core.fusion import choose_threshold, label_count
from core.fusion.combine import elected, fused, voting_map
from core.fusion.recipe import MapVoting, ObjectFusion
from core.geometry import label_runs
from core.metrics import counting, pixel
from core.scoring import RunScores, score_runs
from core.store.columns import table_of
from core.store.connection import Store
from core.store.rows import annotation_map_blobs, image_ids, load_predictions
from core.structures import Dataset, LabelMap, Objects, ObjectTable, Prediction, void_of
from training.detection_scores import score_tables, truth_table

LOADED_AT_ONCE = 64
GEOMETRIES = ("box", "mask")


@dataclass(frozen=True, eq=False)
class Candidate:
    """One run, with all that it says of the images that are used.

    Attributes:
        run: its row of `catalogue.runs`.
        answers: I predictions; label maps are taken out.
        ballots: what it votes for on each image, as label runs; none if it cannot vote.
        paint_threshold: by which its masks were painted to vote, or None.
        class_ap: (C,) COCO's AP of boxes of each class, NaN where there is none.
        class_iou: (L,) IoU of each label of its ballots, NaN where there is none.
        scores: metric to fraction, those that it has.
    """

    run: pd.Series
    answers: tuple[Prediction, ...]
    ballots: tuple[bytes, ...]
    paint_threshold: float | None
    class_ap: NDArray[np.float64]
    class_iou: NDArray[np.float64]
    scores: dict[str, float]

    @property
    def name(self) -> str:
        """Return the name of the run."""
        return str(self.run["run"])

    @property
    def has_objects(self) -> bool:
        """Return whether it finds objects."""
        return bool(self.run["has_boxes"] or self.run["has_masks"])


@dataclass(frozen=True, eq=False)
class Candidates:
    """Several runs on the images of one split that all of them have answered.

    Attributes:
        dataset: with those images alone.
        truth: the annotated objects.
        maps: the annotated label maps as label runs, one an image; none if there are none.
        runs: the candidates.
    """

    dataset: Dataset
    truth: ObjectTable
    maps: tuple[bytes, ...]
    runs: tuple[Candidate, ...]

    @property
    def label_count(self) -> int:
        """Return L, how many labels maps may hold."""
        return label_count(len(self.dataset.categories), self.dataset.background)

    def score_objects(self, rule: ObjectFusion) -> dict[str, float]:
        """Return the AP of all candidates' objects fused, as "box_ap" and "mask_ap"."""
        answers = zip(*(each.answers for each in self.runs), strict=True)
        found = [fused(rule, each) for each in answers]
        return self._average_precisions(found, masks=rule.masks)

    def _average_precisions(self, found: Sequence[Objects], *, masks: bool) -> dict[str, float]:
        table, classes = table_of(self.dataset.images, found), len(self.dataset.categories)
        return {
            f"{geometry}_ap": score_tables(self.truth, table, classes, geometry)["ap"]
            for geometry in GEOMETRIES[: 1 + masks]
        }

    def score_maps(self, rule: MapVoting) -> dict[str, float]:
        """Return the mean IoU of the map that all candidates vote on, as "miou"."""
        voters = [any(row) for row in rule.shares]
        counts = []
        for position, truth in enumerate(self.maps):
            image = self.dataset.images[position]
            answers = [each.answers[position] for each in self.runs]
            maps = [
                label_runs.decode(each.ballots[position], image.height, image.width)
                if votes
                else None
                for each, votes in zip(self.runs, voters, strict=True)
            ]
            label_map = elected(rule, image, answers, maps).label_map
            counts.append(_count(truth, label_map, self.label_count))
        tally = pixel.tally(counting.PixelCounts.sum(counts), self.label_count)
        return {"miou": float(pixel.mean_iou(tally))}


def load_candidates(store: Store, dataset: Dataset, runs: Sequence[pd.Series]) -> Candidates:
    """Read what the runs say of the images that all of them have answered.

    Raises:
        UsageError: there is no such image.
    """
    with store.read() as cursor:
        keys = image_ids(cursor, dataset.name, dataset.split)
        blobs = dict(annotation_map_blobs(cursor, dataset.name, dataset.split))
    found = [_predictions(store, dataset, keys, int(run["run_id"])) for run in runs]
    shared = [
        image
        for image in dataset.images
        if all(keys[image.id] in predictions for predictions in found)
    ]
    if not shared:
        names = ", ".join(str(run["run"]) for run in runs)
        raise UsageError(
            f"No image of {dataset.name} · {dataset.split} is answered by all of {names}, so no "
            "ensemble of them can be fitted. Name other runs with --members."
        )
    part = replace(dataset, images=tuple(shared))
    maps = tuple(blobs[keys[image.id]] for image in shared) if blobs else ()
    if not any(map(_is_labelled, maps)):
        maps = ()
    with store.read() as cursor:
        scores = score_runs(
            cursor, [run["run"] for run in runs], images=[keys[each.id] for each in shared]
        )
    candidates = [
        _candidate(run, [predictions[keys[image.id]] for image in shared], own, part, maps)
        for run, predictions, own in zip(runs, found, scores, strict=True)
    ]
    return Candidates(part, truth_table(part), maps, tuple(candidates))


def leaves_blank(dataset: Dataset) -> bool:
    """Return whether no class means "nothing": label maps were given, and none is background."""
    given = dataset.annotations[dataset.images[0].id].label_map is not None
    return given and dataset.background is None


def _predictions(
    store: Store, dataset: Dataset, keys: dict[int, int], run_id: int
) -> dict[int, Prediction]:
    found: dict[int, Prediction] = {}
    for start in range(0, len(dataset.images), LOADED_AT_ONCE):
        block = dataset.images[start : start + LOADED_AT_ONCE]
        with store.read() as cursor:
            found |= load_predictions(cursor, run_id, {keys[each.id]: each for each in block})
    return found


def _candidate(
    run: pd.Series,
    predictions: Sequence[Prediction],
    scores: RunScores,
    dataset: Dataset,
    maps: Sequence[bytes],
) -> Candidate:
    """Settle what a run votes for, and how good it is alone."""
    classes, background = len(dataset.categories), dataset.background
    labels = label_count(classes, background)
    truths = _decoded(maps, dataset)
    threshold = None
    if maps and run["has_masks"] and not run["has_label_maps"]:
        found = [each.objects for each in predictions if each.objects is not None]
        threshold, _ = choose_threshold(zip(truths, found, strict=True), classes, background)
    blank = leaves_blank(dataset)
    voting = [voting_map(each, threshold, classes, background, blank=blank) for each in predictions]
    ballots = [each for each in voting if each is not None] if maps else []
    own = {f"{each}_ap": scores.scores[f"{each}_ap"] for each in GEOMETRIES}
    figures = {name: float(value) for name, value in own.items() if value is not None}
    class_iou = np.full(labels, np.nan)
    if ballots:
        pairs = zip(maps, ballots, strict=True)
        counts = counting.PixelCounts.sum(_count(*pair, labels) for pair in pairs)
        tally = pixel.tally(counts, labels)
        class_iou, figures["miou"] = pixel.iou(tally), float(pixel.mean_iou(tally))
    by_class = scores.classes.set_index("class").reindex(range(classes))
    return Candidate(
        run=run,
        answers=tuple(replace(each, label_map=None) for each in predictions),
        ballots=tuple(map(label_runs.encode, ballots)),
        paint_threshold=threshold,
        class_ap=by_class["box_ap"].to_numpy(np.float64)
        if "box_ap" in figures
        else np.full(classes, np.nan),
        class_iou=class_iou,
        scores=figures,
    )


def _decoded(maps: Sequence[bytes], dataset: Dataset) -> Iterator[LabelMap]:
    for blob, image in zip(maps, dataset.images, strict=False):
        yield label_runs.decode(blob, image.height, image.width)


def _is_labelled(blob: bytes) -> bool:
    labels, _ = label_runs.runs(blob)
    return bool((labels != void_of(labels)).any())


def _count(truth: bytes, label_map: LabelMap, labels: int) -> counting.PixelCounts:
    return counting.count_runs(truth, label_runs.encode(label_map), labels)
