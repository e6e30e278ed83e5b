"""From a place on a chart or in a table to the page that shows it."""

from __future__ import annotations

import streamlit as st

from pages.ui import shell


def open_failures(run: str, class_name: str) -> None:
    """Choose a run and a class in the sidebar and open the page Failures."""
    open_page("Failures", runs=[run], **{"class": class_name})


def open_page(page: str, **chosen: object) -> None:
    """Set widgets by their keys and open a page.

    Args:
        page: its file name, without number and ending.
        chosen: key of a widget to the value it shall have.
    """
    for key, value in chosen.items():
        st.session_state[key] = value
    paths = {path.stem.split("_", 1)[1]: path for path in shell.page_files()}
    # bound parameters travel by themselves; without this the switch refuses to clear them
    st.switch_page(paths[page].relative_to(shell.ROOT), query_params={})
