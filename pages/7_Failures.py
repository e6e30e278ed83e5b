"""Where runs fail: images and objects, worst first."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    contents,
    failure_cells,
    failure_controls,
    failure_crops,
    failure_tables,
    failure_words,
    label_sides,
    states,
    ticked_gallery,
)
from pages.ui.failure_choice import LABELS, PIXELS
from pages.ui.failure_rows import pixel_ious, worst_images
from pages.ui.failure_search import GEOMETRIES, search_of
from pages.ui.image_layers import stored_images, view_classes
from pages.ui.label_cells import label_cells
from pages.ui.payload import pack_gallery

st.title(say("Failures"))
choice, rows = states.chosen_runs()
split = contents.split_of(choice)
wanted = failure_controls.wanted(split, rows)
search = search_of(choice, split, rows, wanted)
failure_words.name_left_out(search)
failure_words.name_uncounted(search)
if wanted.by == LABELS:
    label_sides.show_counts(search)
elif wanted.by != PIXELS:
    failure_tables.show_counts(search)

worst = worst_images(search)
if worst.empty:
    failure_words.nothing_found(search)
with st.container(horizontal=True, vertical_alignment="center"):
    line = st.container(width="content")
    view = failure_controls.view(objects=wanted.by in GEOMETRIES)
    in_order = view != failure_controls.OBJECTS
    line.markdown(failure_words.summary(search, worst, in_order=in_order))
    if view == failure_controls.IMAGES:
        page, size = failure_controls.page(len(worst))
if view == failure_controls.TABLE:
    failure_tables.show_rows(search)
    st.stop()
if view == failure_controls.OBJECTS:
    failure_crops.show(search, worst)
    st.stop()

images = stored_images(worst["image_id"].iloc[(page - 1) * size : page * size])
if wanted.by == PIXELS:
    cells = failure_cells.pixel_cells(search, images, pixel_ious(search))
elif wanted.by == LABELS:
    cells = label_cells(search, images)
else:
    cells = failure_cells.object_cells(search, images)
listed = ticked_gallery.of_split(split)
payload = pack_gallery(
    cells,
    view_classes(split),
    errors_first=True,
    category=search.class_index,
    chosen=listed.marks.header(),
)
ticked_gallery.show(payload, listed, key="failures")
failure_words.explain(search)
