"""How the weights of a run came to be."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.training_curves import training_curves
from core.store.queries import trainings
from pages.ui import store
from pages.ui.download import csv_button
from pages.ui.words import literal

PHASE = "phase"
NAMES = ("system", "dataset", "train_split", "val_split")
NOT_DRAWN = ("seconds", "learning_rate", PHASE)


def show_training(run: pd.Series) -> None:
    """Show the curves of the trainings that made the run's weights; nothing where none is known."""
    known = trainings_of(run)
    if known.empty:
        return
    st.markdown("**Training**")
    for _, training in known.iterrows():
        _show_one(training)


def trainings_of(run: pd.Series) -> pd.DataFrame:
    """Return the trainings that made the run's weights: no row where none is known."""
    sha256 = run["weights_sha256"]
    return store.ask(trainings.trainings, weights_sha256=sha256) if sha256 else pd.DataFrame()


def _show_one(training: pd.Series) -> None:
    ids = (str(training["training_id"]),)
    points = store.ask(trainings.training_curves, training_ids=ids)
    epochs = int(points["epoch"].max()) if len(points) else 0
    phases = phase_starts(points)
    named = {name: literal(training[name]) for name in NAMES}
    st.caption(
        f"{named['system']} learnt from {named['dataset']} · {named['train_split']} and "
        f"kept the epoch with the best {training['goal']} on {named['val_split']}: "
        f"{training['best_epoch']} of {epochs} epochs, {training['seconds'] / 60:.0f} minutes, "
        f"seed {training['seed']}."
        + "".join(f" Phase {n} begins with epoch {epoch}." for n, epoch in enumerate(phases, 2))
    )
    curves = points[~points["name"].isin(NOT_DRAWN)]
    is_loss = curves["name"].str.contains("loss")
    for column, part, title in zip(
        st.columns(2), (curves[is_loss], curves[~is_loss]), ("loss", "score"), strict=True
    ):
        if len(part):
            figure = training_curves(part, title, int(training["best_epoch"]), phases)
            column.plotly_chart(figure, key=f"{title} {ids[0]}")
    csv_button(points.drop(columns="training_id"), f"training of {training['weights']}")


def phase_starts(points: pd.DataFrame) -> list[int]:
    """Return the first epoch of each phase after the first; none where all was one phase.

    Args:
        points: of `trainings.training_curves`.
    """
    phases = points[points["name"] == PHASE]
    firsts = phases.groupby("value")["epoch"].min().sort_index()
    return [int(epoch) for epoch in firsts.iloc[1:]]
