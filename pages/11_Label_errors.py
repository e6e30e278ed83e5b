"""Annotations that several systems contradict with one voice: to look at, and to annotate anew."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import contents, failure_controls, states, suspect_cells, suspect_table, suspect_view
from pages.ui.gallery import gallery
from pages.ui.image_layers import stored_images, view_classes
from pages.ui.payload import pack_gallery

st.title(say("Label errors"))
choice, rows = states.chosen_runs()
view = suspect_view.chosen_view(choice, contents.split_of(choice), rows)
suspect_view.say_rule(view)
suspects = view.suspects
if suspects.empty:
    suspect_view.nothing_found(view)

images = list(dict.fromkeys(suspects["key"].tolist()))
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(suspect_view.summary(suspects, len(images)))
    suspect_table.downloads(view)
    shown = failure_controls.view(objects=False)
    if shown == failure_controls.IMAGES:
        page, size = failure_controls.page(len(images))
if shown == failure_controls.TABLE:
    suspect_table.show(view)
    st.stop()

cells = suspect_cells.cells(view, stored_images(images[(page - 1) * size : page * size]))
payload = pack_gallery(cells, view_classes(view.split), selectable=False, errors_first=True)
gallery(payload, key="suspects")
