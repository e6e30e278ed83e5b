"""How well objects are found: AP, precision against recall, thresholds, kinds of error."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    contents,
    detection_controls,
    detection_curves,
    detection_errors,
    detection_scores,
    detection_sweep,
    states,
)

st.title(say("Detection"))
choice, rows = states.chosen_runs()
view = detection_controls.chosen_view(choice, contents.split_of(choice), rows)
detection_controls.say_rule(view)
detection_scores.show(view)

st.header(say("Precision against recall at IoU {iou}", iou=view.iou))
detection_curves.show(view)

st.header(say("From which score on?"))
detection_sweep.show(view.unanswered())

st.header(say("Kinds of error, and what repairing each would bring"))
detection_errors.show(view)
