"""The score of each class across runs, and what one run gains on another."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from core.charts.class_scores import class_scores
from core.metrics import METRICS
from core.scoring import FEW_IMAGES, Choice, score_runs
from pages.ui import (
    class_cells,
    class_gains,
    class_table,
    contents,
    loss_gains,
    pixel_losses,
    states,
    store,
)
from pages.ui.background_switch import background_switch
from pages.ui.common_ground import common_images
from pages.ui.download import csv_button
from pages.ui.words import literal, percent

st.title(say("Class IoU"))
choice, rows = states.chosen_runs()
runs = tuple(rows["run"])
images = common_images(runs)
scores = store.ask(score_runs, runs=runs, images=images)
titles = {
    class_table.METRIC_TITLES[name]: name
    for name in class_table.metrics_of(scores) or states.nothing_scored(runs)
}
with st.container(horizontal=True, vertical_alignment="bottom"):
    title = st.selectbox(
        say("Score"),
        list(titles),
        key="class_score",
        bind="query-params",
        format_func=say,
        width=220,
    )
    order = st.selectbox(
        say("Order"),
        class_table.ORDERS,
        key="order",
        bind="query-params",
        format_func=say,
        width=220,
    )
    metric = titles[title]
    pixels = metric in class_table.PIXEL_METRICS
    background = background_switch(contents.split_of(choice)) if pixels else True
how = Choice(with_background=background)
if not background:
    scores = store.ask(score_runs, runs=runs, images=images, choice=how)
# objects have no background
left_out = None if pixels and background else contents.background_name(choice)
cells = class_table.long(scores, metric, left_out)
table = class_table.ordered(class_table.wide(cells), order)
scored = class_table.runs_with_score(cells)

means = " · ".join(
    f"{literal(run.run)} {percent(run.scores[metric])}"
    for run in scores
    if run.scores[metric] is not None
)
st.markdown(say("**Mean over the classes:** {means}", means=means))
st.caption(f"{say(METRICS[metric].definition)} {say(METRICS[metric].protocol)}")

with st.container(height=states.scrolling(len(table)), border=True):
    clicked = st.vega_lite_chart(
        class_scores(
            cells,
            say(title),
            list(table["name"]),
            scored,
            dark=st.context.theme.type == "dark",
            say=say,
        ),
        key="class cells",
        on_select="rerun",
        alt=say("{title} of each class for each run", title=say(title)),
    )
class_cells.show_way(clicked.selection.get("cell", []), metric, choice, rows)
st.caption(
    say(
        "Faint: on under {few_images} images, too few to judge. Blank: neither "
        "annotated nor predicted. {without_score}",
        few_images=FEW_IMAGES,
        without_score=class_table.without_score(runs, scored),
    )
)

with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(say("**All classes**, per cent; click a heading to sort"))
    csv_button(table, f"{choice.dataset} {choice.split} {metric} of classes")
class_table.show(table, say(title))

class_name = pixel_losses.show(choice, rows, images, background)

st.header(say("What one run gains on another"))
if len(runs) < 2:
    st.info(
        say("One run is shown. Import or choose a second one to see differences."),
        icon=":material/group_add:",
    )
    st.stop()
pair = class_gains.show(choice, table, metric, say(title), images, how)
if pixels:
    subject = loss_gains.subject_of(class_name, cells)
    loss_gains.show(choice, scores, pair, subject, images, how)
