"""Curves of a training."""

import pandas as pd

from core.charts.training_curves import training_curves


def test_each_name_is_a_line_and_the_kept_epoch_is_marked():
    points = pd.DataFrame(
        {
            "epoch": [1, 2, 1, 2],
            "name": ["train loss", "train loss", "val loss", "val loss"],
            "value": [1.0, 0.5, 1.2, 0.9],
        }
    )
    figure = training_curves(points, "loss", best_epoch=2)
    lines = {line.name: list(line.y) for line in figure.data}
    assert lines == {"train loss": [1.0, 0.5], "val loss": [1.2, 0.9]}
    assert figure.layout.shapes[0].x0 == 2
    assert figure.layout.yaxis.title.text == "loss"


def test_later_phases_begin_between_two_epochs():
    points = pd.DataFrame({"epoch": [1, 2, 3], "name": ["loss"] * 3, "value": [3.0, 2, 1]})
    figure = training_curves(points, "loss", best_epoch=3, phases=[2])
    assert [line.x0 for line in figure.layout.shapes] == [3, 1.5]
    assert [note.text for note in figure.layout.annotations] == ["kept: 3", "phase 2"]
