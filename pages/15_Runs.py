"""Every run: how it stands, what made it, what was left out."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import run_details, run_state, run_training, states, store
from pages.ui.download import csv_button
from pages.ui.words import literal

st.title(say("Runs"))
choice = states.chosen()
runs = store.runs().iloc[::-1].reset_index(drop=True)
if runs.empty:
    states.no_runs(choice)


at_work = any(run_state.state(run) == "running" for _, run in runs.iterrows())


@st.fragment(run_every="5s" if at_work else None)
def overview() -> None:
    """Show all runs; while a job is at work the list renews itself."""
    run_details.show_overview(store.runs().iloc[::-1])


overview()
csv_button(run_details.overview(runs), "runs")

names = list(runs["run"])
if st.session_state.get("run", names[0]) not in names:
    del st.session_state["run"]
first = names.index(choice.runs[0]) if choice.runs else 0
name = st.selectbox(say("Run"), names, index=first, key="run", bind="query-params", width=400)
run = runs.set_index("run", drop=False).loc[name]
st.header(literal(name))
st.markdown(run_state.explained(run))
if run["evaluated"] is None or run["evaluated"] != run["evaluated"]:
    states.name_unevaluated([name])
facts, settings = st.columns([3, 2], gap="large")
with facts:
    run_details.show_facts(run)
with settings:
    run_details.show_settings(run)
run_training.show_training(run)
st.markdown(say("**Left out**"))
run_details.show_rejected(run)
st.markdown(say("**Work on it**"))
run_details.show_attempts(run)
