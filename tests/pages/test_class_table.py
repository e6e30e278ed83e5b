"""Scores of classes across runs, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from core.metrics import METRICS
from core.scoring import RunScores
from pages.ui import class_table, findings


def scored(run: str, ious: list[float], images: list[int]) -> RunScores:
    names = ["cat", "dog", "eel"]
    classes = pd.DataFrame(
        {"class": range(3), "name": names, "images": images, "objects": images, "miou": ious}
    )
    scores = dict.fromkeys(METRICS) | {"miou": sum(ious) / 3}
    return RunScores(run, 1, "system", "pets", "val", 40, "by rule", scores, classes, {})


OLD = scored("old", [0.5, 0.2, 0.9], [40, 20, 3])
NEW = scored("new", [0.6, 0.8, 0.1], [40, 20, 3])
BOXES = RunScores(
    "boxes",
    2,
    "s",
    "pets",
    "val",
    40,
    "",
    dict.fromkeys(METRICS),
    OLD.classes.drop(columns="miou").assign(images=[40, 20, 0]),
    {},
)


def test_wide_table_has_a_column_a_run_in_their_order():
    table = class_table.wide(class_table.long([OLD, NEW], "miou", None))
    assert list(table.columns) == ["name", "images", "objects", "old", "new"]
    assert table["new"].tolist() == [0.6, 0.8, 0.1]


def test_orders_of_classes():
    table = class_table.wide(class_table.long([OLD, NEW], "miou", None))
    assert class_table.ordered(table, class_table.AS_GIVEN)["name"].tolist() == [
        "cat",
        "dog",
        "eel",
    ]
    best = class_table.ordered(table, class_table.BEST)["name"]
    assert best.iloc[0] == "cat"
    few_first = table.assign(images=[1, 2, 3])
    most = class_table.ordered(few_first, class_table.MOST_IMAGES)["name"]
    assert most.tolist() == ["eel", "dog", "cat"]


def test_a_run_without_the_score_has_blanks_and_takes_no_images_away():
    rows = class_table.long([BOXES, OLD], "miou", None)
    assert rows.loc[rows["run"] == "boxes", "score"].isna().all()
    assert rows.groupby("run")["images"].apply(list).tolist() == [[40, 20, 3]] * 2


def test_metrics_of_most_runs_come_first():
    with_boxes = RunScores(**{**vars(BOXES), "classes": BOXES.classes.assign(box_ap=0.5)})
    assert class_table.metrics_of([with_boxes, with_boxes, OLD]) == ["box_ap", "miou"]


def test_widest_gap_leaves_out_classes_on_few_images():
    # eel differs by .8, but on three images
    assert findings.widest_gap([OLD, NEW], "miou") == ("dog", "new", "old", pytest.approx(0.6))


def test_no_gap_with_one_run_or_without_scores():
    assert findings.widest_gap([OLD], "miou") is None
    assert findings.widest_gap([OLD, BOXES], "miou") is None
    assert findings.widest_gap([OLD, NEW], "box_ap") is None


def test_best_run_of_those_that_have_the_score():
    assert findings.best_run([OLD, BOXES, NEW], "miou") == (OLD, 2)
    assert findings.best_run([BOXES], "miou") is None
