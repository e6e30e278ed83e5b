"""Any image, any system: answers side by side while one waits, and SAM asked about a point."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import (
    contents,
    states,
    store,
    try_answers,
    try_images,
    try_keep,
    try_prompts,
    try_systems,
    try_view,
)
from pages.ui.failure_choice import BOXES, MASKS

STARTED = "try started"

st.title(say("Try a system"))
choice = states.chosen()
split = contents.split_of(choice)
images = try_images.choose(split)
chosen = try_systems.choose(store.runs(choice.dataset, choice.split))
words = try_systems.words(chosen)
if not images or not chosen:
    st.info(say("Choose an image and a system."), icon=":material/touch_app:")
    st.stop()
start = st.empty()
if not st.session_state.get(STARTED):
    with start.container():
        try_view.offer_start(STARTED)
    st.stop()

image = try_images.one_of(images)
order = [image, *(each for each in images if each is not image)]
questions = {
    each.key: [try_answers.question(one, each, split, words) for one in chosen] for each in order
}
flat = [question for each in order for question in questions[each.key]]
flat_answers = try_answers.gather(flat)
answers = {
    each.key: flat_answers[place * len(chosen) : (place + 1) * len(chosen)]
    for place, each in enumerate(order)
}

truth = try_answers.truth_of(image, split)
classes = try_systems.classes_of(split, words)
by = BOXES
if truth.objects is not None and truth.objects.masks is not None:
    by = st.segmented_control(
        say("Judge objects by"),
        [BOXES, MASKS],
        key="objects",
        bind="query-params",
        format_func=say,
        required=True,
        default=BOXES,
    )
found = [
    try_answers.judge(*pair, image, truth, by, classes)
    for pair in zip(questions[image.key], answers[image.key], strict=True)
]
try_view.show_refusals(found)
least = try_view.show_viewer(image, found, truth, classes)
try_view.show_summary(found, truth, least, image.record.name)
try_view.show_labels(found, classes)
try_prompts.show(image, chosen, questions[image.key])
try_view.show_tables(image, found, truth, classes, least)
try_keep.show(
    split,
    images,
    chosen,
    [[answers[each.key][place] for each in images] for place in range(len(chosen))],
    words,
)
