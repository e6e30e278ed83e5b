"""The parts of a report that are numbers: headline scores, their rules, classes."""

from __future__ import annotations

import math

import pandas as pd

from core.charts.palette import run_colours, run_markers
from core.metrics import METRICS
from core.metrics.significance import LEVEL
from core.report.charts import class_score_chart, difference_chart, legend_marker
from core.report.figures import NOTHING, bounds, chance, change, changes, shown
from core.report.gather import HEADLINES, Comparison
from core.report.markup import Markup, element, joined, named, table
from core.scoring import FEW_IMAGES, Trial, differences, method, ranking
from core.scoring.transfer import oracle_of
from core.words import counted


def headline_part(comparison: Comparison) -> Markup:
    """Return the table of headline scores with intervals and p values, and what they mean."""
    metrics = _metrics(comparison)
    cells = _headline_cells(comparison)
    rows = [
        [
            _marked(comparison, one.run),
            *(cells.get((one.run, metric), NOTHING) for metric in metrics),
            shown("seconds_per_image", one.scores["seconds_per_image"]),
        ]
        for one in comparison.scores
    ]
    header = ["Run", *(METRICS[metric].title for metric in metrics), "Time an image"]
    about = (
        "Below each score its 95 % interval, and p: how often chance alone makes as large a "
        "difference to the best run of the column, by Holm's correction over all pairs of runs. "
        "Scores of semantic maps, boxes, masks and image labels answer different questions: "
        "compare inside a column, never across."
    )
    return joined(
        [
            element("h2", "Scores"),
            element("div", table(header, rows), class_="wide"),
            element("p", about, class_="quiet"),
        ]
    )


def rules_part(comparison: Comparison) -> Markup:
    """Return by which rules each number is."""
    metrics = _metrics(comparison)
    defined = [
        element(
            "li",
            element("b", METRICS[metric].title),
            f": {METRICS[metric].definition} {METRICS[metric].protocol}",
        )
        for metric in metrics
    ]
    by_run = [
        element("li", named(one.run), f", on {counted(one.images, 'image')}: {one.protocol}.")
        for one in comparison.scores
    ]
    chances = dict.fromkeys(method(trial) for trial in comparison.trials)
    return joined(
        [
            element("h2", "By which rules"),
            element("ul", *defined),
            element("ul", *by_run),
            element("ul", *(element("li", f"{sentence}.") for sentence in chances)),
        ]
    )


def class_part(comparison: Comparison) -> Markup:
    """Return chart and table of the classes; of two runs also their difference."""
    trial = comparison.by_class
    if trial is None:
        return Markup("")
    metric, runs = trial.metric, [one.run for one in comparison.scores]
    rows = _class_rows(trial)
    colours, markers = run_colours(comparison.every_run), run_markers(comparison.every_run)
    legend = [element("span", _marked(comparison, run)) for run in runs]
    parts = [
        element("h2", f"{METRICS[metric].title} of each class"),
        element("div", *legend, class_="legend"),
        class_score_chart(rows, runs, metric, colours, markers),
    ]
    if len(runs) == 2:
        parts.append(_difference_part(trial))
    header = ["Class", "Images", *(named(run) for run in runs)]
    lines = [
        [
            named(str(row["name"])),
            f"{row['images']:,}",
            *(_scored(metric, row[run], row[f"low {run}"], row[f"high {run}"]) for run in runs),
        ]
        for row in rows.to_dict("records")
    ]
    parts.append(element("div", table(header, lines), class_="wide"))
    return joined(parts)


def _difference_part(trial: Trial) -> Markup:
    metric = trial.metric
    first, second = (one.run for one in trial.scores)
    whole = differences(trial)
    if not trial.study.swaps:
        whole = whole.assign(p=math.nan, p_adjusted=math.nan)
    classes = whole.iloc[1:].sort_values("difference", ascending=False, kind="stable")
    if classes.empty:
        return Markup("")
    lines = [
        [
            named(str(row["name"])),
            f"{row['images']:,}",
            change(metric, row["difference"]),
            changes(metric, row["low"], row["high"]),
            chance(row["p"]),
            chance(row["p_adjusted"]),
        ]
        for row in classes.to_dict("records")
    ]
    header = ["Class", "Images", "Difference", "95 % interval", "p", "p (Holm)"]
    about = (
        f"In percentage points. Filled dots are findings: p, by Holm's correction over the "
        f"classes, is below {LEVEL}, and the class is on {FEW_IMAGES} images or more. "
        f"{method(trial)}."
    )
    return joined(
        [
            element("h3", "What ", named(second), " has more than ", named(first)),
            difference_chart(classes, metric),
            element("p", about, class_="quiet"),
            element("div", table(header, lines), class_="wide"),
            element("h3", "Scores of each run"),
        ]
    )


def _metrics(comparison: Comparison) -> list[str]:
    there = {trial.metric for trial in comparison.trials}
    return [metric for metric in HEADLINES if metric in there]


def _headline_cells(comparison: Comparison) -> dict[tuple[str, str], Markup]:
    cells = {}
    for trial in comparison.trials:
        alone = len(trial.scores) == 1 or not trial.study.swaps
        for place, row in enumerate(ranking(trial).to_dict("records")):
            said = "" if alone else "best" if place == 0 else f"p {chance(row['p'])}"
            score = shown(trial.metric, row["score"])
            best = "best" if place == 0 and not alone else None
            cells[row["run"], trial.metric] = joined(
                [
                    element("span", score, class_=best),
                    element("small", bounds(trial.metric, row["low"], row["high"])),
                    *([element("small", said)] if said else []),
                ]
            )
    return cells


def _class_rows(trial: Trial) -> pd.DataFrame:
    """Return name and images of each class that a run has a score of, and all scores."""
    classes = trial.scores[0].classes[["class", "name", "images"]].reset_index(drop=True)
    places = 1 + classes["class"].to_numpy()
    columns = {}
    for place, one in enumerate(trial.scores):
        low, high = trial.study.score_interval(place)
        columns[one.run] = trial.study.observed[place][places]
        columns[f"low {one.run}"], columns[f"high {one.run}"] = low[places], high[places]
    rows = classes.join(pd.DataFrame(columns))
    return rows.dropna(subset=[one.run for one in trial.scores], how="all")


def _scored(metric: str, score: float, low: float, high: float) -> Markup:
    return joined([shown(metric, score), element("small", bounds(metric, low, high))])


def _marked(comparison: Comparison, run: str) -> Markup:
    colour = run_colours(comparison.every_run)[run]
    shape = run_markers(comparison.every_run)[run]
    settings = str(comparison.runs.set_index("run").loc[run, "settings"])
    truth = oracle_of(settings)
    note = element("small", f"was told the true {truth}") if truth else Markup("")
    return joined([legend_marker(shape, colour, run), named(run), note])
