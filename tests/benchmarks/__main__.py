"""The benchmark table: every row against the peers installed, in turns, with a check."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmarks.race import Timing

# what is measured -> module with rows(folder, images), an iterator of Timing
PARTS = {
    "browser": "tests.benchmarks.browser_rows",
    "detection": "tests.benchmarks.detection_rows",
    "growth": "tests.benchmarks.growth_rows",
    "job": "tests.benchmarks.job_rows",
    "maps": "tests.benchmarks.map_rows",
    "overlay": "tests.benchmarks.overlay_rows",
    "pages": "tests.benchmarks.page_rows",
    "resampling": "tests.benchmarks.resampling_rows",
    "scale": "tests.benchmarks.scale_rows",
    "store": "tests.benchmarks.store_rows",
}
IMAGES = 5000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if numbers disagree or a ratio is not reached."""
    parser = argparse.ArgumentParser(prog="python -m core bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--images", type=int, default=IMAGES, metavar="N", help="scale (5000)")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    parser.add_argument("--store", type=Path, help="for the part pages alone: look at this one")
    options = parser.parse_args(arguments)
    unknown = sorted({*options.parts} - {*PARTS})
    if unknown or options.images < 1:
        parser.error(f"no such part: {unknown}" if unknown else "--images must be 1 or more")
    if options.store and (options.parts != ["pages"] or not options.store.is_file()):
        parser.error("--store is for the part pages alone, and names a store's file")
    more = {"store": options.store.resolve()} if options.store else {}
    timings: list[Timing] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts or PARTS:
            for timing in import_module(PARTS[name]).rows(Path(folder), options.images, **more):
                timings.append(timing)
                if not options.json:
                    print(line(timing), flush=True)
    if options.json:
        print(json.dumps([as_json(each) for each in timings], indent=1))
    return int(any(each.agrees is False or each.reached is False for each in timings))


def line(timing: Timing) -> str:
    """Return a row of the table as Markdown."""
    ratio = "" if timing.ratio is None else f"{timing.ratio:.1f}"
    peer = "" if timing.peer_seconds is None else f"{timing.peer_seconds:.3g}"
    target = "" if timing.target is None else f"≥ {timing.target:g}"
    if timing.limit is not None:
        target = f"≤ {timing.limit:g} s"
    agrees = {None: "", True: "yes", False: "NO"}[timing.agrees]
    cells = (timing.work, timing.peer, f"{timing.seconds:.3g}", peer, ratio, target, agrees)
    return f"| {' | '.join((*cells, timing.note))} |"


def as_json(timing: Timing) -> dict[str, object]:
    """Return a row with the names that scripts hold on to."""
    return {
        "work": timing.work,
        "peer": timing.peer,
        "seconds": timing.seconds,
        "peer_seconds": timing.peer_seconds,
        "ratio": timing.ratio,
        "agrees": timing.agrees,
        "target": timing.target,
        "note": timing.note,
        "limit": timing.limit,
    }


if __name__ == "__main__":
    sys.exit(main())
