"""The control of what runs are judged by: boxes, masks, pixels or image labels."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.language import say


def chosen_way(ways: Sequence[str], *, label: str = "", key: str = "by") -> str:
    """Draw the choice and return one of the ways, the first until another is chosen.

    Args:
        ways: some of `failure_search.all_ways`; at least one.
        label: by default "Judge by", in the visitor's language.
        key: of the widget, and its name in the address.
    """
    # a way of other runs or of another page, kept by the session, would stay chosen
    if st.session_state.get(key, ways[0]) not in ways:
        del st.session_state[key]
    return st.segmented_control(
        label or say("Judge by"),
        ways,
        key=key,
        bind="query-params",
        required=True,
        default=ways[0],
        format_func=say,
    )
