"""Where runs are right and wrong together, and which to put into an ensemble."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    agreement_best,
    agreement_members,
    agreement_pairs,
    agreement_view,
    contents,
    states,
)

st.title(say("Agreement"))
choice, rows = states.chosen_runs()
view = agreement_view.chosen_view(choice, contents.split_of(choice), rows)
agreement_view.say_rule(view)
agreement_pairs.show(view)

st.header(say("The best run of each image and class"))
agreement_best.show(view)

if view.hits is not None:
    st.header(say("What all of them miss"))
    agreement_pairs.show_missed(view)

st.header(say("Make an ensemble of them"))
agreement_members.show(view)
agreement_view.offer_ensemble(view)
