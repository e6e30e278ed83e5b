"""A dashboard of its own, what it wrote down, and how much memory it has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.conftest import free_port, wait_until_healthy

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A running dashboard."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Take what was started."""
        self.url, self._process, self._log = url, process, log

    def megabytes(self) -> float:
        """Return the memory that the process itself holds (resident set size)."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu_seconds(self) -> float:
        """Return the processor time that it has taken."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def faults(self) -> list[str]:
        """Return what it wrote of errors."""
        ended = self._process.poll()
        found = [] if ended is None else [f"the server ended with {ended}"]
        lines = self._log.read_text(errors="replace").splitlines()
        return found + [line for line in lines if "Traceback" in line or "Error" in line]


@contextmanager
def serving(store: Path, folder: Path) -> Iterator[Server]:
    """Run a dashboard over a store; its log is kept in a folder."""
    port, log = free_port(), folder / "log.txt"
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", f"--server.port={port}"]
    environment = {**os.environ, "EVALUATION_STORE": str(store)}
    with log.open("w") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=written
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(url, process)
            yield Server(url, process, log)
        finally:
            process.terminate()
            process.wait(timeout=30)
