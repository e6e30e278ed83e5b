"""What systems say about an image while one waits, judged where the image is annotated."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import fusion
from core.evaluate.painting import FIXED_THRESHOLD
from core.evaluate.single import match_answer, tally_answer
from core.exchange import Message
from core.metrics.tallying import Tally
from core.structures import LabelMap, Objects
from pages.ui import store
from pages.ui.answering.pool import Answer, Listed, Question, answer_of, pool
from pages.ui.failure_search import GEOMETRIES
from pages.ui.image_layers import annotated_maps, annotated_objects, kept
from pages.ui.language import say
from pages.ui.layers import Classes, Layer
from pages.ui.mask_layers import Judged, judged_layer
from pages.ui.palette import RUN_COLOURS
from pages.ui.try_images import Tried

PAUSE = 0.25
UNMATCHED = pd.DataFrame(
    {name: np.zeros(0) for name in ("matched", "iou", "nearest", "nearest_iou", "score")}
    | {"kind": np.zeros(0, np.str_)}
)


@dataclass(frozen=True, eq=False)
class Truth:
    """What is annotated on an image, by the rules of its split.

    Attributes:
        objects: or None.
        label_map: or None.
        class_count: C, the categories of the data set.
        background: class index that means "nothing", or None if no category does.
        leaves_blank: what is painted from masks has no answer where nothing is painted.
        located: whether boxes say where objects are.
    """

    objects: Objects | None
    label_map: LabelMap | None
    class_count: int
    background: int | None
    leaves_blank: bool
    located: bool


@dataclass(frozen=True, eq=False)
class Answered:
    """One system's answer to one image, held against the annotation.

    Attributes:
        listed: the system.
        answer: as it came, with classes of the page.
        judged: its objects and what became of each.
        label_map: its own, or painted from its masks; or None.
        tally: its pixels against the annotated ones, or None.
    """

    listed: Listed
    answer: Answer
    judged: Judged
    label_map: LabelMap | None
    tally: Tally | None


def truth_of(image: Tried, split: pd.Series) -> Truth:
    """Return what is annotated on an image; nothing on one that was sent."""
    objects, label_map = None, None
    if image.stored is not None:
        objects = annotated_objects(split, [image.stored]).get(image.stored.key)
        label_map = annotated_maps([image.stored]).get(image.stored.key)
    none = bool(pd.isna(split["background"]))
    return Truth(
        objects=objects,
        label_map=label_map,
        class_count=int(split["classes"]),
        background=None if none else int(split["background"]),
        leaves_blank=none and not split["maps_painted"],
        located=bool(split["located"]),
    )


def gather(questions: Sequence[Question]) -> list[Answer]:
    """Ask, show how far it is, and return the answers in the order of the questions."""
    # always there: what comes and goes would move, and so reset, what stands below it
    slot = st.empty()
    asked = pool()
    replies: list[Future[Message]] = [asked.ask(each) for each in questions]
    if not all(reply.done() for reply in replies):
        _wait(replies, slot)
    return [answer_of(*pair) for pair in zip(questions, replies, strict=True)]


def _wait(replies: Sequence[Future[Message]], slot: DeltaGenerator) -> None:
    bar = slot.progress(0.0, text=say("Starting up …"))
    while True:
        done, waiting = wait(replies, timeout=PAUSE)
        if not waiting:
            break
        doing = pool().doing() or say("starting up")
        bar.progress(
            len(done) / len(replies),
            say(
                "{done} of {replies} answers · {doing}",
                done=len(done),
                replies=len(replies),
                doing=doing,
            ),
        )
    slot.empty()


def question(listed: Listed, image: Tried, split: pd.Series, extra: tuple[str, ...]) -> Question:
    """Return what a system is asked about an image: its own words, or the data set's classes."""
    names = tuple(store.classes(split["dataset"])["name"])
    return Question(
        listed, extra if listed.any_words and extra else names, image.record, image.content
    )


def judge(
    asked: Question, answer: Answer, image: Tried, truth: Truth, by: str, classes: Classes
) -> Answered:
    """Hold an answer against the annotation, by the same rules as whole runs.

    Args:
        asked: the question.
        answer: to it.
        image: that it is about.
        truth: what is annotated.
        by: "boxes" or "masks".
        classes: of the page.
    """
    prediction = answer.prediction
    objects = None if prediction is None else _renamed(prediction.objects, asked.classes, classes)
    matches = UNMATCHED
    if _is_comparable(objects, truth, by):
        matches = match_answer(truth.objects, objects, GEOMETRIES[by], image.record.height)
    own_map = None if prediction is None else prediction.label_map
    painted = own_map is None and _has_masks(objects) and truth.label_map is not None
    label_map = _painted(objects, image, truth) if painted else own_map
    tally = None
    if label_map is not None and truth.label_map is not None:
        tally = tally_answer(
            truth.label_map,
            label_map,
            truth.class_count,
            truth.background,
            leaves_blank=painted and truth.leaves_blank,
        )
    judged = Judged(pd.Series({"run": asked.listed.name}), objects, matches)
    return Answered(asked.listed, answer, judged, label_map, tally)


def layers(found: Sequence[Answered], truth: Truth) -> list[Layer]:
    """Return a layer each answer that is there."""
    return [
        judged_layer(
            each.judged, RUN_COLOURS[place % len(RUN_COLOURS)], each.label_map, truth.objects
        )
        for place, each in enumerate(found)
        if each.answer.prediction is not None
    ]


def _renamed(objects: Objects | None, names: Sequence[str], classes: Classes) -> Objects | None:
    """Return objects with classes of the page instead of those that were asked for."""
    if objects is None:
        return None
    index = {name: place for place, name, _ in classes}
    places = np.array([index[name] for name in names], np.int32)
    return replace(objects, categories=places[objects.categories])


def _is_comparable(objects: Objects | None, truth: Truth, by: str) -> bool:
    if objects is None or truth.objects is None or not truth.located:
        return False
    return by != "masks" or (_has_masks(objects) and truth.objects.masks is not None)


def _has_masks(objects: Objects | None) -> bool:
    return objects is not None and objects.masks is not None


def _painted(objects: Objects, image: Tried, truth: Truth) -> LabelMap:
    # the visitor's own words are no classes of the annotation, and are not painted
    known = np.flatnonzero(objects.categories < truth.class_count)
    return fusion.paint(
        kept(objects, known),
        image.record.height,
        image.record.width,
        truth.class_count,
        threshold=FIXED_THRESHOLD,
        background=truth.background,
    )
