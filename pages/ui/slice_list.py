"""The page Weak slices: the score to look at, the slices, and the way to their images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.metrics import METRICS
from core.metrics.significance import LEVEL
from core.scoring import FEW_IMAGES, score_runs
from core.scoring.properties import range_words
from core.scoring.slices import BINS, Condition, SliceTrial, WeakSlices, begin_slices
from pages.ui import growing, image_filter, score_table, states, store
from pages.ui.certainty import CORRECTIONS, chosen_correction
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.links import link
from pages.ui.selection import Selection
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, counted, literal, percent

HEIGHT = 420  # of the table, pixels
ROOM = HEIGHT + 110  # with what is told above and below it
WAYS = {"box": "boxes", "mask": "masks"}


def show(choice: Selection, rows: pd.DataFrame) -> None:
    """Draw the controls and the slices of one run.

    Args:
        choice: of the sidebar.
        rows: of `catalogue.runs`: the chosen ones that are evaluated.
    """
    images = image_filter.kept_images()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.selectbox(
            say("Run"), list(rows["run"]), key="of_run", bind="query-params", width=300
        )
        scores = store.ask(score_runs, runs=(run,), images=images)
        titles = {
            METRICS[name].title: name
            for name in score_table.commonest_first(scores)
            if METRICS[name].unit == "fraction"
        }
        if not titles:
            states.nothing_scored([run])
        title = st.selectbox(
            say("Score"),
            list(titles),
            key="slice_score",
            bind="query-params",
            width=240,
            format_func=say,
        )
        correction = chosen_correction()
    growing.watch(
        partial(_draw, choice=choice, title=title, correction=correction),
        begin_slices,
        room=ROOM,
        run=run,
        metric=titles[title],
        images=images,
    )


def _draw(trial: SliceTrial, choice: Selection, title: str, correction: str) -> None:
    found, run = trial.slices(CORRECTIONS[correction]), trial.run
    if not found.conditions:
        _nothing_to_cut(found)
        return
    if trial.complete:
        st.markdown(_told(found, title))
    table = _table(choice, found)
    draw_table(
        table,
        hide_index=True,
        placeholder=NO_VALUE,
        height=HEIGHT,
        column_config=_columns(),
        alt=say(
            "Slices of the images by {title} of {run}, the weakest first", title=title, run=run
        ),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_rule(found, correction), width="stretch")
        csv_button(
            found.rows.assign(slice=table["slice"]),
            f"{choice.dataset} {choice.split} {run} {found.metric} slices",
        )


def words(conditions: Sequence[Condition]) -> str:
    """Return what the images of a slice share, as in "Brightness 0 to 70 and Objects 8 to 44"."""
    return say(" and ").join(
        say("tagged {tag}", tag=part.tag)
        if part.tag
        else range_words(part.name, part.low, part.high, say)
        for part in conditions
    )


def parameters(conditions: Sequence[Condition]) -> dict[str, object] | None:
    """Return the query parameters by which pages look at the images of a slice alone.

    None where a link cannot name them: tags of the sidebar and that of a slice are not met
    together.
    """
    chosen = image_filter.parameters()
    ranges = {part.name: (part.low, part.high) for part in conditions if part.name}
    tags = tuple(part.tag for part in conditions if part.tag)
    if tags and image_filter.TAGS in chosen:
        return None
    return {**chosen, **ranges, **({image_filter.TAGS: tags} if tags else {})}


def _told(found: WeakSlices, title: str) -> str:
    findings = int(found.rows["finding"].sum())
    whole = say(
        "{run}: {title} {score} on all {images}.",
        run=literal(found.run),
        title=title,
        score=percent(found.score),
        images=counted(found.images, "image"),
    )
    if findings:
        return say(
            "{whole} **{slices} of {rows} fall short of the rest.**",
            whole=whole,
            slices=counted(findings, "slice"),
            rows=len(found.rows),
        )
    return say(
        "{whole} **None of {slices} falls short by more than chance makes.** The "
        "unlikeliest come first.",
        whole=whole,
        slices=counted(len(found.rows), "slice"),
    )


def _table(choice: Selection, found: WeakSlices) -> pd.DataFrame:
    rows = found.rows
    place = {"dataset": choice.dataset, "split": choice.split}
    way = {"by": WAYS.get(found.metric.split("_")[0], "pixels")}
    if found.metric.startswith("label"):
        way = {}
    addresses = {"images": [], "compare": []}
    for conditions in found.conditions:
        wanted = parameters(conditions)
        for name, page, own in (
            ("images", "Failures", {"runs": [found.run], **way}),
            ("compare", "Compare_systems", {"runs": choice.runs}),
        ):
            address = None if wanted is None else link(page, **place, **own, **wanted)
            addresses[name].append(address)
    return pd.DataFrame(
        {
            "slice": [words(each) for each in found.conditions],
            "images": rows["images"],
            "score": 100 * rows["score"],
            "rest": 100 * rows["rest"],
            "difference": 100 * rows["difference"],
            "p": rows["p"],
            "p_adjusted": rows["p_adjusted"],
            "finding": rows["finding"],
            "failures": addresses["images"],
            "compare": addresses["compare"],
        }
    )


def _columns() -> dict[str, object]:
    number, address = st.column_config.NumberColumn, st.column_config.LinkColumn
    return {
        "slice": st.column_config.TextColumn(
            say("images with"), help=say("Both ends of a range are included."), width="large"
        ),
        "score": number(format="%.1f", help=say("On these images alone, per cent.")),
        "rest": number(format="%.1f", help=say("On all other images, per cent.")),
        "difference": number(format="%+.1f", help=say("In points.")),
        "p": number(
            format="%.4f",
            help=say("How often as many images drawn at random fall short as much."),
        ),
        "p_adjusted": number(say("p corrected"), format="%.4f", help=say("Over all slices.")),
        "finding": st.column_config.CheckboxColumn(
            help=say("Corrected p below {level}.", level=LEVEL)
        ),
        "failures": address(
            say("look"), display_text=say("Failures"), help=say("The images, worst first.")
        ),
        "compare": address(
            say("compare"),
            display_text=say("Compare"),
            help=say("All chosen runs on these images alone."),
        ),
    }


def _rule(found: WeakSlices, correction: str) -> str:
    return say(
        "Slices: {bins} bins of each property with as equal numbers of images as "
        "its values allow, tags, and every two of them but two tags; none, and "
        "no rest, of fewer than {few_images} images. Findings come first, the "
        "largest shortfall before others. p is one-sided, from at most {draws:,} "
        "random choices of as many images; corrected by {correction} over "
        "{slices}. Slices overlap: the first may explain those after it. A slice "
        "may also be weak because its classes are hard ones.",
        bins=BINS,
        few_images=FEW_IMAGES,
        draws=found.draws,
        correction=correction,
        slices=counted(len(found.rows), "slice"),
    )


def _nothing_to_cut(found: WeakSlices) -> None:
    st.info(
        say(
            "These {images} cannot be cut into slices of {few_images} or more: too "
            "few images, or all of them alike. `python -m core properties DATASET` "
            "measures brightness and contrast where that was never done.",
            images=counted(found.images, "image"),
            few_images=FEW_IMAGES,
        ),
        icon=":material/search_off:",
    )
