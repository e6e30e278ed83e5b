"""Figures show what the table says, in the order and unit they claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.charts.class_draws import ALIKE, BALANCED, class_draws
from core.charts.class_frequency import class_frequency
from core.charts.class_scores import class_scores
from core.charts.co_occurrence import co_occurrence
from core.charts.image_sizes import image_sizes
from core.charts.layout import LOSS, QUIET
from core.charts.object_sizes import object_sizes
from core.charts.objects_per_image import objects_per_image
from core.charts.split_dots import split_dots
from core.charts.stage_bars import REST, stage_bars

CLASSES = pd.DataFrame({"name": ["7", "cat", "<b>x</b>"], "objects": [3, 9, 0]})


def test_most_frequent_class_is_on_top_and_numbers_stay_names():
    figure = class_frequency(CLASSES, "objects", "objects", log=False)
    # plotly draws the last category on top
    assert list(figure.data[0].y) == ["&lt;b&gt;x&lt;/b&gt;", "7", "cat"]
    assert figure.layout.yaxis.type == "category"
    assert figure.layout.xaxis.type == "linear"
    assert class_frequency(CLASSES, "objects", "objects", log=True).layout.xaxis.type == "log"


def test_draws_stand_beside_the_frequency_with_their_factor():
    draws = pd.DataFrame({"name": ["7", "x", "none"], "images": [3, 9, 0], "drawn": [6.0, 9, 0]})
    balanced, alike = class_draws(draws, log=False).data
    assert (balanced.name, alike.name) == (BALANCED, ALIKE)
    assert list(balanced.y) == list(alike.y) == ["none", "7", "x"]
    assert list(balanced.x) == [0, 6, 9]
    assert list(alike.x) == [0, 3, 9]
    assert list(balanced.customdata) == [1, 2, 1]
    assert class_draws(draws, log=True).layout.xaxis.type == "log"


def test_stages_are_stacked_with_the_fastest_run_on_top_and_the_rest_last():
    stages = pd.DataFrame(
        [
            *(("quick", "eye", 0.1), ("quick", REST, 0.0)),
            *(("slow", "ear", 0.1), ("slow", "eye", 0.1), ("slow", "hand", 0.3)),
        ],
        columns=["run", "stage", "seconds"],
    )
    colours = {"ear": "#000001", "eye": "#000002", "hand": "#000003"}
    figure = stage_bars(stages, colours)
    assert [bar.name for bar in figure.data] == ["ear", "eye", "hand", REST]
    assert list(figure.data[1].y) == ["quick", "slow"]
    assert list(figure.data[2].x) == [0.3]
    assert [bar.marker.color for bar in figure.data] == [*colours.values(), QUIET]
    assert figure.layout.barmode == "stack"
    # plotly draws the last category on top
    assert list(figure.layout.yaxis.categoryarray) == ["slow", "quick"]


def test_lines_join_the_splits_of_a_class_and_are_strong_where_it_overfits():
    scores = pd.DataFrame(
        [
            ("7", "train", 20, 0.75, True),
            ("x", "train", 20, 0.25, False),
            ("7", "test", 30, 0.5, False),
            ("x", "test", 30, 0.5, False),
        ],
        columns=["name", "split", "images", "score", "overfits"],
    )
    colours, markers = ({"train": name, "test": name} for name in ("#000001", "circle"))
    weak, strong, train, test = split_dots(scores, "IoU", colours, markers).data
    assert (weak.x, weak.y) == ((25, 50, None), ("x", "x", None))
    assert (strong.x, strong.y) == ((50, 75, None), ("7", "7", None))
    assert (weak.line.color, strong.line.color) == (QUIET, LOSS)
    assert (train.name, list(train.x), list(train.y)) == ("train", [75, 25], ["7", "x"])
    assert list(test.customdata) == [30, 30]


def test_sizes_lie_between_the_edges_of_their_steps():
    bars = object_sizes(pd.DataFrame({"step": [0, 4], "objects": [5, 6]})).data[0]
    assert bars.customdata[0][0] == 32
    assert bars.customdata[1][0] == pytest.approx(96)
    assert 32 < bars.x[0] < 96 < bars.x[1]


def test_counts_and_image_sizes_are_drawn_as_given():
    counts = pd.DataFrame({"objects": [0, 4], "images": [2, 7]})
    assert list(objects_per_image(counts).data[0].y) == [2, 7]
    sizes = pd.DataFrame({"width": [640, 480], "height": [480, 640], "images": [4, 1]})
    dots = image_sizes(sizes).data[0]
    assert dots.marker.size[0] > dots.marker.size[1]


def scores(runs, classes):
    return pd.DataFrame(
        [(run, name, 0.5, 20, False) for run in runs for name in classes],
        columns=["run", "name", "score", "images", "few"],
    )


def test_cells_can_be_clicked_and_none_is_chosen_at_first():
    chart = class_scores(scores(["a"], ["x", "y"]), "IoU", ["x", "y"], ["a"])
    (selection,) = chart["layer"][0]["params"]
    assert selection["name"] == "cell"
    assert selection["select"]["fields"] == ["run", "name"]


def test_every_one_of_many_classes_has_its_name_and_its_figures():
    many = [f"c{i}" for i in range(80)]
    chart = class_scores(scores(["a"], many), "IoU", many, ["a"])
    cells, figures, pale = chart["layer"]
    axis = cells["encoding"]["y"]
    assert axis["scale"]["domain"] == many
    assert axis["axis"]["labelOverlap"] is False
    assert chart["height"] >= 80 * 20
    assert figures["mark"]["type"] == pale["mark"]["type"] == "text"


@pytest.mark.parametrize(("dark", "ink"), [(True, "#ffffff"), (False, "#111111")])
def test_figures_of_pale_cells_are_read_against_the_page(dark, ink):
    chart = class_scores(scores(["a"], ["x"]), "IoU", ["x"], ["a"], dark=dark)
    _, figures, pale = chart["layer"]
    assert figures["transform"] == [{"filter": "!datum.few"}]
    assert pale["transform"] == [{"filter": "datum.few"}]
    assert pale["encoding"]["color"] == {"value": ink}


def test_cells_of_many_runs_are_too_narrow_for_figures():
    runs = [f"r{i}" for i in range(30)]
    assert len(class_scores(scores(runs, ["x"]), "IoU", ["x"], runs)["layer"]) == 1


def test_cells_without_a_score_are_blank():
    rows = scores(["a", "b"], ["x"]).assign(score=[0.5, np.nan])
    chart = class_scores(rows, "IoU", ["x"], ["a", "b"])
    assert list(chart["data"]["values"]["run"]) == ["a"]


def test_a_class_does_not_co_occur_with_itself():
    pairs = pd.DataFrame(
        {"class": ["x", "x"], "other": ["x", "y"], "images": [4, 2], "share": [1.0, 0.5]}
    )
    chart = co_occurrence(pairs, ["x", "y"])
    assert list(chart["data"]["values"]["other"]) == ["y"]
