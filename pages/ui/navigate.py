"""From a place on a chart or in a table to the page that shows it."""

from __future__ import annotations

import streamlit as st

from pages.ui import shell


def open_failures(run: str, class_name: str) -> None:
    """Choose a run and a class in the sidebar and open the page Failures."""
    st.session_state["runs"] = [run]
    st.session_state["class"] = class_name
    paths = {path.stem.split("_", 1)[1]: path for path in shell.page_files()}
    # bound parameters travel by themselves; without this the switch refuses to clear them
    st.switch_page(paths["Failures"].relative_to(shell.ROOT), query_params={})
