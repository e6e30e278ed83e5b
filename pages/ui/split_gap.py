"""What a system loses on images that it did not learn from, score by score and class by class."""

from __future__ import annotations

from functools import partial
from shlex import quote

import pandas as pd
import streamlit as st

from core.charts.split_dots import split_dots
from core.metrics import METRICS
from core.metrics.generalization import OVERFIT_GAP, OVERFIT_IMAGES
from core.metrics.significance import LEVEL
from core.scoring import Choice
from core.scoring.gaps import GapTrial, begin_gaps, class_gaps, figure_gaps, method
from core.scoring.splits import LEARNT, SplitScores, score_splits
from core.scoring.transfer import runs_elsewhere
from pages.ui import class_table, growing, image_filter, store
from pages.ui.clickable import clickable
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.palette import run_colours, run_markers
from pages.ui.paragraphs import retell
from pages.ui.score_failures import way_on_split
from pages.ui.score_table import HEADLINES, present_metrics
from pages.ui.selection import Selection
from pages.ui.states import chart_room, scrolling
from pages.ui.words import NO_VALUE, counted, literal

GAP, SCORE_ON = mark("Gap"), mark("Per cent on")
ENDS = {mark("points"): "gap", mark("from"): "low", mark("to"): "high"}


def show(choice: Selection, rows: pd.DataFrame, how: Choice) -> None:
    """Show one of the systems on all its splits; nothing if the data set has no second one.

    Args:
        choice: of the sidebar.
        rows: of `catalogue.runs`, those on the page.
        how: to score.
    """
    splits = store.datasets()
    if (splits["dataset"] == choice.dataset).sum() < 2:
        return
    st.header(say("What was learnt, what was held out"))
    others = store.ask(runs_elsewhere, dataset=choice.dataset, runs=tuple(rows["run"]))
    able = [run for run, elsewhere in others.items() if elsewhere]
    if not able:
        st.caption(
            say(
                "None of these runs has another of the same system, weights and settings "
                "on a second split. To see what a system loses on images that it did not "
                "learn from:"
            )
        )
        st.code(
            f"python -m training predict SYSTEM --dataset {quote(choice.dataset)} --split train "
            "--split test",
            language="bash",
        )
        return
    wanted = image_filter.wanted()
    if not wanted.passes_all and not _asked_for_chosen():
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.selectbox(
            say("System of the run"), able, key="gap_run", bind="query-params", width=300
        )
        asked = {"run": run, "choice": how, "wanted": wanted}
        scored = store.ask(score_splits, **asked)
        titles = {class_table.METRIC_TITLES[name]: name for name in _class_metrics(scored)}
        title = (
            st.selectbox(
                say("Score of classes"),
                list(titles),
                key="gap_score",
                bind="query-params",
                format_func=say,
                width=220,
            )
            if titles
            else None
        )
    st.caption(_told(scored))
    if names := _figure_metrics(scored):
        draw = partial(_figures, metrics=names, name=f"{run} gaps")
        room = 35 * len(names) + 190
        growing.watch(draw, begin_gaps, room=room, **asked, metrics=names, classes=False)
    if title is not None:
        metric = titles[title]
        draw = partial(_classes, metric=metric, title=title, name=f"{run} {metric} gaps")
        room = chart_room(len(scored.scores[0].classes), more=240)
        growing.watch(draw, begin_gaps, room=room, **asked, metrics=(metric,))


def _asked_for_chosen() -> bool:
    """Draw the switch of a page with filtered images, and return whether it is on.

    Every further split is filtered and scored anew for it, which a page that compares systems on
    some images does not need.
    """
    return st.toggle(
        say("On the chosen images of each split"),
        key="gap_chosen",
        bind="query-params",
        help=say(
            "Images are filtered in the sidebar. Switched on, the same filter chooses images of "
            "the other splits, and all are scored on them."
        ),
    )


def _figure_metrics(scored: SplitScores) -> tuple[str, ...]:
    """Return the headlines that are shares and that a split has."""
    return tuple(
        each
        for each in present_metrics(scored.scores)
        if each in HEADLINES and METRICS[each].unit == "fraction"
    )


def _class_metrics(scored: SplitScores) -> list[str]:
    """Return the scores that classes have on the reference and on another split."""
    at = {each.split: each.classes for each in scored.scores}
    there = at.pop(scored.reference)
    return [
        name
        for name in class_table.metrics_of(scored.scores)
        if name in there and any(name in classes for classes in at.values())
    ]


def _told(scored: SplitScores) -> str:
    parts = [
        f"{literal(each.split)} ({say(scored.roles[each.split])}): {literal(each.run)}, "
        f"{counted(each.images, 'image')}"
        for each in scored.scores
    ]
    source = (
        say("its training") if scored.trained_here else say("their names, as no training is known")
    )
    wanted = image_filter.wanted()
    images = (
        say("all its images")
        if wanted.passes_all
        else say("its images: {words}", words=literal(wanted.words()))
    )
    return say(
        "{parts}. The same system, weights and settings; each run on {images}. "
        "What a split was for is told by {source}. Gap: how much better than on "
        "{reference}, in points of per cent, from … to: its 95 % interval.",
        parts=" · ".join(parts),
        images=images,
        source=source,
        reference=literal(scored.reference),
    )


