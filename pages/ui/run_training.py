"""How the weights of a run came to be."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.training_curves import training_curves
from core.store.queries import trainings
from pages.ui import store
from pages.ui.download import csv_button

NOT_DRAWN = ("seconds", "learning_rate")


def show_training(run: pd.Series) -> None:
    """Show the curves of the trainings that made the run's weights; nothing where none is known."""
    sha256 = run["weights_sha256"]
    known = store.ask(trainings.trainings, weights_sha256=sha256) if sha256 else pd.DataFrame()
    if known.empty:
        return
    st.markdown("**Training**")
    for _, training in known.iterrows():
        _show_one(training)


def _show_one(training: pd.Series) -> None:
    ids = (str(training["training_id"]),)
    points = store.ask(trainings.training_curves, training_ids=ids)
    epochs = int(points["epoch"].max()) if len(points) else 0
    st.caption(
        f"{training['system']} learnt from {training['dataset']} · {training['train_split']} and "
        f"kept the epoch with the best {training['goal']} on {training['val_split']}: "
        f"{training['best_epoch']} of {epochs} epochs, {training['seconds'] / 60:.0f} minutes, "
        f"seed {training['seed']}."
    )
    curves = points[~points["name"].isin(NOT_DRAWN)]
    is_loss = curves["name"].str.contains("loss")
    for column, part, title in zip(
        st.columns(2), (curves[is_loss], curves[~is_loss]), ("loss", "score"), strict=True
    ):
        if len(part):
            figure = training_curves(part, title, int(training["best_epoch"]))
            column.plotly_chart(figure, key=f"{title} {ids[0]}")
    csv_button(points.drop(columns="training_id"), f"training of {training['weights']}")
