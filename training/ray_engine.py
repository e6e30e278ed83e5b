"""A prediction job on a Ray cluster: chunks of images to actors, parts back into the store.

The driver hands out chunks by Ray Data and is the only one that writes the store. A worker that
dies is started again by Ray and answers its chunk anew; a part has the name of its chunk, so that
it is there once however often that happens.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from core.errors import UsageError, WorkFailedError
from core.store.part_folders import ENDING, PartFolder, folder_at, shown
from core.structures import ImageRecord
from training.collector import Collector
from training.engine import claimed_spool
from training.engine_options import Cluster as Wanted
from training.feed import Photographs
from training.job import about_rotation
from training.ledger import Attempt
from training.prediction_plan import Plan
from training.progress import Progress
from training.protocol import Outputs
from training.ray_cluster import Cluster
from training.ray_worker import Worker, as_chunk, describe, work_of
from training.signals import StopWish

# A part's images: so few that all workers have some, at most so many that little is done again.
MOST_IMAGES, CHUNKS_A_WORKER = 64, 4
MOST_BLOCKS = 4096
RETRIES = 3
LOOK_SECONDS = 0.2


class RayEngine:
    """The system in the actors of a Ray cluster, one a graphics card or share of processors."""

    def __init__(self, plan: Plan, wanted: Wanted) -> None:
        """Connect to the cluster, and load the system once to see what it is there.

        Raises:
            UsageError: Ray is not installed, or the system or cluster cannot do what is asked.
            WorkFailedError: the cluster cannot be reached.
        """
        self._wanted = wanted
        least = (wanted.workers or 1) * wanted.cpus
        self._cluster = Cluster(wanted.address, least)
        try:
            graphics = wanted.device != "cpu"
            self._share = self._cluster.share(wanted.workers, wanted.cpus, graphics=graphics)
            found = self._described(plan)
        except BaseException:
            self.close()
            raise
        self.outputs: Outputs = found["outputs"]
        self.device: str = found["device"]
        self.notes: tuple[str, ...] = found["notes"]

    def take_up(self, plan: Plan, attempt: Attempt) -> None:
        """Let the store take in what earlier attempts left beside it, and in the shared folder."""
        claimed_spool(plan, attempt)
        self._collector(plan, attempt).collect()

    def work(
        self,
        plan: Plan,
        attempt: Attempt,
        records: Sequence[ImageRecord],
        progress: Progress,
        wish: StopWish,
    ) -> None:
        """Answer images until all are done or somebody wishes to stop; all answers are stored."""
        collector, folder = self._collector(plan, attempt), self._folder(plan, attempt)

        def let_go() -> None:
            self.close()
            collector.collect()

        with attempt.told_if_broken(let_go):
            hosts: set[str] = set()
            told = False
            for reply in self._replies(plan, attempt, records, wish):
                self._require_sound(reply, plan, folder if reply["host"] not in hosts else None)
                hosts.add(reply["host"])
                collector.add(reply["name"])
                progress.update(reply["images"], reply["rejected"])
                if reply["turned"] and not told:
                    progress.say(about_rotation(reply["turned"]))
                    told = True
            if wish.received:
                let_go()
            collector.collect()

    def close(self) -> None:
        """Let go of the cluster, and end our workers; parts that are whole stay."""
        self._cluster.close()

    def _described(self, plan: Plan) -> dict[str, Any]:
        ray = self._cluster.ray
        share = self._share
        task = ray.remote(describe).options(num_cpus=share.cpus, num_gpus=share.gpus)
        found: dict[str, Any] = ray.get(task.remote(work_of(plan, self._wanted.device)))
        if found["fault"]:
            raise UsageError(_about(plan, found["fault"]))
        return found

    def _replies(
        self, plan: Plan, attempt: Attempt, records: Sequence[ImageRecord], wish: StopWish
    ) -> Iterator[dict[str, Any]]:
        """Yield what the workers say of each chunk, until somebody wishes to stop."""
        from ray.data import ActorPoolStrategy, from_items

        share, chunks = self._share, self._chunks(plan, attempt, records)
        if not chunks:
            return
        parts, below = self._place(plan, attempt)
        with warnings.catch_warnings():
            # Ray 2.60 names no other way to say how often a chunk is tried
            warnings.simplefilter("ignore")
            dataset = from_items(chunks, override_num_blocks=min(len(chunks), MOST_BLOCKS)).map(
                Worker,
                fn_constructor_args=(work_of(plan, self._wanted.device, parts, below),),
                compute=ActorPoolStrategy(size=min(share.workers, len(chunks))),
                num_cpus=share.cpus,
                num_gpus=share.gpus,
                max_task_retries=RETRIES,
            )
        yield from _watched(dataset, wish)

    def _chunks(
        self, plan: Plan, attempt: Attempt, records: Sequence[ImageRecord]
    ) -> list[dict[str, str]]:
        """Return the images in parts to be, whose names no other attempt gives."""
        size = _chunk_size(len(records), self._share.workers, plan.settings.batch)
        return [
            as_chunk(f"{attempt.number:06d}-{start:010d}{ENDING}", records[start : start + size])
            for start in range(0, len(records), size)
        ]

    def _require_sound(self, reply: dict[str, Any], plan: Plan, folder: PartFolder | None) -> None:
        """Refuse a fault, and parts that a worker wrote where this machine does not see them."""
        if reply["fault"]:
            raise WorkFailedError(_about(plan, reply["fault"]))
        if folder is not None and not folder.exists(reply["name"]):
            raise WorkFailedError(
                f"The worker on {reply['host']} wrote its part {reply['name']} into "
                f"{shown(self._wanted.parts or str(plan.folder))}, but this machine does not see "
                "it there: they do not share that folder. Name one that they share, or an object "
                "store, with --parts."
            )

    def _place(self, plan: Plan, attempt: Attempt) -> tuple[str, str]:
        """Return where parts go: the spool, or a folder that only this very run has."""
        if not self._wanted.parts:
            return str(plan.folder.absolute()), ""
        identity = hashlib.sha256(attempt.identity().encode()).hexdigest()
        return self._wanted.parts, f"{plan.run.name}-{identity[:12]}"

    def _folder(self, plan: Plan, attempt: Attempt) -> PartFolder:
        return folder_at(*self._place(plan, attempt))

    def _collector(self, plan: Plan, attempt: Attempt) -> Collector:
        return Collector(plan.store, attempt.run_id, self._folder(plan, attempt))


def require_photographs(plan: Plan) -> None:
    """Refuse a system that answers from the store, which is on this machine only.

    Raises:
        UsageError: it does.
    """
    if not isinstance(plan.feed, Photographs) or plan.feed.settings:
        raise UsageError(
            f"The run {plan.run.name!r} is answered from what the store holds (--oracle, or the "
            "runs of an ensemble's members), which workers on other machines do not have. Leave "
            "--engine ray out: it needs no graphics card."
        )


def _chunk_size(images: int, workers: int, batch: int) -> int:
    """Return how many images become one part: whole batches."""
    fair = math.ceil(images / (workers * CHUNKS_A_WORKER))
    return batch * max(1, math.ceil(min(fair, MOST_IMAGES) / batch))


def _watched(dataset: Any, wish: StopWish) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - Ray's
    """Yield the rows of a Ray data set while looking whether somebody wishes to stop."""
    rows: SimpleQueue[dict[str, Any] | BaseException | None] = SimpleQueue()

    def read() -> None:
        try:
            for row in dataset.iter_rows():
                rows.put(row)
            rows.put(None)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            rows.put(error)

    Thread(target=read, name="ray", daemon=True).start()
    while not wish.received:
        try:
            row = rows.get(timeout=LOOK_SECONDS)
        except Empty:
            continue
        if row is None:
            return
        if isinstance(row, BaseException):
            raise WorkFailedError(_gave_up(row)) from row
        yield row


def _about(plan: Plan, fault: str) -> str:
    return (
        f"The run {plan.run.name!r} cannot be answered by a worker {fault}. Every machine of the "
        "cluster needs Overlook, the same packages, the weights and the images at the same paths, "
        "such as on a shared disk. What was answered is stored; the same command goes on."
    )


def _gave_up(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (
        f"Ray gave up ({type(error).__name__}: {lines[0] if lines else 'no reason given'}): a "
        f"worker died {RETRIES + 1} times on the same images, perhaps for lack of memory, or the "
        "cluster is gone. What was answered is stored; mend the cause, such as too large a "
        "--batch, and give the same command again: it goes on with the rest."
    )
