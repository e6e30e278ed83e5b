"""What the page Agreement speaks of: honest runs of one split, and when they are right."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NoReturn

import pandas as pd
import streamlit as st

from core.scoring.agreement import Hits, object_hits
from core.scoring.label_errors import fused
from core.scoring.picking import Picking, best_picks
from core.scoring.transfer import oracle_of
from pages.ui import states, store
from pages.ui.failure_choice import BOXES, MASKS, PIXELS
from pages.ui.failure_search import GEOMETRIES, all_ways, ways_of
from pages.ui.image_choice import ImageChoice, image_choice
from pages.ui.language import say
from pages.ui.selection import Selection
from pages.ui.subset import IOUS, iou_filter
from pages.ui.way_control import chosen_way
from pages.ui.words import counted, literal

SCORES: Final = {BOXES: "box_ap", MASKS: "mask_ap", PIXELS: "miou"}


@dataclass(frozen=True, eq=False)
class AgreementView:
    """The runs shown, and when they are right.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that can be judged so.
        by: boxes, masks or pixels.
        step: one of `IOU_THRESHOLDS`, where objects are judged.
        least: score from which on a prediction counts, where objects are judged.
        images: those that count.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    by: str
    step: int
    least: float
    images: ImageChoice

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the runs, in order."""
        return tuple(self.runs["run"])

    @property
    def metric(self) -> str:
        """Return the score by which the best run of an image is told."""
        return SCORES[self.by]

    @cached_property
    def hits(self) -> Hits | None:
        """Return which objects the runs find, or None where pixels are judged."""
        if self.by == PIXELS:
            return None
        return store.ask(
            object_hits,
            runs=self.names,
            geometry=GEOMETRIES[self.by],
            step=self.step,
            least=self.least,
            images=self.images.keys,
        )

    @cached_property
    def picking(self) -> Picking:
        """Return the best run of each image."""
        return store.ask(best_picks, runs=self.names, metric=self.metric, images=self.images.keys)

    def file_name(self, what: str) -> str:
        """Return the name of a file to download, without ending."""
        return f"{self.choice.dataset} {self.choice.split} {self.by} {what}"


def chosen_view(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> AgreementView:
    """Draw the controls and return the view; with fewer than two runs the page ends with words.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    honest = evaluated[evaluated["settings"].map(oracle_of).isna()].reset_index(drop=True)
    told = evaluated[evaluated["settings"].map(oracle_of).notna()]
    ways = [way for way in all_ways(split, honest) if way in SCORES] or nothing_to_ask(honest)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = chosen_way(ways)
        step, least = _found_from() if by != PIXELS else (0, 0.0)
    able = [by in ways_of(split, run) for _, run in honest.iterrows()]
    name_left_out(by, list(honest.loc[[not each for each in able], "run"]), list(told["run"]))
    runs = honest[able].reset_index(drop=True)
    if len(runs) < 2:
        one_alone(choice, by, list(runs["run"]))
    return AgreementView(choice, split, runs, by, step, least, image_choice(tuple(runs["run"])))


def say_rule(view: AgreementView) -> None:
    """Say in a line how many runs, images and objects there are, and by which rule."""
    parts = [
        counted(len(view.runs), "run"),
        say("the same {images}", images=counted(len(view.picking.images), "image")),
    ]
    if view.hits is None:
        st.markdown(" · ".join(parts))
        return
    parts.append(counted(len(view.hits.annotations), "annotated object"))
    st.markdown(" · ".join(parts))
    st.caption(
        say(
            "An object is found by a prediction of its class with at least this "
            "score and IoU, by COCO's matching of what is stored; crowd regions are "
            "left out. Nothing is predicted again."
        )
    )


def offer_ensemble(view: AgreementView) -> None:
    """Show the command that fits an ensemble; runs that are fused already are no members."""
    single = view.runs.loc[~view.runs["settings"].map(fused), "run"]
    members = " ".join(f"--members {shlex.quote(run)}" for run in single)
    st.markdown(say("**The best of them, with shares fitted to this split**"))
    place = f"--dataset {shlex.quote(view.choice.dataset)}"
    st.code(
        f"python -m training fit ensemble {place} --split {shlex.quote(view.choice.split)} "
        f"{members} --out recipe.json",
        language="bash",
        wrap_lines=True,
    )
    st.caption(
        say(
            "It takes members in one by one while the score of this split improves, "
            "and says who was left out and why. Fit on one split and judge on "
            "another; the recipe then predicts it: `python -m training predict "
            "ensemble --weights recipe.json`."
        )
    )


def _found_from() -> tuple[int, float]:
    """Draw from which overlap and score on an object is found."""
    step = IOUS.index(iou_filter(say("Found from an IoU of")))
    least = st.slider(
        say("Score, at least"),
        0.0,
        1.0,
        0.5,
        0.05,
        key="score",
        bind="query-params",
        width=200,
        help=say(
            "Predictions with a lower score count as not made. The best run of an "
            "image is told by AP, which takes all scores."
        ),
    )
    return step, least


def name_left_out(by: str, unable: list[str], told: list[str]) -> None:
    """Name the chosen runs that cannot be judged so, and those that saw the truth."""
    parts = []
    if unable:
        parts.append(
            say(
                "Without {by}, so not shown here: {left_out}.",
                by=say(by),
                left_out=literal(", ".join(unable)),
            )
        )
    if told:
        parts.append(
            say("Told a part of the truth, so no witnesses: {told}.", told=literal(", ".join(told)))
        )
    if parts:
        st.caption(" ".join(parts))


def nothing_to_ask(honest: pd.DataFrame) -> NoReturn:
    """End the page: no run is honest, or nothing in those that are can be judged."""
    if honest.empty:
        st.info(
            say(
                "The chosen runs cannot be asked: they were told a part of the truth, or "
                "are fused from others. Choose runs of systems alone in the sidebar."
            ),
            icon=":material/search_off:",
        )
        st.stop()
    states.nothing_scored(list(honest["run"]))


def one_alone(choice: Selection, by: str, names: list[str]) -> NoReturn:
    """End the page: agreement needs two."""
    st.info(
        say(
            "Only {run} can be judged by {by} here; agreement needs two runs. "
            "Choose more in the sidebar, or read another file of predictions:",
            run=literal(names[0]),
            by=say(by),
        ),
        icon=":material/group_add:",
    )
    st.code(states.read_detections(choice), language="bash", wrap_lines=True)
    st.stop()
