"""Runs are held against each other only where they answered the same images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import scoring
from pages.ui import store
from pages.ui.words import counted, literal


def common_images(runs: Sequence[str]) -> tuple[int, ...] | None:
    """Return the images to score on: None for all, where the runs answered the same ones.

    Otherwise the page says what differs, offers the images that all runs answered, and ends
    unless the visitor takes them.
    """
    covered = store.ask(scoring.coverage, runs=tuple(runs))
    if not covered.same_classes:
        st.error(
            "These runs speak of different classes, so their scores answer different questions. "
            "Choose runs of one data set in the sidebar.",
            icon=":material/balance:",
        )
        st.stop()
    if covered.same_images:
        return None
    each = ", ".join(f"{literal(run)} {images:,}" for run, images in covered.images.items())
    st.warning(
        f"These runs answered different images ({each}), so their scores cannot be ranked.",
        icon=":material/balance:",
    )
    if not covered.common:
        st.markdown("No image was answered by all of them. Choose other runs in the sidebar.")
        st.stop()
    offer = f"Score all runs on the {counted(len(covered.common), 'image')} that all answered"
    if not st.toggle(offer, key="common", bind="query-params"):
        st.stop()
    return covered.common
