"""Overlook: `streamlit run Home.py`. Script of the app and, outside a run, its server."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from pages.ui.server import lifespan

    app = st.App(__file__, lifespan=lifespan)
else:
    from pages.ui.shell import run

    run()
