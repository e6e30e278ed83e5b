"""Kill writers while readers read, and count: python -m tests.stress. Exit status 1 on a fault."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.stress.trial import Outcome, Plan, Trial


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one trial and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("--writers", type=int, default=4, help="processes that write (4)")
    parser.add_argument("--readers", type=int, default=8, help="processes that read (8)")
    parser.add_argument("--kills", type=int, default=16, help="writers killed by signal 9 (16)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--images", type=int, default=40_000, help="images of the split (40000)")
    plan = Plan(**vars(parser.parse_args(arguments)))
    with tempfile.TemporaryDirectory() as folder:
        outcome = Trial(Path(folder), plan).run()
    print(told(plan, outcome))
    return int(bool(outcome.faults))


def told(plan: Plan, outcome: Outcome) -> str:
    """Return the outcome in lines of text."""
    p50, p95, longest = np.percentile(outcome.read_ms, [50, 95, 100])
    lines = [
        f"{plan.writers} writers, {plan.readers} readers, {outcome.seconds:.0f} s, "
        f"{plan.kills} kills by signal 9",
        f"  acknowledged commits   {outcome.commits:,}",
        f"  rows, each there once  {outcome.rows:,}",
        f"  reads                  {len(outcome.read_ms):,}",
        f"  read, milliseconds     p50 {p50:.0f}, p95 {p95:.0f}, longest {longest:.0f}",
        f"  faults                 {len(outcome.faults)}",
    ]
    return "\n".join([*lines, *(f"  - {fault}" for fault in outcome.faults)])


if __name__ == "__main__":
    sys.exit(main())
