"""What class-balanced sampling makes of the frequency of the classes, for each training."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from core.charts.class_draws import class_draws
from core.metrics.balance import Balance, class_balance
from core.store.queries.trainings import training_draws
from pages.ui import store
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.selection import Selection
from pages.ui.states import scrolling
from pages.ui.words import NO_VALUE, literal


def show(choice: Selection, images: int, few: int, *, log: bool) -> None:
    """Show what a training on the split draws; nothing where none draws images by their classes.

    Args:
        choice: of the split.
        images: of the split in this store.
        few: classes with fewer draws are rare.
        log: whether the axis is logarithmic.
    """
    draws = store.ask(training_draws, dataset=choice.dataset, split=choice.split)
    if draws.empty:
        return
    labels = dict(zip(draws["training_id"], _labels(draws), strict=True))
    title, chosen = st.columns([3, 2], vertical_alignment="bottom")
    title.header(say("Class-balanced sampling"))
    label = chosen.selectbox(
        say("Training"), list(labels.values()), key="training", bind="query-params", width="stretch"
    )
    of_training = draws[_labels(draws) == label]
    settings = json.loads(of_training["settings"].iloc[0])
    # a painted background is on nearly all images, however they are drawn
    classes = of_training[of_training["class"] < len(store.classes(choice.dataset))]
    bars, figures = st.columns([3, 1], gap="large")
    with bars, st.container(height=scrolling(len(classes)), border=True):
        st.plotly_chart(
            class_draws(classes, log=log, say=say),
            alt=say("Draws of each class in an epoch, with class-balanced sampling and without"),
        )
    with figures:
        _figures(classes, few)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            say(
                "Images with the class among as many draws as there are images: grey if "
                "all images are drawn alike, blue as to be expected by the weights of "
                "the training's sampling, `balance={balance}`. An image brings all its "
                "classes along, so rare classes on images of common ones gain less.",
                balance=settings.get("balance", NO_VALUE),
            )
            + _elsewhere(classes, images)
        )
        csv_button(
            of_training[["class", "name", "images", "drawn"]],
            f"{choice.dataset} {choice.split} draws of {of_training['weights'].iloc[0]}",
        )


def _labels(draws: pd.DataFrame) -> pd.Series[str]:
    finished = pd.to_datetime(draws["finished"]).dt.strftime("%Y-%m-%d %H:%M:%S")
    return draws["system"] + " · " + draws["weights"] + " · " + finished


def _elsewhere(classes: pd.DataFrame, images: int) -> str:
    """Say so if the training saw more images of the split than are here."""
    if classes["images"].max() <= images:
        return ""
    return say(
        " It learnt from more images of this split than the {images:,} that are in this store.",
        images=images,
    )


def _figures(classes: pd.DataFrame, few: int) -> None:
    before, after = (class_balance(list(classes[name]), few) for name in ("images", "drawn"))
    st.metric(
        say("Imbalance"),
        _ratio(after),
        help=say("The class that is drawn most against the one drawn least, of those that occur."),
    )
    st.caption(say("{ratio} if all images are drawn alike", ratio=_ratio(before)))
    st.metric(
        say("Evenness"),
        _evenness(after),
        help=say(
            "Entropy of the classes' shares over its largest possible value "
            "(Pielou): 1 where all classes are drawn equally often."
        ),
    )
    st.caption(say("{evenness} if all images are drawn alike", evenness=_evenness(before)))
    changed = classes["drawn"] / classes["images"].where(classes["images"] > 0)
    if changed.notna().any():
        most = changed.idxmax()
        st.metric(
            say("Gains most"),
            f"× {changed[most]:.2f}",
            help=say("The class that gains most draws."),
        )
        st.caption(literal(str(classes["name"][most])))


def _ratio(balance: Balance) -> str:
    return NO_VALUE if balance.ratio != balance.ratio else f"{balance.ratio:,.1f} : 1"


def _evenness(balance: Balance) -> str:
    return NO_VALUE if balance.evenness != balance.evenness else f"{balance.evenness:.3f}"
