"""Which wrong pixels count as failures."""

from __future__ import annotations

import streamlit as st

from core.metrics.pixel_errors import KINDS
from pages.ui.language import mark, say

WRONG_HELP = mark("""None chosen: the lowest IoU comes first. Chosen classes count instead of kinds.

- **boundary**: the outline is there but off by up to 1 % of the diagonal
- **extent**: the region was found, but is too large or too small
- **segment**: the region was not found, or is invented

Runs evaluated before these were counted have none: the command that counts them stands below.""")


def wrong_kinds() -> tuple[str, ...]:
    """Draw the choice and return it, of `core.metrics.pixel_errors.KINDS`."""
    chosen = st.pills(
        say("Wrong pixels"),
        KINDS,
        selection_mode="multi",
        key="wrong",
        bind="query-params",
        format_func=say,
        help=say(WRONG_HELP),
    )
    return tuple(kind for kind in KINDS if kind in chosen)
