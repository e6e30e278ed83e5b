"""The words of the page Failures about what was looked for, and what was found."""

from __future__ import annotations

from typing import NoReturn

import pandas as pd
import streamlit as st

from pages.ui import score_table
from pages.ui.class_pairs import pair_words
from pages.ui.failure_choice import LABELS, MOST_ERRORS, PIXELS
from pages.ui.failure_rows import uncounted_runs
from pages.ui.failure_search import Search
from pages.ui.language import say
from pages.ui.words import counted, literal


def name_left_out(search: Search) -> None:
    """Name chosen runs that cannot be judged so, and runs that answered fewer images."""
    judged = search.runs
    if search.left_out:
        by = search.wanted.by
        nouns = {
            PIXELS: say("label maps to count"),
            LABELS: say("a label head and what it found"),
        }
        st.caption(
            say(
                "Without {noun}, so not judged here: {names}.",
                noun=nouns.get(by, say(by)),
                names=literal(", ".join(search.left_out)),
            )
        )
    if len(set(judged["images"])) > 1:
        each = ", ".join(
            f"{literal(run)} {n:,}" for run, n in zip(judged["run"], judged["images"], strict=True)
        )
        st.caption(say("The runs answered different numbers of images ({each}).", each=each))


def name_uncounted(search: Search) -> None:
    """Say how to count the wrong pixels of runs that were evaluated before they were counted."""
    lacking = list(uncounted_runs(search).itertuples(index=False))
    score_table.say_uncounted(lacking, say("the kinds of wrong pixels"))


def summary(search: Search, worst: pd.DataFrame, *, in_order: bool = True) -> str:
    """Return one line: how many images, how many errors.

    Args:
        search: what is looked for.
        worst: the images found, from `failure_rows.worst_images`.
        in_order: say in which order the images stand, too.
    """
    return _amounts(search, worst) + f", {say(search.wanted.order)}" * in_order


def _amounts(search: Search, worst: pd.DataFrame) -> str:
    wanted, class_name = search.wanted, search.choice.class_name
    images = say(
        "**{images} of {all_images:,}**",
        images=counted(len(worst), "image"),
        all_images=search.split["images"],
    )
    named = {"class_name": literal(class_name or "")}
    if wanted.by == PIXELS and not wanted.wrong and not wanted.by_pair:
        return say(
            "{images} with IoU of the class {class_name} up to {below} %"
            if class_name
            else "{images} with mean IoU up to {below} %",
            images=images,
            below=wanted.below,
            **named,
        )
    return say(
        "{images} with {failures} of the class {class_name}"
        if class_name and (wanted.wrong or not wanted.by_pair)
        else "{images} with {failures}",
        images=images,
        failures=_failures(search, worst),
        **named,
    )


def _failures(search: Search, worst: pd.DataFrame) -> str:
    """How many errors, differences or pixels there are, in words."""
    wanted = search.wanted
    if wanted.wrong:
        pixels = int(worst["pixels"].sum())
        return say(
            "{pixels:,} {kinds} error pixel" if pixels == 1 else "{pixels:,} {kinds} error pixels",
            pixels=pixels,
            kinds=say(" or ").join(map(say, wanted.wrong)),
        )
    if wanted.by_pair:
        return _of_pair(search, worst)
    errors = int(worst["errors"].sum())
    return counted(errors, "difference") if wanted.by == LABELS else counted(errors, "error")


def _of_pair(search: Search, worst: pd.DataFrame) -> str:
    """How many objects or pixels of the chosen classes there are, in words."""
    noun, amounts = ("pixel", "pixels") if search.wanted.by == PIXELS else ("object", "errors")
    pair = pair_words(search.wanted.truth, search.wanted.predicted)
    return f"{counted(int(worst[amounts].sum()), noun)} {literal(pair)}"


def nothing_found(search: Search) -> NoReturn:
    """End the page: nothing fails by these filters."""
    class_name = search.choice.class_name
    st.info(
        say(
            "Nothing fails on the class {class_name} by these filters. Choose other filters, runs "
            "or another class."
            if class_name
            else "Nothing fails by these filters. Choose other filters, runs or another class.",
            class_name=literal(class_name or ""),
        ),
        icon=":material/search_off:",
    )
    st.stop()


def explain(search: Search) -> None:
    """Say by which rule images stand in their order, and which figure is whose."""
    several = len(search.runs) > 1
    if search.wanted.wrong:
        rule = say(
            "First comes the image with most wrong pixels of these kinds of all runs together."
            if several
            else "First comes the image with most wrong pixels of these kinds."
        )
        rule += " " + say(
            "A pixel has the graver kind of its two classes; that of a class chosen in the "
            "sidebar is annotated as it."
        )
    elif search.wanted.by == PIXELS and search.pair is not None:
        rule = say(
            "First comes the image with most pixels annotated and predicted so of all runs "
            "together."
            if several
            else "First comes the image with most pixels annotated and predicted so."
        )
    elif search.wanted.by == PIXELS:
        rule = say(
            "The IoU of an image is of its own pixels alone, the mean over the classes in it; of "
            "several runs the lowest decides."
            if several
            else "The IoU of an image is of its own pixels alone, the mean over the classes in it."
        )
    elif search.wanted.by == LABELS:
        rule = say(
            "First comes the image on which label head and mask or objects differ about most "
            "classes, summed over all runs."
            if several
            else "First comes the image on which label head and mask or objects differ about most "
            "classes."
        )
    elif search.wanted.rank == MOST_ERRORS and search.pair is not None:
        rule = say(
            "First comes the image with most such objects of all runs together."
            if several
            else "First comes the image with most such objects."
        )
    elif search.wanted.rank == MOST_ERRORS:
        rule = say(
            "First comes the image with most errors of all runs together."
            if several
            else "First comes the image with most errors."
        )
    else:
        rule = say(
            "First comes the image whose error has the highest score; missed objects have none."
        )
    names = literal(" · ".join(search.runs["run"]))
    order = say("Figures of several runs stand in this order: {names}.", names=names)
    st.caption(rule + f" {order}" * several)
