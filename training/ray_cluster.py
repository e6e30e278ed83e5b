"""Ray, which is an extra: started on this machine alone, or an existing cluster that is joined.

A local one listens on 127.0.0.1 only, without a dashboard; no usage statistics leave the machine.
"""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from core.errors import UsageError, WorkFailedError
from training.packages import installed_version
from training.stages.start_noise import without_remarks

INSTALL = 'python -m pip install "ray[data]==2.60.0"'
OBJECT_STORE_BYTES = 2**28
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
# a cluster of machines is not wanted: all of Ray's servers then listen on the loopback alone
ONE_MACHINE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}


@dataclass(frozen=True)
class Share:
    """What each worker has of the cluster.

    Attributes:
        workers: how many there are.
        cpus: processors of each, which is also how many threads its sums take.
        gpus: graphics cards of each: 1 or 0.
    """

    workers: int
    cpus: int
    gpus: int


class Cluster:
    """A connection to Ray, made once a command; use `close`."""

    def __init__(self, address: str | None, least_cpus: int) -> None:
        """Connect, or start a Ray of this machine where no address is given.

        Args:
            address: as `ray.init` takes it, such as "auto" or "10.0.0.1:6379".
            least_cpus: processors that a local Ray offers at least, though there be fewer.

        Raises:
            UsageError: Ray is not installed.
            WorkFailedError: it cannot be reached or started.
        """
        require_ray()
        os.environ.update(QUIET)
        if not address:
            # other accounts of this machine do not get in
            os.environ.update(ONE_MACHINE, RAY_AUTH_TOKEN=secrets.token_hex(32))
        self._stack = ExitStack()
        import ray

        self.ray: Any = ray
        where: dict[str, Any] = {"address": address} if address else self._own(least_cpus)
        try:
            logging.getLogger("ray").setLevel(logging.ERROR)
            with without_remarks():
                ray.init(configure_logging=False, log_to_driver=False, **where)
        except Exception as error:
            self.close()
            place = f"The Ray cluster at {address}" if address else "Ray"
            raise WorkFailedError(
                f"{place} cannot be {'reached' if address else 'started'} ({_first(error)}). "
                "Expected the address of a running cluster whose head has this very version of "
                "Ray and Python, given on one of its machines, with RAY_AUTH_MODE=token where it "
                "asks for a token; or leave --address out to use this machine alone."
            ) from error
        self._stack.callback(ray.shutdown)
        self._quieten()

    def share(self, workers: int | None, cpus: int, *, graphics: bool) -> Share:
        """Return what each worker gets: a graphics card where there are some, else processors.

        Raises:
            UsageError: the cluster does not have as much.
        """
        there = self.ray.cluster_resources()
        cards = int(there.get("GPU", 0)) if graphics else 0
        room = int(there.get("CPU", 0)) // cpus
        most = min(cards, room) if cards else room
        if not 1 <= (workers or most) <= most:
            raise UsageError(
                f"--workers {workers or 1} with --worker-cpus {cpus} needs more than the cluster "
                f"has: {int(there.get('CPU', 0))} processors and {cards} graphics cards, so "
                f"{most} such workers. Give fewer of them, or fewer processors to each."
            )
        return Share(workers or most, cpus, 1 if cards else 0)

    def close(self) -> None:
        """Let go: a local Ray ends with all its workers, of a cluster ours end."""
        self._stack.close()

    def _own(self, least_cpus: int) -> dict[str, Any]:
        folder = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="overlook-", ignore_cleanup_errors=True)
        )
        return {
            "address": "local",
            "include_dashboard": False,
            "num_cpus": max(os.cpu_count() or 1, least_cpus),
            "object_store_memory": OBJECT_STORE_BYTES,
            "_temp_dir": folder,
        }

    def _quieten(self) -> None:
        from ray.data import DataContext

        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False


def require_ray() -> None:
    """Refuse to go on without Ray.

    Raises:
        UsageError: it is not installed.
    """
    if installed_version("ray") is None:
        raise UsageError(
            "--engine ray needs Ray, which is not installed here: it is an extra that the rest of "
            f"Overlook does without. Install it with {INSTALL}, here and on every machine of "
            "the cluster, or leave --engine out: this machine then does the work alone."
        )


def _first(error: Exception) -> str:
    lines = str(error).splitlines()
    with suppress(StopIteration):
        return next(line.strip() for line in lines if line.strip())
    return type(error).__name__
