"""Fuzz the readers of JSON and run lengths: python -m tests.fuzz. Exit status 1 on a find.

The fuzzer runs in a process of its own, so that the end of the interpreter is seen as well.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.seeds import seeds

ROOT = Path(__file__).resolve().parents[2]
MOST_MEGABYTES = 2048
MOST_SECONDS = 20  # for one input
LONGEST_INPUT = 65_536
SHOWN_LINES = 30


def command(corpus: Path, finds: Path, seconds: int, seed: int) -> list[str]:
    """Return what starts libFuzzer."""
    limits = {
        "max_total_time": seconds,
        "rss_limit_mb": MOST_MEGABYTES,
        "timeout": MOST_SECONDS,
        "max_len": LONGEST_INPUT,
        "len_control": 0,  # inputs are files from the start, not cut down to a few bytes
        "keep_seed": 1,  # also of readers that share their ways with others
        "print_final_stats": 1,
        "seed": seed,
        "artifact_prefix": f"{finds}/",
    }
    options = [f"-{name}={value}" for name, value in limits.items()]
    return [sys.executable, "-m", "tests.fuzz.target", *options, str(corpus)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz for a while and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long (60)")
    parser.add_argument("--seed", type=int, default=1, help="of what is tried first (1)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        corpus, finds = Path(folder) / "corpus", Path(folder) / "finds"
        corpus.mkdir()
        finds.mkdir()
        for name, content in seeds().items():
            (corpus / name).write_bytes(content)
        done = subprocess.run(
            command(corpus, finds, options.seconds, options.seed),
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            check=False,
        )
        told = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
        found = sorted(finds.iterdir())
        grown = len(list(corpus.iterdir())) - len(seeds())
        print(summary(told, grown, len(found), options.seconds))
        for find in found:
            print(f"  - {find.name}: {find.read_bytes()[:2000]!r}")
        if done.returncode or found:
            print(f"the fuzzer ended with {done.returncode}:")
            print("\n".join(told.splitlines()[-SHOWN_LINES:]))
    return int(bool(done.returncode or found))


def summary(told: str, grown: int, found: int, seconds: int) -> str:
    """Return a line of libFuzzer's own statistics."""
    counts = dict(re.findall(r"stat::(\w+):\s+(\d+)", told))
    inputs = int(counts.get("number_of_executed_units", 0))
    return (
        f"{inputs:,} inputs in {seconds} s, {inputs / seconds:,.0f} a second; {grown} of them came "
        f"further than any before; at most {counts.get('peak_rss_mb', '?')} MB; finds: {found}"
    )


if __name__ == "__main__":
    sys.exit(main())
