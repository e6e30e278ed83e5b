"""Which engine does the work: options of the command, settled before anything is started."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError

LOCAL, RAY = "local", "ray"
# options that only make sense with a cluster: attribute to option
ONLY_RAY = {
    "address": "--address",
    "parts": "--parts",
    "workers": "--workers",
    "worker_cpus": "--worker-cpus",
}


@dataclass(frozen=True)
class Cluster:
    """What is asked of Ray.

    Attributes:
        address: of an existing cluster, or None for one of this machine alone.
        parts: folder or address that all machines share, or None for the spool beside the store.
        workers: how many actors, or None for as many as there is room for.
        cpus: processors of each.
        device: "auto" or "cpu".
    """

    address: str | None
    parts: str | None
    workers: int | None
    cpus: int
    device: str


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("where the work is done")
    group.add_argument(
        "--engine",
        choices=(LOCAL, RAY),
        default=LOCAL,
        help="local: this process; ray: workers on this machine or a cluster (default: local)",
    )
    group.add_argument(
        "--address",
        help="of a running Ray cluster, such as auto or 10.0.0.1:6379 (default: Ray is started on "
        "this machine alone)",
    )
    group.add_argument(
        "--parts",
        metavar="URI",
        help="where workers write what they answer: a folder that all machines share, or such as "
        "s3://bucket/folder (default: beside the store)",
    )
    group.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="how many (default: one a graphics card, else all processors)",
    )
    group.add_argument(
        "--worker-cpus", type=int, metavar="N", help="processors, and threads, of each (default: 1)"
    )


def wanted_cluster(options: argparse.Namespace) -> Cluster | None:
    """Return what is asked of Ray, or None where this process does the work.

    Raises:
        UsageError: options contradict each other.
    """
    given = [option for name, option in ONLY_RAY.items() if getattr(options, name) is not None]
    if options.engine == LOCAL:
        if given:
            raise UsageError(f"{given[0]} is for a cluster; add --engine ray, or leave it out.")
        return None
    for option, number in (("--workers", options.workers), ("--worker-cpus", options.worker_cpus)):
        if number is not None and number < 1:
            raise UsageError(f"{option} is {number}; expected 1 or more.")
    if options.device not in ("auto", "cpu"):
        raise UsageError(
            f"--device is {options.device}, but Ray chooses each worker's graphics card; expected "
            "auto or cpu with --engine ray."
        )
    parts = options.parts
    if parts and "://" not in parts:
        parts = str(Path(parts).expanduser().absolute())
    return Cluster(
        options.address, parts, options.workers, options.worker_cpus or 1, options.device
    )
