"""The shell around made-up pages, built as the product's Home.py is."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from pages.ui.server import lifespan

    app = st.App(__file__, lifespan=lifespan)
else:
    from scene import DEMO

    from pages.ui.shell import run

    run(DEMO)
