"""From a place on a chart or in a table to the page that shows it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import shell


def open_failures(run: str, class_name: str) -> None:
    """Choose a run and a class in the sidebar and open the page Failures."""
    st.session_state["runs"] = [run]
    st.session_state["class"] = class_name
    open_page("Failures")


def open_page(name: str, **chosen: object) -> None:
    """Set widgets by their keys and open a page.

    Args:
        name: of the page's file, without number and ending.
        chosen: key of a widget to the value it shall have.
    """
    for key, value in chosen.items():
        st.session_state[key] = value
    # bound parameters travel by themselves; without this the switch refuses to clear them
    st.switch_page(page_path(name), query_params={})


def page_path(name: str) -> Path:
    """Return the path of a page, relative to the app's root.

    Args:
        name: of its file, without number and ending.
    """
    paths = {path.stem.split("_", 1)[1]: path for path in shell.page_files()}
    return paths[name].relative_to(shell.ROOT)
