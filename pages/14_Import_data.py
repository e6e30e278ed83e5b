"""Data sets and runs into the store, looked at before anything is written."""

from pages.ui.language import mark, say
from pages.ui.shell import shell

shell()

import shlex

import streamlit as st

from core.readers import uploads
from pages.ui import (
    import_check,
    import_files,
    import_job,
    import_options,
    import_preview,
    store,
)

KINDS = (mark("Data set"), mark("Run"))

st.title(say("Import data"))
store.datasets()  # a store that cannot be read says so before anything is asked
at_work = import_job.show()
kind = st.segmented_control(
    say("What to import"),
    KINDS,
    required=True,
    default="Data set",
    key="what",
    bind="query-params",
    format_func=say,
    help=say("A run is what a system predicted on the images of a data set that is in the store."),
)
place = import_files.chosen_place()

if place is None:
    st.caption(
        say(
            "Large data sets, and everything that is to be repeated, come in from a "
            "terminal: `python -m core import --help` and `python -m core import-run "
            "--help`."
        )
    )
    st.stop()

st.header(say("Format"))
is_run = kind == "Run"
with st.spinner(say("Looking into the files …")):
    ways = import_files.ways(place)
way = import_options.ask_format(ways, place, is_run=is_run)
if way is None:
    st.stop()
ask = import_options.run_arguments if is_run else import_options.dataset_arguments
asked = ask(way, place)
if asked is None:
    st.stop()
arguments, brings = asked

st.header(say("Check"))
check = import_check.checked(arguments, way.annotations)
import_check.show(check, place.root)
if check.dataset is not None:
    if not is_run:
        import_check.show_classes(check.dataset)
    st.header(say("Look"))
    import_preview.show(check)
    if st.button(say("Import"), type="primary", icon=":material/download:", disabled=at_work):
        if place.upload:
            uploads.keep(uploads.uploads_folder(store.current().path), place.upload)
        if import_job.start(arguments, brings):
            st.rerun()
st.caption(say("The same from a terminal:"))
st.code(shlex.join(["python", "-m", "core", *arguments]), language="bash", wrap_lines=True)
