"""One row a run: its scores, each by its rule."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from core.scoring import SIZES, score_runs
from pages.ui import (
    contents,
    external_view,
    label_scores,
    score_controls,
    score_ranking,
    score_table,
    split_gap,
    stage_gains,
    stage_times,
    states,
    store,
)
from pages.ui.common_ground import common_images
from pages.ui.download import csv_button
from pages.ui.report_button import report_button
from pages.ui.words import counted, literal

st.title(say("Compare systems"))
choice, rows = states.chosen_runs()
runs = tuple(rows["run"])
names = list(store.classes(choice.dataset)["name"])

how, chosen = score_controls.chosen_rules(choice, contents.split_of(choice), rows, names)
images = common_images(runs)
scores = store.ask(score_runs, runs=runs, images=images, choice=how)

painted = [score_table.painted_at(row) for _, row in rows.iterrows()]
with st.container(horizontal=True, vertical_alignment="center"):
    of = score_controls.amounts(scores, how)
    over = say("{chosen} only", chosen=literal(", ".join(chosen))) if chosen else say("all classes")
    st.markdown(
        say(
            "{runs} on the same {of} · {over} · per cent",
            runs=counted(len(scores), "run"),
            of=of,
            over=over,
        )
    )
    every = st.toggle(say("All figures"), key="every", bind="query-params")
    csv_button(score_table.long_table(scores), f"{choice.dataset} {choice.split} scores")
    report_button(choice, runs, images, how)
score_table.show(scores, painted, every=every)
if every:
    score_table.show_uncounted(scores, rows)
if how.size != SIZES[0]:
    st.caption(say("Pixels have no size, so semantic scores are left out."))
st.caption(
    say(
        "Click a heading to sort; it explains its score. Scores of semantic "
        "maps, boxes, masks and image labels answer different questions: compare "
        "inside a group, never across."
    )
)

stage_gains.name_oracles(rows)

present = score_table.commonest_first(scores)
if present:
    metric = score_ranking.show(choice, scores, present, images, how)
    stage_gains.show(rows, scores, metric, f"{choice.dataset} {choice.split} {metric}")
stage_times.show(scores, f"{choice.dataset} {choice.split}")
split_gap.show(choice, rows, how)
external_view.show(choice, rows)
label_scores.show(choice, scores)
if len(scores) == 1:
    st.info(
        say("One run is shown. Import or choose a second one to compare."),
        icon=":material/group_add:",
    )
