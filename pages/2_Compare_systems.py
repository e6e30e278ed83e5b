"""One row a run: its scores, each by its rule."""

from pages.ui.shell import shell

shell()

import pandas as pd
import streamlit as st

from core.charts.score_dots import score_dots
from core.metrics import METRICS, PIXEL_PROTOCOLS
from core.scoring import SIZES, Choice, score_runs
from pages.ui import score_table, states, store
from pages.ui.common_ground import common_images
from pages.ui.download import csv_button
from pages.ui.palette import run_colours, run_markers
from pages.ui.words import counted

st.title("Compare systems")
choice, rows = states.chosen_runs()
runs = tuple(rows["run"])
names = list(store.classes(choice.dataset)["name"])

with st.container(horizontal=True, vertical_alignment="bottom"):
    protocol = st.selectbox(
        "Rule of the mean IoU",
        list(PIXEL_PROTOCOLS),
        key="protocol",
        bind="query-params",
        width=220,
    )
    size = st.segmented_control(
        "Size of objects", SIZES, required=True, key="size", bind="query-params", default="all"
    )
    classes = st.multiselect(
        "Classes",
        names,
        key="classes",
        bind="query-params",
        placeholder=choice.class_name or f"All {len(names)} classes",
        disabled=choice.class_name is not None,
        width=340,
        help="Scores are means over these. A class chosen in the sidebar stands alone.",
    )
    background = st.toggle("Average the background too", value=True, key="background")
st.caption(f"**{protocol}**: {PIXEL_PROTOCOLS[protocol]}")

images = common_images(runs)
chosen = [choice.class_name] if choice.class_name else classes
indices = tuple(names.index(name) for name in chosen) or None
how = Choice(protocol=protocol, classes=indices, size=size, with_background=background)
scores = store.ask(score_runs, runs=runs, images=images, choice=how)

painted = [score_table.painted_at(row) for _, row in rows.iterrows()]
with st.container(horizontal=True, vertical_alignment="center"):
    of = counted(max(run.images for run in scores), "image")
    over = f"{', '.join(chosen)} only" if chosen else "all classes"
    st.markdown(f"{counted(len(scores), 'run')} on the same {of} · {over} · per cent")
    every = st.toggle("All figures", key="every", bind="query-params")
    csv_button(score_table.long_table(scores), f"{choice.dataset} {choice.split} scores")
score_table.show(scores, painted, every=every)
if size != "all":
    st.caption("Pixels have no size, so semantic scores are left out.")
st.caption(
    "Click a heading to sort; it explains its score. Scores of semantic maps, boxes and masks "
    "answer different questions: compare inside a group, never across."
)

present = score_table.commonest_first(scores)
if present:
    st.subheader("One score across runs")
    metric = st.selectbox(
        "Score",
        present,
        format_func=lambda name: METRICS[name].title,
        key="metric",
        bind="query-params",
        width=260,
    )
    dots = pd.DataFrame(
        {"run": [s.run for s in scores], "score": [s.scores[metric] for s in scores]}
    )
    st.plotly_chart(
        score_dots(
            dots,
            METRICS[metric].title,
            run_colours(choice.all_runs),
            run_markers(choice.all_runs),
            percent=METRICS[metric].unit == "fraction",
        ),
        alt=f"{METRICS[metric].title} of each run",
    )
    st.caption(f"{METRICS[metric].definition} {METRICS[metric].protocol}")
if len(scores) == 1:
    st.info(
        "One run is shown. Import or choose a second one to compare.", icon=":material/group_add:"
    )
