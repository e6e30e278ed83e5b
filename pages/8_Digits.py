"""Systems that say of each image which class its one object is, and where it is."""

from pages.ui.language import say
from pages.ui.shell import shell

shell()

import streamlit as st

from pages.ui import contents, digit_confusion, digit_images, digit_tables, run_training, states
from pages.ui.digit_answers import answers_of

st.title(say("Digits"))
choice, rows = states.chosen_runs()
split = contents.split_of(choice)
answers = answers_of(choice, split, rows)
digit_tables.show_scores(answers)

with st.container(horizontal=True, vertical_alignment="bottom"):
    figures = digit_tables.choose_figures()
    least = digit_tables.choose_least() if answers.located else 0.5
judged = answers.judged(least)

if answers.located:
    st.header(say("Class and place together"))
    digit_tables.show_joint(answers, judged, least, figures)
else:
    st.caption(
        say("The data set says which class each image shows, not where: places are not scored.")
    )

st.header(say("Which class was read as which"))
digit_confusion.show(answers, figures)

sure, place = st.columns(2, gap="large")
with sure:
    st.header(say("How sure, how right"))
    digit_tables.show_reliability(answers)
if answers.located:
    with place:
        st.header(say("How well boxes lie"))
        digit_tables.show_ious(answers, judged, least)

st.header(say("Images, worst first"))
digit_images.show(answers, judged)

distinct = answers.runs.drop_duplicates("weights_sha256")
trained = [run for _, run in distinct.iterrows() if len(run_training.trainings_of(run))]
if trained:
    st.header(say("How the weights came to be"))
    st.caption(
        say(
            "Training in two phases: first the two branches alone on a frozen base "
            "or, from random weights, everything on views that close in on the "
            "object; then everything on whole images."
        )
    )
for run in trained:
    run_training.show_training(run)
