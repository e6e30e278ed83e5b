"""Systems that say of each image which class its one object is, and where it is."""

from pages.ui.shell import shell

shell()

import streamlit as st

from core.charts.iou_distribution import iou_distribution
from core.charts.reliability_diagram import reliability_diagram
from core.metrics import METRICS
from pages.ui import contents, digit_confusion, digit_images, digit_tables, run_training, states
from pages.ui.digit_answers import answers_of
from pages.ui.download import csv_button
from pages.ui.palette import run_colours, run_markers

st.title("Digits")
choice, rows = states.chosen_runs()
split = contents.split_of(choice)
answers = answers_of(choice, split, rows)
colours, markers = run_colours(choice.all_runs), run_markers(choice.all_runs)
digit_tables.show_scores(answers)

with st.container(horizontal=True, vertical_alignment="bottom"):
    figures = st.segmented_control(
        "Figures in",
        digit_tables.FIGURES,
        required=True,
        default=digit_tables.IMAGES,
        key="figures",
        bind="query-params",
    )
    least = st.slider(
        "A place is right from this IoU on",
        0.05,
        0.95,
        0.5,
        0.05,
        key="iou",
        bind="query-params",
        width=260,
    )
judged = answers.judged(least)

st.subheader("Class and place together")
digit_tables.show_joint(answers, judged, least, figures)

st.subheader("Which class was read as which")
digit_confusion.show(answers, figures)

sure, place = st.columns(2, gap="large")
with sure:
    st.subheader("How sure, how right")
    bins = digit_tables.reliability_rows(answers)
    st.plotly_chart(
        reliability_diagram(bins, colours, markers),
        alt="Share of right answers against their probability, and the number of answers",
    )
    st.caption(f"Below the dotted line a run is too sure of itself. {METRICS['ece'].protocol}")
    csv_button(bins, f"{choice.dataset} {choice.split} reliability")
with place:
    st.subheader("How well boxes lie")
    st.plotly_chart(
        iou_distribution(judged[["run", "iou"]], colours, least),
        alt="Number of images by the IoU of their box",
    )
    st.caption("Bins of .05. Images without an answer have an IoU of 0.")
    csv_button(judged[["run", "image_id", "iou"]], f"{choice.dataset} {choice.split} IoU of boxes")

st.subheader("Images, worst first")
digit_images.show(answers, judged)

distinct = answers.runs.drop_duplicates("weights_sha256")
trained = [run for _, run in distinct.iterrows() if len(run_training.trainings_of(run))]
if trained:
    st.subheader("How the weights came to be")
    st.caption(
        "Training in two phases: first the two branches alone on a frozen base or, from random "
        "weights, everything on views that close in on the object; then everything on whole images."
    )
for run in trained:
    run_training.show_training(run)
