"""The card of a checkpoint: what was trained, on what, how, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.structures import Dataset
from training.history import History, beside, write_json
from training.trainable import TrainingData
from training.weights import sha256_of


def write_card(
    checkpoint: Path, history: History, data: TrainingData, status: str
) -> dict[str, Any]:
    """Write the card of the best epoch beside its checkpoint, and return it.

    Args:
        checkpoint: the weights of the best epoch.
        history: of the training.
        data: what was learnt from.
        status: "done", "stopped_early" or "stopped".
    """
    plan, best = history.plan, history.best()
    if best is None:
        raise ValueError("a training without an epoch has no card")
    card = {
        "checkpoint": checkpoint.name,
        "sha256": sha256_of(checkpoint),
        "system": plan.system,
        "classes": [category.name for category in data.train.categories],
        "train": _described(data.train),
        "val": _described(data.val),
        "seed": plan.seed,
        "settings": dict(plan.settings),
        "versions": dict(history.versions),
        "started": history.started,
        "seconds": round(history.seconds, 1),
        "status": status,
        "epochs": len(history.epochs),
        "planned_epochs": plan.epochs,
        "best_epoch": best.epoch,
        "chosen_by": plan.goal,
        "scores": dict(best.values),
        "notes": list(history.notes),
    }
    write_json(beside(checkpoint, "card"), card)
    return card


def _described(dataset: Dataset) -> dict[str, object]:
    return {
        "dataset": dataset.name,
        "split": dataset.split,
        "images": len(dataset.images),
        "sha256": dataset.source.sha256,
    }
