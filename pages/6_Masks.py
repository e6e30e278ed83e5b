"""One image: the annotation and what every chosen run says about it."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    contents,
    image_labels,
    image_list,
    mask_layers,
    mask_tables,
    mask_view,
    notebook,
    object_link,
    selection,
    states,
)
from pages.ui.image_layers import annotated_objects, view_classes
from pages.ui.image_views import Views, send_ahead
from pages.ui.viewer import threshold_of, viewer
from pages.ui.words import literal

title = st.empty()
if selection.current() is None:
    title.title(say("Masks"))
choice = states.chosen()
split = contents.split_of(choice)
runs = mask_view.chosen_runs(choice)
listed = image_list.current(choice, split, runs)
image = image_list.asked_for(split, listed)
title.title(literal(image.name))

with st.container(horizontal=True, vertical_alignment="center"):
    image_list.leaf_through(image, listed)
    by = mask_view.judged_by(runs, split)
    sought = image_list.search_box()
if sought:
    image_list.offer(split, sought)

found, silent = mask_layers.judged(runs, split, image, by)
mask_view.name_unjudged(found, silent, by)
classes = view_classes(split)
start = mask_view.first_threshold()
key = f"viewer {start}"
views = Views(choice, split, runs, by, threshold_of(key, start))
truth = annotated_objects(split, [image]).get(image.key)
linked = object_link.asked_for(truth, found)
threshold, clicked = viewer(
    views.packed(image, found, linked),
    key=key,
    height=mask_view.viewer_height(len(runs)),
    threshold=start,
)
selected = object_link.selected(image, linked, clicked)

names = [name for _, name, _ in classes]
mask_view.show_selected(selected, image, truth, found, names)
notebook.on_image(split, image)
image_labels.show(image, split, [each.run for each in found], classes)
mask_view.show_objects(truth, found, names, threshold, image.name)
mask_view.show_classes(image.name, mask_tables.tallies_of(image, found, classes), classes)
send_ahead(views, image, listed)
