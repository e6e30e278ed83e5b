"""Scores of runs as a table: pixels, boxes, masks and labels in groups that are never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.metrics import METRICS
from core.scoring import RunScores, counting_command, lacks_segments
from pages.ui.language import mark, say
from pages.ui.tables import table_height, width_of
from pages.ui.words import NO_VALUE, literal

MOST_UNSCROLLED = 20  # runs
GROUPS = {
    mark("Pixels · semantic maps"): (
        *("miou", "dice", "pixel_accuracy", "mean_accuracy", "fw_iou"),
        *("boundary_iou", "foreground_iou", "dice_foreground"),
        *("boundary_error", "extent_error", "segment_error"),
    ),
    mark("Panoptic segments"): tuple(n for n in METRICS if n[:2] in ("pq", "sq", "rq")),
    mark("Boxes · COCO"): tuple(name for name in METRICS if name.startswith("box_")),
    mark("Masks · COCO"): tuple(name for name in METRICS if name.startswith("mask_")),
    mark("Image labels · as the system says"): tuple(
        n for n in METRICS if n.startswith("image_label_")
    ),
    mark("Image labels · derived from what it found"): tuple(
        name for name in METRICS if name.startswith("derived_label_")
    ),
    mark("Time"): ("seconds_per_image",),
}
HEADLINES = {
    *("image_label_f1", "image_label_f1_tuned", "image_label_ap", "image_label_ece"),
    *("miou", "dice", "pixel_accuracy", "mean_accuracy", "seconds_per_image"),
    *(f"{kind}_{name}" for kind in ("box", "mask") for name in ("ap", "ap50", "ap75", "ar100")),
}


def short_title(name: str) -> str:
    """Return the title of a metric inside its group: "AP" for `box_ap`."""
    title = METRICS[name].title
    for prefix in ("Box ", "Mask ", "Image label ", "Derived label "):
        title = title.removeprefix(prefix)
    return say(title[:1].upper() + title[1:])


def present_metrics(scores: Sequence[RunScores]) -> list[str]:
    """Return the metrics that at least one run has, in the order of the registry."""
    return [name for name in METRICS if any(run.scores[name] is not None for run in scores)]


def commonest_first(scores: Sequence[RunScores]) -> list[str]:
    """Return the metrics that a run has: headlines first, of these the commonest; time last."""
    having = {
        name: sum(run.scores[name] is not None for run in scores)
        for name in present_metrics(scores)
    }
    return sorted(
        having,
        key=lambda name: (METRICS[name].unit == "seconds", name not in HEADLINES, -having[name]),
    )


def long_table(scores: Sequence[RunScores]) -> pd.DataFrame:
    """Return one row a run with unrounded fractions under the metrics' names, for a file."""
    return pd.DataFrame(
        [
            {"run": s.run, "system": s.system, "images": s.images, "protocol": s.protocol}
            | {name: s.scores[name] for name in present_metrics(scores)}
            for s in scores
        ]
    )


def show(scores: Sequence[RunScores], painted: Sequence[str], *, every: bool) -> None:
    """Show one row a run, its scores in named groups.

    Args:
        scores: in the order of the rows.
        painted: for each run, how its semantic map was painted, or "" where it was predicted.
        every: whether all figures are shown, or only the headlines.
    """
    names = [name for name in present_metrics(scores) if every or name in HEADLINES]
    columns: dict[tuple[str, str], list[Any]] = {
        ("", say("Run")): [s.run for s in scores],
        (say("Run"), say("System")): [s.system for s in scores],
        (say("Run"), say("Images")): [s.images for s in scores],
    }
    # by position, because names recur in several groups; the hidden index is at 0
    config: dict[int, Any] = {
        1: st.column_config.TextColumn(pinned=True, width=width_of([s.run for s in scores])),
        3: st.column_config.NumberColumn(help=say("Images that these scores are of.")),
    }
    for group, members in GROUPS.items():
        for name in _kept(members, names):
            columns[say(group), short_title(name)] = [_shown(s, name) for s in scores]
            config[len(columns)] = metric_column(name)
    if any(painted):
        # last: scores come first, but the group tells which they explain
        columns[say(next(iter(GROUPS))), say("Painted at")] = list(painted)
        config[len(columns)] = st.column_config.TextColumn(help=say(PAINTED_HELP))
    table = pd.DataFrame(columns)
    st.dataframe(
        table,
        hide_index=True,
        height=table_height(table, most=MOST_UNSCROLLED),
        placeholder=NO_VALUE,
        column_config=config,
        alt=say("Scores of the runs"),
    )


def show_uncounted(scores: Sequence[RunScores], rows: pd.DataFrame) -> None:
    """Say how to count boundaries and segments of runs evaluated before they were counted.

    Args:
        scores: of the runs.
        rows: the same runs in the same order, of `catalogue.runs`.
    """
    lacking = [
        row
        for one, row in zip(scores, rows.itertuples(index=False), strict=True)
        if one.scores["pixel_accuracy"] is not None and one.scores["boundary_iou"] is None
    ]
    say_uncounted(lacking, say("boundaries"))
    known = {row.run for row in lacking}  # the same command counts both
    segments = [row for row in rows.itertuples(index=False) if lacks_segments(row)]
    say_uncounted([row for row in segments if row.run not in known], say("panoptic segments"))


def say_uncounted(lacking: Sequence[Any], what: str) -> None:
    """Say how to count something of runs, rows of `catalogue.runs`; nothing of no runs."""
    if lacking:
        named = literal(", ".join(row.run for row in lacking))
        st.caption(
            say(
                "Evaluated before {what} were counted: {named}. To count them:",
                what=what,
                named=named,
            )
        )
        st.code("\n".join(counting_command(row) for row in lacking), language="bash")


PAINTED_HELP = mark(
    "The system predicts objects, not a semantic map: one was painted from "
    "its masks with at least this score. Where the threshold was chosen "
    "matters: on the same split it flatters."
)


def painted_at(row: pd.Series) -> str:
    """Return the least score of a painted mask and where it was chosen; "" if nothing was painted.

    Args:
        row: of `catalogue.runs`.
    """
    if row["pixel_source"] != "painted":
        return ""
    return f"≥ {row['paint_threshold']:.2f}, {row['threshold_origin']}"


def _kept(members: Iterable[str], names: Sequence[str]) -> list[str]:
    return [name for name in members if name in names]


def _shown(scores: RunScores, name: str) -> float | None:
    score = scores.scores[name]
    return score if score is None or METRICS[name].unit == "seconds" else 100 * score


def metric_column(name: str, title: str | None = None) -> Any:  # noqa: ANN401 - Streamlit's dict
    """Return the column of a table for a metric: its format, and its rule as help.

    Args:
        name: of the metric.
        title: of the column, if not its name in the table.
    """
    metric = METRICS[name]
    seconds = metric.unit == "seconds"
    return st.column_config.NumberColumn(
        title,
        format="%.3f s" if seconds else "%.1f",
        help=f"{say(metric.definition)} {say(metric.protocol)}"
        + ("" if seconds else say(" In per cent.")),
    )
