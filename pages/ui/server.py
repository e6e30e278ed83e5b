"""What the server does once, before its first visitor."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

WARM = ("cv2", "duckdb", "numpy", "pandas", "plotly.graph_objects", "pyarrow")
WARMING_UP = "warming up"  # name of the thread
SELDOM = 1000  # collections of the young between two of all; Python's own is 10


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, object]]:
    """Import what pages need, and begin with what takes longest."""
    # Pages are routed by st.navigation from the first visit on; without this a deep link to
    # a freshly started server is routed by the pages folder (`shell` copes with that too).
    PagesManager.uses_pages_directory = False
    for name in WARM:
        import_module(name)
    Thread(target=_warm, daemon=True, name=WARMING_UP).start()
    yield {}


def _warm() -> None:
    """Load what takes longest while the first visitor is still on the way.

    A compiled kernel's first call reads numba's own tables, half a second's work whatever the
    kernel. No page imports numba itself, so nobody waits for half of it.
    """
    import_module("core.scoring")
    import_module("core.geometry.rle").from_runs([1], 1, 1)
    import_module("core.scoring.first_use").load()
    # Streamlit collects all garbage after every run of a script, while the visitor waits for its
    # last messages: a frozen start-up makes that nearly free, and none is needed before.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
