"""What a split contains: classes, sizes, what occurs together."""

from pages.ui.language import say
from pages.ui.shell import shell
from pages.ui.tables import draw_table

shell()

import streamlit as st

from core.charts.class_frequency import class_frequency
from core.charts.co_occurrence import co_occurrence
from core.charts.image_sizes import image_sizes
from core.charts.labels import name_of
from core.charts.object_sizes import object_sizes
from core.charts.objects_per_image import objects_per_image
from core.metrics.balance import class_balance
from core.store.queries import catalogue, explore
from pages.ui import contents, draw_preview, examples, sampling, states, store
from pages.ui.download import csv_button
from pages.ui.words import counted, literal, percent

FEW = 10
BARS, PAIRS = "class bars", "class pairs"


def choose_bar() -> None:
    """Choose the class of the clicked bar in the sidebar."""
    points = st.session_state[BARS]["selection"]["points"]
    if points:
        st.session_state["class"] = name_of(points[0]["y"])


def choose_cell() -> None:
    """Choose the class of the clicked cell's row in the sidebar."""
    cells = st.session_state[PAIRS]["selection"].get("cell")
    if cells:
        st.session_state["class"] = cells[0]["class"]


st.title(say("Explore data"))
choice = states.chosen()
split = contents.split_of(choice)
frequency, measures = contents.frequency(split)
place = {"dataset": int(split["dataset_id"]), "split": choice.split}
st.markdown(contents.summary(split, frequency))

if not measures:
    contents.nothing_to_count(choice)
else:
    st.header(say("Classes"))
    bars, figures = st.columns([3, 1], gap="large")
    with bars:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            measure = st.segmented_control(
                say("Count"),
                list(measures),
                required=True,
                default=next(iter(measures)),
                format_func=lambda each: say(measures[each]),
                key="count",
            )
            log = st.toggle(say("Logarithmic axis"), key="log", bind="query-params")
            csv_button(frequency, f"{choice.dataset} {choice.split} classes")
        with st.container(height=states.scrolling(len(frequency)), border=True):
            st.plotly_chart(
                class_frequency(frequency, measure, say(measures[measure]), log=log),
                key=BARS,
                on_select=choose_bar,
                selection_mode="points",
                alt=say("{measure} of each class", measure=say(measures[measure])),
            )
    with figures:
        balance = class_balance(list(frequency[measure]), FEW)
        contents.balance_figures(balance, measures[measure], FEW)

    if len(frequency) > 1:
        st.header(say("Classes that occur together"))
        pairs, order = contents.pairs(split, frequency)
        st.vega_lite_chart(
            co_occurrence(pairs, order, say),
            key=PAIRS,
            on_select=choose_cell,
            alt=say("Share of images on which two classes occur"),
        )
        st.caption(
            say(
                "Of the images that hold the class of the row, the share that also holds "
                "the class of the column. {shown_of}",
                shown_of=contents.shown_of(order, frequency),
            )
        )
    sampling.show(choice, int(split["images"]), FEW, log=log)

draw_preview.show(choice)

st.header(say("Examples"))
of_class = contents.class_index(choice)
if of_class is None:
    st.caption(
        say(
            "Click a bar or a row above, or choose a class in the sidebar, to see "
            "images that hold it."
        )
    )
else:
    examples.show(split, of_class, choice.class_name)

if split["has_objects"] and split["located"]:
    st.header(say("Objects"))
    counts = store.ask(explore.objects_per_image, **place)
    ranges = store.ask(explore.size_ranges, **place, class_=of_class).iloc[0]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(say("**Objects in each image**"))
        st.plotly_chart(
            objects_per_image(counts, say), alt=say("Number of images by number of objects")
        )
    with right:
        st.markdown(
            say("**Sizes of {class_name} objects**", class_name=literal(choice.class_name))
            if choice.class_name
            else say("**Sizes of all objects**")
        )
        if ranges["objects"]:
            steps = store.ask(explore.size_steps, **place, class_=of_class)
            st.plotly_chart(object_sizes(steps, say), alt=say("Number of objects by size"))
            small, medium, large = (
                percent(ranges[name] / ranges["objects"]) for name in ("small", "medium", "large")
            )
            st.caption(
                say(
                    "Small (area up to 32²) {small} · medium {medium} · large (from 96²) "
                    "{large}, by COCO's limits, of {objects}; crowd regions are left out. "
                    "Choose a class in the sidebar to see its sizes alone.",
                    small=small,
                    medium=medium,
                    large=large,
                    objects=counted(int(ranges["objects"]), "object"),
                )
            )
        else:
            st.info(
                say(
                    "No object of the class {class_name} is annotated.",
                    class_name=literal(choice.class_name),
                ),
                icon=":material/search_off:",
            )

st.header(say("Images"))
left, right = st.columns(2, gap="large")
with left:
    sizes = store.ask(explore.image_sizes, **place)
    st.markdown(say("**Sizes of the images**"))
    st.plotly_chart(image_sizes(sizes, say), alt=say("Number of images by width and height"))
    st.caption(contents.size_summary(sizes))
with right:
    tags = store.ask(catalogue.tags, dataset_id=place["dataset"], split=choice.split)
    st.markdown(say("**Tags**"))
    if tags.empty:
        st.caption(say("The images of this split carry no tags."))
    else:
        draw_table(tags, hide_index=True, alt=say("Number of images of each tag"))
