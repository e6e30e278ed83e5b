"""Where a run falls short of itself: images that share one or two properties."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import slice_list, states

st.title(say("Weak slices"))
choice, rows = states.chosen_runs()
slice_list.show(choice, rows)
