"""The curves of a training on their way into the store, from its history."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import UsageError
from core.store.connection import Store
from core.store.queries.trainings import trainings
from core.store.training_rows import TrainingRecord, replace_training
from training.history import History, beside, read_history
from training.weights import sha256_of


def store_curves(store: Store, history: History, checkpoint: Path, status: str) -> None:
    """Store a training with at least one epoch, in place of what was stored of it before.

    Args:
        store: where the run that uses the weights will be.
        history: of the training.
        checkpoint: the weights of its best epoch.
        status: "done", "stopped_early" or "stopped".
    """
    plan, best = history.plan, history.best()
    if best is None:
        raise ValueError("a training without an epoch has no curves")
    started = datetime.fromisoformat(history.started)
    record = TrainingRecord(
        training_id=history.training_id,
        system=plan.system,
        dataset=plan.dataset,
        train_split=plan.train_split,
        val_split=plan.val_split,
        seed=plan.seed,
        settings=plan.settings,
        versions=history.versions,
        weights=checkpoint.name,
        weights_sha256=sha256_of(checkpoint),
        goal=plan.goal,
        best_epoch=best.epoch,
        planned_epochs=plan.epochs,
        seconds=history.seconds,
        status=status,
        started=started,
        finished=started + timedelta(seconds=history.seconds),
    )
    curves = [(each.epoch, {**each.values, "seconds": each.seconds}) for each in history.epochs]
    with store.write() as cursor:
        replace_training(cursor, record, curves, history.draws)


def store_curves_beside(store: Store, checkpoint: Path) -> bool:
    """Let the store learn how weights came to be from the files beside them, if they are there.

    Returns:
        Whether the store has the curves now. Files that are missing, damaged, or of other
        weights are no fault: the weights can be used without them.
    """
    sha256 = sha256_of(checkpoint)
    with store.read() as cursor:
        if len(trainings(cursor, sha256)):
            return True
    try:
        history = read_history(beside(checkpoint, "history"))
        card = json.loads(beside(checkpoint, "card").read_text(encoding="utf-8"))
        status = card["status"] if card["sha256"] == sha256 else None
    except (UsageError, OSError, ValueError, KeyError, TypeError):
        return False
    if status is None or not history.epochs:
        return False
    store_curves(store, history, checkpoint, status)
    return True
