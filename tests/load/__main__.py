"""Visitors click through a dashboard: python -m tests.load. Exit status 1 on an error or a leak.

Each is a session of its own, as a browser has it: every page that Streamlit offers, with runs,
classes and images at random, and some seconds to look at the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.store.rows import load_dataset
from tests.load.server import Server, serving
from tests.load.visitor import Offer, Seen, Visitor

MOST_SECONDS = 2.0  # of a page's answer, for 95 of 100
MOST_GROWTH = 150.0  # MB over the second half, when caches are full
SAMPLES = 60


@dataclass(frozen=True)
class Outcome:
    """What was measured.

    Attributes:
        seen: by all visitors.
        memory: (T, 2) minutes since the visitors came, and megabytes of the server.
        begun: megabytes before anybody came.
        cpu: seconds of processor time that the server took meanwhile.
        load: average number of processes that wanted a processor on the whole machine.
    """

    seen: Seen
    memory: np.ndarray
    begun: float
    cpu: float
    load: float

    @property
    def grown(self) -> float:
        """Megabytes that came in the second half, by a straight line through it."""
        minutes, megabytes = self.memory[len(self.memory) // 2 :].T
        slope = np.polyfit(minutes, megabytes, 1)[0]
        return float(slope * (minutes[-1] - minutes[0]))


def offer_of(store: Store) -> Offer:
    """Return what the split with most runs has."""
    with store.read() as cursor:
        runs = catalogue.runs(cursor)
    counted = runs.groupby(["dataset", "split"]).size()
    dataset, split = counted.idxmax()
    own = runs[(runs["dataset"] == dataset) & (runs["split"] == split)]
    whole = load_dataset(store, dataset, split)
    return Offer(
        dataset=dataset,
        split=split,
        runs=tuple(own["run"]),
        classes=tuple(category.name for category in whole.categories),
        images=tuple(image.id for image in whole.images),
    )


async def visits(server: Server, offer: Offer, options: argparse.Namespace) -> Outcome:
    """Let the visitors come, and look at the server's memory meanwhile."""
    seen, begun, cpu = Seen(), server.megabytes(), server.cpu_seconds()
    started = time.monotonic()
    until = started + 60 * options.minutes
    guests = [
        asyncio.create_task(Visitor(server.url, offer, seed, seen).visit(until, options.pause))
        for seed in range(options.sessions)
    ]
    memory, load = [], []
    while time.monotonic() < until:
        await asyncio.sleep(60 * options.minutes / SAMPLES)
        memory.append(((time.monotonic() - started) / 60, server.megabytes()))
        load.append(os.getloadavg()[0])
    await asyncio.gather(*guests)
    took = server.cpu_seconds() - cpu
    seen.faults += server.faults()
    return Outcome(seen, np.array(memory), begun, took, float(np.mean(load)))


def told(options: argparse.Namespace, outcome: Outcome) -> str:
    """Return the outcome in lines of text."""
    seconds = np.array([each for _, each in outcome.seen.answers])
    middle = outcome.memory[len(outcome.memory) // 2, 1]
    each = (middle - outcome.begun) / options.sessions
    work = 1000 * outcome.cpu / len(seconds)
    lines = [
        f"{options.sessions} sessions, {options.minutes:g} minutes, a click every "
        f"{options.pause:g} s each; {os.cpu_count()} processors, load average {outcome.load:.1f}",
        f"  pages answered    {len(seconds):,}",
        f"  page, seconds     p50 {np.percentile(seconds, 50):.2f}, "
        f"p95 {np.percentile(seconds, 95):.2f}, longest {seconds.max():.2f}",
        f"  work, CPU ms      {work:.0f} a page in the server",
        f"  memory, MB        {outcome.begun:.0f} before, {middle:.0f} at half time "
        f"({each:.1f} a session), {outcome.memory[-1, 1]:.0f} at the end",
        f"  grown, MB         {outcome.grown:+.0f} over the second half",
        *slowest(outcome.seen),
        f"  faults            {len(outcome.seen.faults)}",
    ]
    return "\n".join([*lines, *(f"  - {fault}" for fault in sorted(set(outcome.seen.faults))[:20])])


def slowest(seen: Seen) -> list[str]:
    """Return a line for each page, the slowest first."""
    pages: dict[str, list[float]] = {}
    for page, seconds in seen.answers:
        pages.setdefault(page, []).append(seconds)
    ordered = sorted(pages.items(), key=lambda each: -float(np.percentile(each[1], 95)))
    return [
        f"    {page:<16}{len(found):>5} answers, p50 {np.percentile(found, 50):.2f}, "
        f"p95 {np.percentile(found, 95):.2f}"
        for page, found in ordered
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one trial and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=20, help="visitors at once (20)")
    parser.add_argument("--minutes", type=float, default=15.0, help="how long (15)")
    parser.add_argument("--pause", type=float, default=30.0, help="seconds between clicks (30)")
    parser.add_argument("--store", type=Path, help="by default that of the demo")
    options = parser.parse_args(arguments)
    store = store_path(options.store)
    with tempfile.TemporaryDirectory() as folder, serving(store, Path(folder)) as server:
        outcome = asyncio.run(visits(server, offer_of(Store.at(store)), options))
    print(told(options, outcome))
    slow = np.percentile([each for _, each in outcome.seen.answers], 95) > MOST_SECONDS
    return int(bool(outcome.seen.faults) or bool(slow) or outcome.grown > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
