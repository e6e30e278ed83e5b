"""Who does the work of a prediction job: this process, or workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.structures import ImageRecord
from training import spool
from training.job import Job
from training.ledger import Attempt
from training.prediction_plan import Plan
from training.progress import Progress
from training.protocol import Outputs, System
from training.signals import StopWish


class Engine(Protocol):
    """A system that is loaded somewhere, for all splits of a command."""

    @property
    def outputs(self) -> Outputs:
        """Return what its predictions hold, as loaded."""

    @property
    def device(self) -> str:
        """Return where it runs, as it is kept with the run."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the user should know before it starts, one sentence each."""

    def take_up(self, plan: Plan, attempt: Attempt) -> None:
        """Let the store take in what earlier attempts at a run left in its spool."""

    def work(
        self,
        plan: Plan,
        attempt: Attempt,
        records: Sequence[ImageRecord],
        progress: Progress,
        wish: StopWish,
    ) -> None:
        """Answer images until all are done or somebody wishes to stop; all answers are stored.

        Raises:
            WorkFailedError: it cannot go on; what was answered is kept.
            StoreBusyError: the store could not take in the last parts, which stay in the spool.
        """

    def close(self) -> None:
        """Let go of everything; may be called more than once."""


class LocalEngine:
    """The system in this very process."""

    def __init__(self, plan: Plan, device: str) -> None:
        """Load the system.

        Raises:
            UsageError: as the system says.
        """
        self._system: System = plan.kind(
            plan.settings,
            {stage: weights.path for stage, weights in plan.weights.items()},
            [category.name for category in plan.dataset.categories],
            device,
        )
        self.outputs = self._system.outputs
        self.device = self._system.device
        self.notes = tuple(self._system.notes)

    def take_up(self, plan: Plan, attempt: Attempt) -> None:
        """Let the store take in what earlier attempts at a run left in its spool."""
        self._spool = claimed_spool(plan, attempt)

    def work(
        self,
        plan: Plan,
        attempt: Attempt,
        records: Sequence[ImageRecord],
        progress: Progress,
        wish: StopWish,
    ) -> None:
        """Answer images until all are done or somebody wishes to stop; all answers are stored."""
        job = Job(
            system=self._system,
            class_count=len(plan.dataset.categories),
            feed=plan.feed,
            batch=plan.settings.batch,
            spool=self._spool,
            attempt=attempt,
        )
        job.work(records, progress, wish)

    def close(self) -> None:
        """Nothing is held that the process does not let go of."""


def claimed_spool(plan: Plan, attempt: Attempt) -> spool.Spool:
    """Return the spool of a run beside the store, whose parts are taken in; it is locked."""
    parts = spool.Spool(plan.store, attempt.run_id, plan.folder)
    parts.claim(attempt.identity())
    return parts
