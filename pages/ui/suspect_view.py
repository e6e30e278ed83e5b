"""What the page Label errors speaks of: which systems are asked, and when they agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.metrics.label_errors import DESCRIPTIONS, Suspicion
from core.scoring.label_errors import fused, suspect_classes, suspect_objects, usual_agreement
from core.scoring.transfer import oracle_of
from pages.ui import store
from pages.ui.agreement_view import SCORES, name_left_out, nothing_to_ask, one_alone
from pages.ui.failure_choice import PIXELS
from pages.ui.failure_search import GEOMETRIES, all_ways, ways_of
from pages.ui.image_choice import ImageChoice, image_choice
from pages.ui.language import say
from pages.ui.selection import Selection
from pages.ui.way_control import chosen_way
from pages.ui.words import counted, literal


@dataclass(frozen=True, eq=False)
class SuspectView:
    """The runs asked, and when they agree.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that bear witness.
        by: boxes, masks or pixels.
        agree: how many must agree.
        least: score from which on a prediction counts, where objects are judged.
        kinds: values of `Suspicion` that are shown, or none for all.
        images: those that count.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    by: str
    agree: int
    least: float
    kinds: tuple[str, ...]
    images: ImageChoice

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the runs, in order."""
        return tuple(self.runs["run"])

    @cached_property
    def suspects(self) -> pd.DataFrame:
        """Return the annotations in doubt, see `suspect_objects`, of the kinds and class chosen."""
        asked = {"runs": self.names, "least_runs": self.agree, "images": self.images.keys}
        if self.by == PIXELS:
            found = store.ask(suspect_classes, **asked)
        else:
            geometry = GEOMETRIES[self.by]
            found = store.ask(suspect_objects, geometry=geometry, least=self.least, **asked)
        if self.kinds:
            found = found[found["kind"].isin(self.kinds)]
        if name := self.choice.class_name:
            found = found[(found["annotated"] == name) | (found["suggested"] == name)]
        return found.reset_index(drop=True)

    def file_name(self) -> str:
        """Return the name of the list as a file, without ending."""
        return f"{self.choice.dataset} {self.choice.split} {self.by} to annotate anew"


def chosen_view(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> SuspectView:
    """Draw the controls and return the view; with fewer than two runs the page ends with words.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    told = evaluated["settings"].map(oracle_of).notna()
    mixed = evaluated["settings"].map(fused)
    witnesses = evaluated[~told & ~mixed].reset_index(drop=True)
    ways = [way for way in all_ways(split, witnesses) if way in SCORES]
    ways = ways or nothing_to_ask(witnesses)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = chosen_way(ways)
        runs = witnesses[[by in ways_of(split, run) for _, run in witnesses.iterrows()]]
        if len(runs) < 2:
            one_alone(choice, by, list(runs["run"]))
        agree = _agreement(len(runs))
        least = _least() if by != PIXELS else 0.0
    kinds = st.pills(
        say("What may be wrong"),
        [kind.value for kind in Suspicion],
        selection_mode="multi",
        key="doubts",
        bind="query-params",
        format_func=say,
        help=say("None chosen: all.")
        + "\n"
        + "".join(f"\n- **{say(kind)}**: {say(text)}" for kind, text in DESCRIPTIONS.items()),
    )
    unable = witnesses.loc[~witnesses["run"].isin(runs["run"]), "run"]
    name_left_out(by, list(unable), list(evaluated.loc[told, "run"]))
    if mixed.any():
        names = literal(", ".join(evaluated.loc[mixed, "run"]))
        st.caption(say("Fused from other runs, so they would speak twice: {names}.", names=names))
    images = image_choice(tuple(runs["run"]))
    return SuspectView(
        choice, split, runs.reset_index(drop=True), by, agree, least, tuple(kinds), images
    )


def say_rule(view: SuspectView) -> None:
    """Say who was asked, and by which rule an annotation is in doubt."""
    names = literal(", ".join(view.names))
    st.markdown(
        say(
            "{agree} of {runs} must agree: {names}",
            agree=view.agree,
            runs=counted(len(view.runs), "run"),
            names=names,
        )
    )
    rule = (
        say(
            "Wrong class: most of a class's pixels get the same other class; "
            "missing: 16 pixels or more of a class that is not annotated; spurious: "
            "no run predicts a pixel of it."
        )
        if view.by == PIXELS
        else say(
            "They agree if they overlap each other by .5 as one class. Missing: no "
            "annotation overlaps them by more than .1; wrong class: an annotation of "
            "another class does by .5, none of theirs; spurious: nothing at any "
            "score overlaps the annotation by .5."
        )
    )
    st.caption(
        say(
            "{rule} Systems that learnt from the same data, or share a detector, "
            "share mistakes: look before you change anything.",
            rule=rule,
        )
    )


def summary(suspects: pd.DataFrame, images: int) -> str:
    """Return one line: how many of which kind, on how many images."""
    kinds = suspects["kind"].value_counts()
    listed = " · ".join(
        say("{amounts} {kind}", amounts=f"{kinds[kind]:,}", kind=say(kind))
        for kind in Suspicion
        if kind in kinds
    )
    return say(
        "**{images}**: {listed}, the surest first", images=counted(images, "image"), listed=listed
    )


def nothing_found(view: SuspectView) -> NoReturn:
    """End the page: nothing is contradicted."""
    st.success(
        say(
            "No annotation is contradicted by {runs} so. Let fewer suffice, "
            "lower the score, or choose other runs.",
            runs=counted(view.agree, "run"),
        ),
        icon=":material/check:",
    )
    st.stop()


def _agreement(runs: int) -> int:
    if not 2 <= st.session_state.get("agree", 2) <= runs:
        del st.session_state["agree"]
    return st.number_input(
        say("Runs that must agree"),
        2,
        runs,
        usual_agreement(runs),
        key="agree",
        bind="query-params",
        width=150,
    )


def _least() -> float:
    return st.slider(
        say("Score, at least"),
        0.0,
        1.0,
        0.5,
        0.05,
        key="score",
        bind="query-params",
        width=200,
        help=say(
            "Predictions with a lower score bear no witness. An annotation is "
            "spurious only if nothing of any score lies there."
        ),
    )
