"""Dots with intervals: what is drawn where, filled, pale, and in which order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.charts.class_differences import PALE, class_differences
from core.charts.layout import GAIN, LOSS
from core.charts.score_dots import score_dots

COLOURS = {"a": "#111111", "b": "#222222", "c": "#333333"}
MARKERS = {"a": "circle", "b": "square", "c": "diamond"}
SCORES = pd.DataFrame(
    {
        "run": ["a", "b", "c"],
        "score": [0.25, None, 0.5],
        "low": [0.2, None, np.nan],
        "high": [0.4, None, np.nan],
        "group": ["b", "", ""],
    }
)
CLASSES = pd.DataFrame(
    {
        "name": ["worse", "better", "like", "absent"],
        "images": [50, 3, 20, 0],
        "few": [False, True, False, True],
        "difference": [-0.1, 0.2, 0.01, np.nan],
        "low": [-0.2, np.nan, -0.05, np.nan],
        "high": [-0.05, np.nan, 0.03, np.nan],
        "p_adjusted": [0.01, np.nan, 0.5, np.nan],
        "sure": [True, False, False, False],
    }
)


def traces(figure, mode: str) -> list:
    return [trace for trace in figure.data if trace.mode == mode]


def test_scores_are_per_cent_with_the_first_on_top():
    figure = score_dots(SCORES[::-1], "Mean IoU", COLOURS, MARKERS)
    (dots,) = traces(figure, "markers")
    assert list(figure.layout.yaxis.categoryarray) == ["a", "c"]
    assert list(dots.y) == ["a", "c"]
    assert list(dots.x) == [25.0, 50.0]
    assert list(dots.marker.color) == ["#111111", "#333333"]
    assert list(dots.marker.symbol) == ["circle", "diamond"]


def test_words_stand_right_of_the_interval_with_the_letters():
    figure = score_dots(SCORES[::-1], "Mean IoU", COLOURS, MARKERS)
    (line,), (words,) = traces(figure, "lines"), traces(figure, "text")
    assert list(line.x) == [20.0, 40.0, None]
    assert set(line.y) == {"a"}
    assert list(words.x) == [40.0, 50.0]
    assert [text.strip() for text in words.text] == ["25.0  <b>b</b>", "50.0"]
    low, high = figure.layout.xaxis.range
    assert low < 20
    assert high > 50


def test_what_is_told_of_a_run_stands_at_its_dot():
    told = SCORES.assign(told=[f"<{run}>" for run in SCORES["run"]])
    (dots,) = traces(score_dots(told[::-1], "Mean IoU", COLOURS, MARKERS), "markers")
    assert list(dots.customdata) == ["&lt;a&gt;", "&lt;c&gt;"]
    assert "%{customdata}" in dots.hovertemplate


def test_times_stay_seconds():
    figure = score_dots(SCORES[::-1], "Time", COLOURS, MARKERS, percent=False)
    assert list(traces(figure, "markers")[0].x) == [0.25, 0.5]
    assert "seconds" in figure.layout.xaxis.title.text


def test_dots_of_runs_without_the_score_are_no_error():
    none = SCORES.assign(score=np.nan)
    assert len(traces(score_dots(none, "AP", COLOURS, MARKERS), "markers")[0].x) == 0


def test_gains_are_on_top_findings_filled_and_few_images_pale():
    figure = class_differences(CLASSES, "old", "new", "IoU")
    assert list(figure.layout.yaxis.categoryarray) == ["worse", "like", "better"]
    many, few = traces(figure, "markers")
    assert list(many.y) == ["worse", "like"]
    assert list(many.x) == pytest.approx([-10, 1])
    assert list(many.marker.color) == [LOSS, GAIN]
    assert list(many.marker.symbol) == ["circle", "circle-open"]
    assert (many.opacity, few.opacity) == (1, PALE)
    assert list(few.y) == ["better"]
    lines, none = traces(figure, "lines")
    assert list(lines.x) == [-20, -5, None, -5, 3, None]
    assert list(lines.y) == ["worse"] * 3 + ["like"] * 3
    assert len(none.x) == 0


def test_a_class_says_its_interval_and_p_or_that_there_are_none():
    many, few = traces(class_differences(CLASSES, "old", "new", "IoU"), "markers")
    assert list(many.customdata[0]) == [50, "-20.0 to -5.0", "0.0100"]
    assert list(few.customdata[0]) == [3, "–", "–"]
