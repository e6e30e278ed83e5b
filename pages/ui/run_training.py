"""How the weights of a run came to be."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from core.charts.training_curves import training_curves
from core.store.queries import trainings
from pages.ui import store
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.words import literal

PHASE = "phase"
NAMES = ("system", "dataset", "train_split", "val_split")
# times and learning rates have scales of their own; ultralytics calls them time and lr/pg0
NOT_DRAWN = rf"seconds|time|learning_rate|lr\b.*|{PHASE}"


def show_training(run: pd.Series) -> None:
    """Show the curves of the trainings that made the run's weights; nothing where none is known."""
    known = trainings_of(run)
    if known.empty:
        return
    st.markdown(say("**Training**"))
    for _, training in known.iterrows():
        _show_one(training)


def trainings_of(run: pd.Series) -> pd.DataFrame:
    """Return the trainings that made the run's weights: no row where none is known."""
    return store.ask(
        trainings.trainings, weights_sha256=run["weights_sha256"], run_id=int(run["run_id"])
    )


def _show_one(training: pd.Series) -> None:
    ids = (str(training["training_id"]),)
    points = store.ask(trainings.training_curves, training_ids=ids)
    epochs = int(points["epoch"].max()) if len(points) else 0
    phases = phase_starts(points)
    imported = not pd.isna(training["run_id"])
    st.caption(_imported(training, epochs) if imported else _learnt(training, epochs, phases))
    curves = points[~points["name"].str.fullmatch(NOT_DRAWN)]
    is_loss = curves["name"].str.contains("loss")
    for column, part, title in zip(
        st.columns(2), (curves[is_loss], curves[~is_loss]), ("loss", "score"), strict=True
    ):
        if len(part):
            best = say("best") if imported else say("kept")
            figure = training_curves(
                part, say(title), int(training["best_epoch"]), phases, best, say
            )
            column.plotly_chart(figure, key=f"{title} {ids[0]}")
    of = training["training_id"] if imported else f"training of {training['weights']}"
    csv_button(points.drop(columns="training_id"), str(of))


def _learnt(training: pd.Series, epochs: int, phases: list[int]) -> str:
    named = {name: literal(training[name]) for name in NAMES}
    return say(
        "{system} learnt from {dataset} · {train_split} and kept the epoch with "
        "the best {goal} on {val_split}: {best_epoch} of {epochs} epochs, "
        "{seconds:.0f} minutes, seed {seed}.",
        system=named["system"],
        dataset=named["dataset"],
        train_split=named["train_split"],
        goal=training["goal"],
        val_split=named["val_split"],
        best_epoch=training["best_epoch"],
        epochs=epochs,
        seconds=training["seconds"] / 60,
        seed=training["seed"],
    ) + "".join(
        say(" Phase {n} begins with epoch {epoch}.", n=n, epoch=epoch)
        for n, epoch in enumerate(phases, 2)
    )


def _imported(training: pd.Series, epochs: int) -> str:
    settings = json.loads(training["settings"])
    return say(
        "Read from {name} ({format}), up to epoch {epochs}. Best {goal}: epoch "
        "{best_epoch}; which epoch was kept the file does not say. Values are "
        "drawn as they are there.",
        name=literal(Path(settings["imported_from"]).name),
        format=settings["format"],
        epochs=epochs,
        goal=literal(training["goal"]),
        best_epoch=training["best_epoch"],
    )


def phase_starts(points: pd.DataFrame) -> list[int]:
    """Return the first epoch of each phase after the first; none where all was one phase.

    Args:
        points: of `trainings.training_curves`.
    """
    phases = points[points["name"] == PHASE]
    firsts = phases.groupby("value")["epoch"].min().sort_index()
    return [int(epoch) for epoch in firsts.iloc[1:]]
