"""Runs are held against each other only where they answered the same images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import scoring
from pages.ui import store
from pages.ui.image_filter import kept_images, none_left
from pages.ui.language import say
from pages.ui.subset import Keys, in_all
from pages.ui.words import counted, literal


def common_images(runs: Sequence[str]) -> Keys:
    """Return the images to score on: those that all runs answered and the sidebar keeps.

    None stands for all. The page may end with words: see `answered_alike` and `in_ranges`.
    """
    return in_ranges(answered_alike(runs), runs)


def in_ranges(answered: Keys, runs: Sequence[str]) -> Keys:
    """Return those of the images that the sidebar keeps; without any the page ends.

    Args:
        answered: of `answered_alike`.
        runs: names, the same ones.
    """
    kept = kept_images()
    if kept is None:
        return answered
    there = in_all(store.ask(scoring.coverage, runs=tuple(runs)).common, kept)
    return there or none_left()


def answered_alike(runs: Sequence[str]) -> Keys:
    """Return the images that all runs answered: None where they answered the same ones.

    Otherwise the page says what differs, offers the images that all runs answered, and ends
    unless the visitor takes them.
    """
    covered = store.ask(scoring.coverage, runs=tuple(runs))
    if not covered.same_classes:
        st.error(
            say(
                "These runs speak of different classes, so their scores answer different "
                "questions. Choose runs of one data set in the sidebar."
            ),
            icon=":material/balance:",
        )
        st.stop()
    if covered.same_images:
        return None
    each = ", ".join(f"{literal(run)} {images:,}" for run, images in covered.images.items())
    st.warning(
        say(
            "These runs answered different images ({each}), so their scores cannot be ranked.",
            each=each,
        ),
        icon=":material/balance:",
    )
    if not covered.common:
        st.markdown(say("No image was answered by all of them. Choose other runs in the sidebar."))
        st.stop()
    offer = say(
        "Score all runs on the {images} that all answered",
        images=counted(len(covered.common), "image"),
    )
    if not st.toggle(offer, key="common", bind="query-params"):
        st.stop()
    return covered.common
