"""Images of one object, worst first: which count, and their cells in the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics.classification import JOINT_OUTCOMES, NO_ANSWER
from core.structures import Objects
from pages.ui import failure_controls
from pages.ui.digit_answers import Answers
from pages.ui.gallery import gallery
from pages.ui.image_cells import image_cell
from pages.ui.image_layers import (
    ANNOTATION,
    StoredImage,
    annotated_objects,
    stored_images,
    view_classes,
    without_masks,
)
from pages.ui.language import mark, say
from pages.ui.layers import Layer
from pages.ui.palette import ANNOTATION_COLOUR, run_colours
from pages.ui.payload import GalleryItem, pack_gallery
from pages.ui.words import counted, literal

SUREST, LOWEST = RANKS = (mark("surest wrong class first"), mark("lowest IoU first"))
RULES = {
    SUREST: mark(
        "First come wrong classes, the most probable answer first, then right "
        "ones by IoU, or by how unsure they are where no place is annotated"
    ),
    LOWEST: mark("First come the boxes with the least IoU"),
}


def show(answers: Answers, judged: pd.DataFrame) -> None:
    """Draw the filters, and the images that pass them.

    Args:
        answers: what the page speaks of.
        judged: of `Answers.judged`.
    """
    found, rank = _filtered(answers, judged)
    order = ordered(found, rank)
    if not order:
        st.info(say("No image passes these filters."), icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{counted(len(order), 'image')}**, {rank}")
        page, size = failure_controls.page(len(order))
    images = stored_images(order[(page - 1) * size : page * size])
    payload = pack_gallery(
        cells(answers, judged, images),
        view_classes(answers.split),
        selectable=False,
        annotation_beneath=answers.located,
    )
    gallery(payload, key="digits")
    several = len(answers.rows) > 1
    st.caption(" ".join(_explained(answers, rank, several=several)))


def _explained(answers: Answers, rank: str, *, several: bool) -> Iterator[str]:
    yield (
        say("{rule}; the worst run decides.", rule=say(RULES[rank]))
        if several
        else (f"{say(RULES[rank])}.")
    )
    yield (
        say(
            "White: the annotated box; coloured by class: the run's box. Below: annotated → read "
            "class, how probable the run holds it, IoU of the box."
        )
        if answers.located
        else say(
            "Coloured by class: the run's box. Below: annotated → read class, how probable the "
            "run holds it."
        )
    )
    if several:
        names = literal(" · ".join(answers.rows))
        yield say("Figures of several runs stand in this order: {names}.", names=names)


def ordered(judged: pd.DataFrame, rank: str) -> list[int]:
    """Return the image_id of the images, the worst first; the worst of their rows decides.

    Args:
        judged: rows of `Answers.judged`.
        rank: one of `RANKS`.
    """
    wrong = judged["truth"] != judged["predicted"]
    if rank == SUREST:
        # of right classes the box decides, or without boxes the certainty
        goodness = judged["iou"].fillna(judged["score"])
        badness = np.where(wrong, 1 + judged["score"], 1 - goodness)
    else:
        badness = 1 - judged["iou"]
    worst = judged.assign(badness=badness).groupby("image_id", as_index=False)["badness"].max()
    worst = worst.sort_values(["badness", "image_id"], ascending=[False, True], kind="stable")
    return [int(key) for key in worst["image_id"]]


def cells(
    answers: Answers, judged: pd.DataFrame, images: Sequence[StoredImage]
) -> list[GalleryItem]:
    """Return a cell for each image, with the annotated box and one a run.

    Args:
        answers: what the page speaks of.
        judged: of `Answers.judged`.
        images: in the order shown.
    """
    # without places the annotated box is the whole image
    truth = annotated_objects(answers.split, images) if answers.located else {}
    colours = run_colours(answers.choice.all_runs)
    rows = judged.set_index(["run", "image_id"])
    shown = []
    for image in images:
        layers = [Layer(ANNOTATION, ANNOTATION_COLOUR, objects=without_masks(truth.get(image.key)))]
        badges = []
        for run in answers.rows:
            row = rows.loc[(run, image.key)]
            layers.append(_layer(run, colours[run], row))
            badges.append(badge(row, answers.names))
        shown.append(image_cell(image, badges, layers))
    return shown


def badge(row: pd.Series, names: Sequence[str]) -> str:
    """Return what was read, how surely, and how the box lies: "seven → one 98 % · IoU 61 %".

    Args:
        row: of `Answers.judged`.
        names: of the classes.
    """
    if row["predicted"] < 0:
        return NO_ANSWER
    read = names[int(row["predicted"])]
    if row["predicted"] != row["truth"]:
        read = f"{names[int(row['truth'])]} → {read}"
    place = "" if pd.isna(row["iou"]) else say(" · IoU {iou:.0f} %", iou=100 * row["iou"])
    return f"{read} {100 * row['score']:.0f} %{place}"


def _filtered(answers: Answers, judged: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Draw the filters; return the rows that pass them, and the order."""
    names = list(answers.names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = _one_of(say("Annotated"), names, "annotated")
        read = _one_of(say("Read as"), [*names, NO_ANSWER], "predicted")
        run = _one_of(say("By"), list(answers.rows), "of") if len(answers.rows) > 1 else None
        ranks = RANKS if answers.located else RANKS[:1]
        rank = st.selectbox(
            say("Order"), ranks, key="rank", bind="query-params", width=220, format_func=say
        )
    outcomes = _outcomes() if answers.located else []
    passed = np.ones(len(judged), bool)
    if truth is not None:
        passed &= judged["truth"] == names.index(truth)
    if read is not None:
        passed &= judged["predicted"] == (-1 if read == NO_ANSWER else names.index(read))
    if run is not None:
        passed &= judged["run"] == run
    if outcomes:
        passed &= judged["outcome"].isin([JOINT_OUTCOMES.index(each) for each in outcomes])
    return judged[passed], rank


def _outcomes() -> list[str]:
    return st.pills(
        say("Class and place"),
        JOINT_OUTCOMES,
        selection_mode="multi",
        key="outcome",
        bind="query-params",
        help=say("None chosen: all."),
        format_func=say,
    )


def _one_of(label: str, options: list[str], key: str) -> str | None:
    # what another data set's link or session left would stay chosen
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    return st.selectbox(
        label, options, index=None, key=key, bind="query-params", placeholder=say("any"), width=180
    )


def _layer(run: str, colour: str, row: pd.Series) -> Layer:
    """A run's answer as one box; none where it gave no answer."""
    if row["predicted"] < 0:
        return Layer(run, colour, missed=[0])
    box = row[["predicted_x", "predicted_y", "predicted_width", "predicted_height"]]
    objects = Objects(
        boxes=box.to_numpy(np.float64)[np.newaxis],
        categories=np.array([row["predicted"]], np.int32),
        areas=np.array([box["predicted_width"] * box["predicted_height"]], np.float64),
        crowd=np.zeros(1, bool),
        scores=np.array([row["score"]], np.float64),
    )
    outcome = _outcome(row)
    return Layer(
        run,
        colour,
        objects=objects,
        outcomes=[outcome],
        ious=[None if pd.isna(row["iou"]) else float(row["iou"])],
        missed=[] if outcome == "right" else [0],
    )


def _outcome(row: pd.Series) -> str:
    """Return what became of an answer, in the words of error maps; an unknown place is right."""
    if "outcome" in row and JOINT_OUTCOMES[int(row["outcome"])].endswith("wrong place"):
        return "false positive"
    return "right" if row["predicted"] == row["truth"] else "wrong class"
