"""Answers side by side: how long they took, what they say, how they fared."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.evaluate.painting import FIXED_THRESHOLD
from core.metrics import pixel
from core.metrics.errors import Kind
from pages.ui import mask_view
from pages.ui.answering.pool import pool
from pages.ui.download import csv_button
from pages.ui.image_layers import ANNOTATION
from pages.ui.language import mark, say
from pages.ui.layers import Classes, Layer
from pages.ui.palette import ANNOTATION_COLOUR
from pages.ui.paragraphs import retell
from pages.ui.payload import pack_view
from pages.ui.tables import draw_table
from pages.ui.try_answers import Answered, Truth, layers
from pages.ui.try_images import Tried
from pages.ui.viewer import viewer
from pages.ui.words import NO_VALUE, literal, percent

FIRST_THRESHOLD = 0.5
LEAST_PROBABILITY = 0.5
MATCHING_RULE = mark(
    "Objects are matched as COCO does it, at an IoU of at least 50 %; pixels are those of label "
    "maps, or of masks painted from a score of {score:.2f} on."
)


def offer_start(key: str) -> None:
    """Say what is going to happen, with the button that begins it.

    Args:
        key: of the session's state, which is true from then on.
    """
    st.caption(
        say(
            "Systems are loaded once, which takes up to a minute, and stay warm for "
            "everybody for a quarter of an hour after the last question."
        )
    )
    st.button(
        say("Let them answer"),
        type="primary",
        icon=":material/play_arrow:",
        on_click=st.session_state.__setitem__,
        args=(key, True),
    )


def show_refusals(found: Sequence[Answered]) -> None:
    """Say which systems gave no answer and why, and what the others note."""
    for each in found:
        if each.answer.refused:
            st.warning(
                say(
                    "**{name}** gave no answer. {refused}",
                    name=literal(each.listed.name),
                    refused=literal(retell(each.answer.refused)),
                ),
                icon=":material/block:",
            )
    notes = [
        f"{literal(each.listed.name)}: {literal(note)}"
        for each in found
        for note in each.answer.notes
    ]
    if notes:
        with st.expander(say("What the systems say of themselves ({notes})", notes=len(notes))):
            st.markdown("\n".join(f"- {note}" for note in notes))
    restarts = sum(worker.restarts for worker in pool().workers.values())
    if restarts > st.session_state.get("restarts told", 0):
        st.toast(say("A process that had ended was started again."), icon=":material/restart_alt:")
    st.session_state["restarts told"] = restarts


def show_viewer(image: Tried, found: Sequence[Answered], truth: Truth, classes: Classes) -> float:
    """Show annotation and answers in the viewer of the page Masks; return the least score shown."""
    annotated = truth.objects is not None or truth.label_map is not None
    first = [Layer(ANNOTATION, ANNOTATION_COLOUR, truth.label_map, truth.objects)] * annotated
    payload = pack_view(
        image.shown,
        image.record.width,
        image.record.height,
        classes,
        [*first, *layers(found, truth)],
        annotated=annotated,
        threshold=FIRST_THRESHOLD,
        title=image.record.name,
        image=image.key,
    )
    least, _ = viewer(payload, key="tried", threshold=FIRST_THRESHOLD)
    return least


def show_summary(found: Sequence[Answered], truth: Truth, least: float, name: str) -> None:
    """Show a row a system: how long it took, and how it fared."""
    table = summary(found, truth, least)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**Times and scores on this image**"))
        csv_button(table, f"{name} tried")
    number = st.column_config.NumberColumn
    draw_table(
        table.assign(**{"mean IoU": 100 * table["mean IoU"]}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "answered in": number(
                format="%.3f s", help=say("Inference alone, as `predict` stores it.")
            ),
            "loaded in": number(
                format="%.2f s", help=say("Once; empty where the system was loaded already.")
            ),
            "found": number(
                help=say("Predictions with a score of at least {least:.2f}.", least=least)
            ),
            "right": number(help=say("Of those, the ones that hit an annotated object.")),
            "missed": number(help=say("Annotated objects that none of those hit.")),
            "mean IoU": number(format="%.1f", help=say("Of the pixels, over classes, per cent.")),
            "stages": st.column_config.TextColumn(width="medium"),
        },
        alt=say("Times and scores of each system on this image"),
    )
    annotated = truth.objects is not None or truth.label_map is not None
    st.caption(
        say(MATCHING_RULE, score=FIXED_THRESHOLD)
        if annotated
        else say("Nothing is annotated here, so nothing is judged.")
    )


def summary(found: Sequence[Answered], truth: Truth, least: float) -> pd.DataFrame:
    """Return a row a system that answered.

    Columns: system, answered in, loaded in (seconds), found, right, missed, mean IoU (fraction),
    stages (each with its seconds).
    """
    rows = [_row(each, truth, least) for each in found if each.answer.prediction is not None]
    columns = ["system", "answered in", "loaded in", "found", "right", "missed", "mean IoU"]
    columns += ["stages"]
    return pd.DataFrame(rows, columns=columns)


def _row(each: Answered, truth: Truth, least: float) -> dict[str, object]:
    prediction, judged = each.answer.prediction, each.judged
    stages = prediction.stage_seconds or {}
    row: dict[str, object] = {
        "system": each.listed.name,
        "answered in": prediction.seconds,
        "loaded in": each.answer.load_seconds,
        "stages": ", ".join(f"{stage} {spent:.3f} s" for stage, spent in stages.items()) or None,
        "mean IoU": None if each.tally is None else float(pixel.mean_iou(each.tally)),
    }
    if judged.objects is not None:
        row["found"] = int((judged.objects.scores >= least).sum())
    if judged.is_matched and truth.objects is not None:
        matches = judged.matches
        hit = (matches["kind"] == Kind.HIT.value) & (matches["score"] >= least)
        row["right"] = int(hit.sum())
        row["missed"] = int((~truth.objects.crowd).sum()) - row["right"]
    return row


def show_labels(found: Sequence[Answered], classes: Classes) -> None:
    """Show what systems say about the image as a whole, where they say anything."""
    names = [name for _, name, _ in classes]
    for each in found:
        prediction = each.answer.prediction
        if prediction is None or prediction.probabilities is None:
            continue
        chances = sorted(zip(prediction.probabilities.tolist(), names, strict=False), reverse=True)
        likely = [pair for pair in chances if pair[0] >= LEAST_PROBABILITY] or chances[:1]
        told = ", ".join(f"{literal(name)} {percent(chance)}" for chance, name in likely)
        st.markdown(
            say(
                "{name} says that the image shows: {told}",
                name=literal(each.listed.name),
                told=told,
            )
        )


def show_tables(
    image: Tried, found: Sequence[Answered], truth: Truth, classes: Classes, least: float
) -> None:
    """Show objects, predictions and classes as the page Masks does."""
    there = [each for each in found if each.answer.prediction is not None]
    names = [name for _, name, _ in classes]
    judged = [each.judged for each in there]
    mask_view.show_objects(truth.objects, judged, names, least, image.record.name)
    tallies = {each.listed.name: each.tally for each in there if each.tally is not None}
    counted = classes[: len(next(iter(tallies.values())).truth)] if tallies else ()
    mask_view.show_classes(image.record.name, tallies, counted)