def _figures(trial: GapTrial, metrics: tuple[str, ...], name: str) -> None:
    """Show a row a score: each split, then each gap with its interval and p."""
    gaps = figure_gaps(trial, metrics)
    columns = {(say("Score"), say("Score")): [say(METRICS[each].title) for each in metrics]}
    for split, own in gaps.groupby("split", sort=False):
        columns[say(SCORE_ON), str(split)] = list(100 * own["score"])
    reference = trial.splits.reference
    for split, own in gaps.groupby("split", sort=False):
        if split != reference:
            columns |= _gap_columns(own.reset_index(drop=True), str(split), reference)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Scores**, per cent; click a heading to sort"))
        csv_button(gaps, name)
    _table(pd.DataFrame(columns), say("Scores of the system on each split"))
    if trial.studies:
        st.caption(f"{retell(method(trial))}.")


def _gap_columns(own: pd.DataFrame, split: str, reference: str) -> dict[tuple[str, str], pd.Series]:
    """Return the gap of a split in points, the ends of its interval, and p as columns."""
    group = f"{say(GAP)} {split} − {reference}"
    points = {say(title): 100 * own[column] for title, column in ENDS.items()}
    return {(group, title): column for title, column in (points | {"p": own["p"]}).items()}


def _classes(trial: GapTrial, metric: str, title: str, name: str) -> None:
    """Show a line a class, the widest gap first, and name those that are learnt by heart."""
    scored = trial.splits
    gaps = class_gaps(trial, metric)
    if gaps.empty:
        st.caption(say("No class has a {title} on these splits.", title=say(title)))
        return
    if not trial.complete:
        gaps = gaps.assign(overfits=False)  # too few draws name nobody
    splits = [each.split for each in scored.scores]
    gaps, title = widest_first(gaps, splits[0]), say(title)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Classes**, the widest gap of {split} first", split=literal(splits[0])))
        csv_button(gaps, name)
    with st.container(height=scrolling(gaps["class"].nunique()), border=True):
        clickable(
            split_dots(gaps, title, run_colours(splits), run_markers(splits), say),
            partial(way_on_split, runs=scored.scores, metric=metric),
            key="gaps of classes",
            alt=say("{title} of each class on each split", title=title),
        )
    if LEARNT in scored.roles.values():
        if trial.complete:
            st.markdown(_verdict(gaps))
        st.caption(
            say(
                "The rule: at least {overfit_gap:.0f} points better where it learnt than "
                "on {reference}, p below {level} after Holm's correction over the "
                "classes, and {overfit_images} images or more that hold the class on "
                "both.",
                overfit_gap=100 * OVERFIT_GAP,
                reference=literal(scored.reference),
                level=LEVEL,
                overfit_images=OVERFIT_IMAGES,
            )
        )
    as_table = st.expander(say("Classes as a table"), key="gap_classes", bind="query-params")
    if as_table.open:  # as dear as all else of the section
        with as_table:
            _class_table(trial, gaps, title)


def _class_table(trial: GapTrial, gaps: pd.DataFrame, title: str) -> None:
    table = _wide(gaps, trial.splits.reference)
    _table(table, say("{title} of each class on each split", title=title))
    told = retell(method(trial))
    st.caption(say("{method}; of the classes of a split corrected by Holm.", method=told))


def widest_first(gaps: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the rows of `class_gaps`, classes in descending order of their gap on a split."""
    own = gaps[gaps["split"] == split].set_index("class")["gap"]
    keyed = gaps.assign(widest=gaps["class"].map(own))
    ordered = keyed.sort_values(["widest", "class"], ascending=[False, True], kind="stable")
    return ordered.drop(columns="widest").reset_index(drop=True)


def _verdict(gaps: pd.DataFrame) -> str:
    found = gaps[gaps["overfits"]]
    if found.empty:
        return say("No class overfits by the rule below.")
    named = [
        say(
            "{name} (+{gap:.1f}, {low:+.1f} to {high:+.1f})",
            name=literal(row.name),
            gap=100 * row.gap,
            low=100 * row.low,
            high=100 * row.high,
        )
        for row in found.itertuples(index=False)
    ]
    count = counted(len(set(found["class"])), "class overfits", "classes overfit")
    return say("**{count}**, the strong lines: {named}.", count=count, named=", ".join(named))


def _wide(gaps: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return a row a class: images and per cent on each split, and the gaps."""
    classes = gaps.drop_duplicates("class").set_index("class")["name"]
    columns = {(say("Class"), say("Class")): classes}
    for kind, column, scale in (
        (say("Images on"), "images", 1),
        (say(SCORE_ON), "score", 100),
    ):
        for split, own in gaps.groupby("split", sort=False):
            columns[kind, str(split)] = own.set_index("class")[column] * scale
    for split, own in gaps.groupby("split", sort=False):
        if split != reference:
            corrected = own.set_index("class").assign(p=own.set_index("class")["p_adjusted"])
            columns |= _gap_columns(corrected, str(split), reference)
    return pd.DataFrame(columns, index=classes.index)


def _table(table: pd.DataFrame, alt: str) -> None:
    number = st.column_config.NumberColumn
    formats = {
        i: number(
            format="%.4f" if title == "p" else "%+.1f" if group.startswith(say(GAP)) else "%.1f"
        )
        for i, (group, title) in enumerate(table.columns, start=1)
        if group.startswith((say(GAP), say(SCORE_ON)))
    }
    st.dataframe(
        table, hide_index=True, placeholder=NO_VALUE, column_config=formats, alt=alt, height="auto"
    )
