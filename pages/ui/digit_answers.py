"""Answers of the chosen runs to images of one object each, and which images are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import pandas as pd
import streamlit as st

from core.metrics import classification
from core.scoring.single import single_answers
from core.store.queries import counts, explore
from pages.ui import contents, store
from pages.ui.common_ground import common_images
from pages.ui.language import say
from pages.ui.link_list import link_list
from pages.ui.links import link
from pages.ui.selection import Selection
from pages.ui.subset import Keys, in_all
from pages.ui.words import counted, literal


@dataclass(frozen=True, eq=False)
class Answers:
    """What the page speaks of.

    Attributes:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        runs: rows of `catalogue.runs`: the chosen ones that predict boxes.
        rows: of `single_answers`, of each run by its name, on all images looked at.
        names: of the classes by index.
        class_index: the annotated class of the sidebar, or None for all.
    """

    choice: Selection
    split: pd.Series
    runs: pd.DataFrame
    rows: dict[str, pd.DataFrame]
    names: tuple[str, ...]
    class_index: int | None

    def of_class(self, run: str) -> pd.DataFrame:
        """Return a run's answers to images of the class of the sidebar."""
        rows = self.rows[run]
        return rows if self.class_index is None else rows[rows["truth"] == self.class_index]

    @property
    def located(self) -> bool:
        """Return whether the data set says where objects are."""
        return bool(self.split["located"])

    def judged(self, least: float) -> pd.DataFrame:
        """Return the answers of all runs, with the column run.

        Where places are known also with outcome: positions in `classification.JOINT_OUTCOMES`.

        Args:
            least: IoU from which a box lies right.
        """
        parts = []
        for run in self.rows:
            own = self.of_class(run).assign(run=run)
            if self.located:
                columns = (own[name].to_numpy() for name in ("truth", "predicted", "iou"))
                own["outcome"] = classification.joint_outcomes(*columns, least)
            parts.append(own)
        return pd.concat(parts, ignore_index=True)


def answers_of(choice: Selection, split: pd.Series, evaluated: pd.DataFrame) -> Answers:
    """Draw the filters and return the answers; where there are none the page ends with words.

    Args:
        choice: of the sidebar.
        split: row of `catalogue.datasets`.
        evaluated: rows of `catalogue.runs`: the chosen ones that are evaluated.
    """
    runs = evaluated[evaluated["has_boxes"]].reset_index(drop=True)
    others = evaluated.loc[~evaluated["has_boxes"], "run"]
    if runs.empty or not split["has_objects"]:
        _no_single_objects(split)
    if len(others):
        st.caption(
            say("Without boxes, so not shown here: {others}.", others=literal(", ".join(others)))
        )
    images = _looked_at(split, tuple(runs["run"]))
    rows = {
        run: store.ask(single_answers, run=int(key), images=images)
        for run, key in zip(runs["run"], runs["run_id"], strict=True)
    }
    names = tuple(store.classes(choice.dataset)["name"])
    found = Answers(choice, split, runs, rows, names, contents.class_index(choice))
    if all(found.of_class(run).empty for run in rows):
        st.info(
            say(
                "No image that the runs answered passes these filters. Choose other tags "
                "or classes."
            ),
            icon=":material/search_off:",
        )
        st.stop()
    return found


def _looked_at(split: pd.Series, runs: Sequence[str]) -> Keys:
    """Return the images that count: those in common, of one object."""
    return in_all(common_images(runs), _of_one_object(split))


def _of_one_object(split: pd.Series) -> Keys:
    """Return None where all images show one object; else offer those that do, or end the page."""
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    single = tuple(store.ask(counts.single_object_images, **place)["image_id"])
    if len(single) == split["images"]:
        return None
    if not single:
        _no_single_objects(split)
    st.warning(
        say(
            "These scores are of images with exactly one object, and {images:,} of "
            "the {of_all:,} have none or several.",
            images=int(split["images"]) - len(single),
            of_all=split["images"],
        ),
        icon=":material/filter_1:",
    )
    offer = say(
        "Score only the {images} with exactly one object", images=counted(len(single), "image")
    )
    if not st.toggle(offer, key="single", bind="query-params"):
        st.stop()
    return single


def _no_single_objects(split: pd.Series) -> NoReturn:
    """End the page: nothing here is about one object an image."""
    st.info(
        say(
            "This page is about systems that say of each image which class its one "
            "object is, and where it is. {dataset}, split {split}, has no such "
            "images, or no chosen run predicts boxes.",
            dataset=literal(split["dataset"]),
            split=literal(split["split"]),
        ),
        icon=":material/filter_1:",
    )
    suited = [each for _, each in store.datasets().iterrows() if _is_suited(each)]
    if suited:
        st.markdown(say("**Splits that suit**"))
        link_list([_suited_link(each) for each in suited], key="suited splits")
    st.markdown(say("**The embedded digits, and a system that reads them**"))
    st.code(
        "python -m core demo-data digits --single --images train=2000,val=200,test=200\n"
        "python -m core import demo-digits --format coco --split test "
        "--annotations digits/test.json --images digits/test\n"
        "python -m training predict vgg19-digits --dataset demo-digits --split test",
        language="bash",
        wrap_lines=True,
    )
    st.stop()


def _is_suited(split: pd.Series) -> bool:
    if not (split["has_objects"] and split["runs"]):
        return False
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    return list(store.ask(explore.objects_per_image, **place)["objects"]) == [1]


def _suited_link(split: pd.Series) -> tuple[str, str, str]:
    name = f"{split['dataset']} · {split['split']}"
    runs = counted(int(split["runs"]), "run")
    return (
        "open",
        f"{name}: {runs}",
        link("Digits", dataset=split["dataset"], split=split["split"]),
    )
