"""Painted maps at any threshold, held against painting and counting at that threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import fusion
from core.evaluate import PaintChoice, evaluate_run
from core.metrics import pixel
from core.scoring import Choice, score_runs
from core.scoring.painted import shown_pixels
from core.store.connection import Store
from core.structures import Objects, Prediction, void_of
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.55, 0.9, 0.95)


def painted_anew(filled, threshold, places):
    """Paint and count at the threshold; where nothing is painted there is no answer."""
    total = pixel.PixelCounts.sum(())
    for place in places:
        image = filled.dataset.images[place]
        objects = filled.predictions[place].objects
        painted = fusion.paint(objects, image.height, image.width, 4, threshold=threshold)
        painted[painted == 4] = void_of(painted)
        truth = filled.dataset.annotations[image.id].label_map
        total += pixel.count_pixels(truth, painted, 4)
    return pixel.tally(total, 4)


@pytest.mark.parametrize("places", [range(30), [0, 3, 9]])
def test_every_threshold_is_that_of_painting_at_it(erring, places):
    images = None if len(places) == 30 else [place + 1 for place in places]
    with erring.store.read() as cursor:
        tallies = shown_pixels(cursor, erring.run, images=images).tallies(THRESHOLDS)
    for row, threshold in enumerate(THRESHOLDS):
        expected = painted_anew(erring, threshold, places)
        for part in ("tp", "fp", "fn"):
            assert np.array_equal(getattr(tallies, part)[row], getattr(expected, part))


def test_threshold_of_the_evaluation_gives_its_score(erring):
    with erring.store.read() as cursor:
        (scores,) = score_runs(cursor, [erring.run])
        tally = shown_pixels(cursor, erring.run).tallies([0.5])
    assert pixel.mean_iou(tally)[0] == scores.scores["miou"]


def crowded(predictions):
    """Let the first image have six hundred predictions."""
    few = predictions[0].objects
    times = 600 // len(few)
    many = Objects(
        **{
            name: np.concatenate([getattr(few, name)] * times)
            for name in ("boxes", "categories", "areas", "crowd")
        },
        scores=np.linspace(0, 1, len(few) * times),
        masks=few.masks * times,
    )
    return [Prediction(predictions[0].image, None, many), *predictions[1:]]


def with_painted_maps(dataset):
    """Give each image the map of its objects, as the import does; class 3 means nothing there."""
    maps = {
        key: replace(
            each,
            label_map=fusion.paint_annotation(
                each.objects, each.image.height, each.image.width, 3, None
            ),
        )
        for key, each in dataset.annotations.items()
    }
    return replace(dataset, annotations=maps)


@pytest.fixture(scope="module", params=["a class means nothing", "painted maps"])
def grounded(request, tmp_path_factory):
    """Data sets in which pixels without an object have a class; one image is crowded."""
    painted = request.param == "painted maps"
    dataset = make_dataset(
        "grounded", label_maps=not painted, background=None if painted else 0, seed=8
    )
    store = Store.at(tmp_path_factory.mktemp("grounded") / "store.duckdb")
    if painted:
        dataset = with_painted_maps(dataset)
    put(store, dataset, painted=painted)
    put_run(store, dataset, crowded(make_predictions(dataset, seed=9)), "net")
    return store


def test_means_of_some_classes_are_the_scores_of_those(erring):
    with erring.store.read() as cursor:
        (scores,) = score_runs(cursor, [erring.run], choice=Choice(classes=(1, 3)))
        shown = shown_pixels(cursor, erring.run)
    assert shown.mean_ious([0.3, 0.5, 0.9], (1, 3))[1] == scores.scores["miou"]
    assert shown.mean_ious([0.5], None)[0] != scores.scores["miou"]


@pytest.mark.parametrize("threshold", [0.2, 0.4, 0.75])
def test_nothing_is_a_class_where_the_data_set_says_so(grounded, threshold):
    evaluate_run(grounded, "net", paint=PaintChoice(threshold=threshold))
    with grounded.read() as cursor:
        (scores,) = score_runs(cursor, ["net"])
        tally = shown_pixels(cursor, "net").tallies([0.0, threshold])
    assert pixel.mean_iou(tally)[1] == scores.scores["miou"]
    assert pixel.mean_iou(tally)[0] != scores.scores["miou"]
    assert pixel.pixel_accuracy(tally)[1] == scores.scores["pixel_accuracy"]
