"""Which class was given which: matrices of objects or pixels, every cell a link to its images."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    confusion_controls,
    confusion_difference,
    confusion_list,
    confusion_matrix,
    contents,
    states,
)

st.title(say("Confusion"))
choice, rows = states.chosen_runs()
view = confusion_controls.chosen_view(choice, contents.split_of(choice), rows)
confusion_controls.say_rule(view)
pair = confusion_difference.chosen_pair(view)
if pair is None:
    confusion_matrix.show(view)
else:
    confusion_difference.show(view, *pair)

st.header(say("Confusions, the commonest first"))
confusion_list.show(view)
