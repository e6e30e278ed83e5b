"""Colours stay apart, also for people who see fewer of them."""

import numpy as np
import pytest

from core.charts.palette import PIXEL_PART_COLOURS
from pages.ui import palette

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "normal": np.eye(3),
}


def oklab(colours, deficiency):
    """Ottosson 2020, as a deficient eye sees the colours."""
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.array(deficiency).T, 0, 1)
    cones = (
        linear
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    return (
        np.cbrt(cones)
        @ np.array(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ]
        ).T
    )


def closest(colours, deficiency):
    places = oklab(colours, deficiency)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    return (apart + 9 * np.eye(len(places))).min()


@pytest.mark.parametrize("eyes", DEFICIENCIES)
@pytest.mark.parametrize(("count", "distance"), [(12, 0.14), (20, 0.08), (80, 0.038), (133, 0.024)])
def test_class_colours_stay_apart(eyes, count, distance):
    assert closest(palette.class_colours(count), DEFICIENCIES[eyes]) >= distance


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_neighbouring_classes_stay_farther_apart(eyes):
    """Kindred classes, which lie side by side in images, have neighbouring indices."""
    colours = palette.class_colours(80)
    runs_of_four = [colours[i : i + 4] for i in range(77)]
    assert min(closest(run, DEFICIENCIES[eyes]) for run in runs_of_four) >= 0.06


@pytest.mark.parametrize("page", ["#ffffff", "#11161d"])
def test_class_colours_stand_out_from_the_page(page):
    places = oklab([*palette.class_colours(160), page], DEFICIENCIES["normal"])
    assert np.linalg.norm(places[:-1] - places[-1], axis=1).min() >= 0.12


def test_classes_are_no_grey():
    """Greys mean background, the annotation, and what is ignored or not labelled."""
    _, across, along = oklab(palette.class_colours(160), DEFICIENCIES["normal"]).T
    assert np.hypot(across, along).min() >= 0.04


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_outcome_colours_stay_apart(eyes):
    assert closest(list(palette.OUTCOME_COLOURS.values()), DEFICIENCIES[eyes]) >= 0.1
    assert closest(list(PIXEL_PART_COLOURS.values()), DEFICIENCIES[eyes]) >= 0.1


def test_background_has_no_colour_and_moves_no_other():
    with_background = palette.class_colours(5, background=2)
    assert with_background[2] is None
    assert [c for c in with_background if c] == [
        c for i, c in enumerate(palette.class_colours(5)) if i != 2
    ]


def test_more_classes_than_colours():
    colours = palette.class_colours(1000)
    assert len(colours) == 1000
    assert colours[160] == colours[0]


def test_runs_differ_in_colour_and_marker_or_dashes():
    runs = [f"run {i}" for i in range(144)]
    colours, markers = palette.run_colours(runs), palette.run_markers(runs)
    dashes = palette.run_dashes(runs)
    assert len({(colours[run], markers[run]) for run in runs}) == 144
    assert len({(colours[run], dashes[run]) for run in runs}) == 144
    assert len({colours[run] for run in runs[:24]}) == 24


@pytest.mark.parametrize("eyes", DEFICIENCIES)
def test_run_colours_stay_apart(eyes):
    """Okabe and Ito's own are 0.042 apart for deficient eyes; what was added is farther away."""
    assert closest(palette.RUN_COLOURS[:7], DEFICIENCIES[eyes]) >= 0.042
    places = oklab(palette.RUN_COLOURS, DEFICIENCIES[eyes])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(24)
    assert apart[7:].min() >= 0.054


@pytest.mark.parametrize("page", ["#ffffff", "#11161d"])
def test_run_colours_stand_out_from_the_page(page):
    def luminance(colour):
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [
            v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)
        ]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    for colour in palette.RUN_COLOURS:
        low, high = sorted([luminance(colour), luminance(page)])
        assert (high + 0.05) / (low + 0.05) >= 2.2, colour


def test_run_colours_are_no_grey_and_far_from_that_of_the_annotation():
    _, across, along = oklab(palette.RUN_COLOURS, DEFICIENCIES["normal"]).T
    assert np.hypot(across, along).min() >= 0.05
    both = oklab([*palette.RUN_COLOURS, palette.ANNOTATION_COLOUR], DEFICIENCIES["normal"])
    assert np.linalg.norm(both[:-1] - both[-1], axis=1).min() >= 0.06
