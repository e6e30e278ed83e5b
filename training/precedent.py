"""Training again as it was done before: the plan that stands in a checkpoint's history."""

from __future__ import annotations

from pathlib import Path

from core.errors import UsageError
from core.structures import Dataset
from training.history import Plan, beside, read_history
from training.weights import SHIPPED

NONE = "none"


def find_precedent(like: str | None, system: str, train: Dataset) -> Plan | None:
    """Return the plan to take settings, epochs and seed from where the user gives none.

    Args:
        like: a checkpoint with its history beside it; "none"; or None for the weights that ship
            with Overlook, if they were trained on these very images.
        system: to be trained.
        train: what it is to learn from.

    Raises:
        UsageError: the checkpoint has no history, or is of another system.
    """
    if like == NONE:
        return None
    if like is not None:
        return _plan_of(Path(like).expanduser(), system)
    shipped = sorted((SHIPPED / system).glob("*.history.json"))
    plans = [read_history(path).plan for path in shipped]
    same = [plan for plan in plans if plan.train_sha256 == train.source.sha256]
    return same[0] if same else None


def _plan_of(checkpoint: Path, system: str) -> Plan:
    history = beside(checkpoint, "history")
    if not history.exists():
        raise UsageError(
            f"--like is {checkpoint}, but {history} is not there, so nobody knows how it was "
            "trained. Name a checkpoint that `python -m training fit` made."
        )
    plan = read_history(history).plan
    if plan.system != system:
        raise UsageError(
            f"--like is {checkpoint}, a checkpoint of {plan.system}; expected one of {system}."
        )
    return plan
