"""What the server does once, before its first visitor."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

WARM = ("altair", "cv2", "duckdb", "numpy", "pandas", "plotly.graph_objects", "pyarrow")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, object]]:
    """Import what pages need, then put it out of the garbage collector's sight.

    Streamlit collects garbage after every run of a script, while the visitor waits for its
    last messages; a frozen start-up makes that collection nearly free.
    """
    # Pages are routed by st.navigation from the first visit on; without this a deep link to
    # a freshly started server is routed by the pages folder (`shell` copes with that too).
    PagesManager.uses_pages_directory = False
    for name in WARM:
        import_module(name)
    gc.collect()
    gc.freeze()
    yield {}
