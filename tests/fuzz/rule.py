"""What may come of a spoilt input: it is read, or refused in one paragraph; nothing else."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UsageError
from tests.fuzz.sample import Sample

LONGEST_PARAGRAPH = 6000  # twenty faults, each with its place
MOST_SECONDS = 20
# beyond what the process has when it begins: a header that claims more must not get it
MOST_MEMORY = 1 << 30


def tried(sample: Sample, folder: Path, path: str, content: bytes) -> str | None:
    """Read a sample with one file spoilt, and put the file back as it was.

    Returns:
        The paragraph of a refusal, or None if it was read.

    Raises:
        Exception: whatever a reader should not raise, or an AssertionError on the paragraph.
    """
    (folder / path).write_bytes(content)
    try:
        sample.read(folder)
    except UsageError as error:
        check_paragraph(str(error))
        return str(error)
    finally:
        (folder / path).write_bytes(sample.files[path])
    return None


def check_paragraph(told: str) -> None:
    """Hold a refusal to the form that a terminal can show."""
    assert told.strip(), "an empty message"
    assert "\n\n" not in told, f"more than a paragraph: {told!r}"
    assert len(told) <= LONGEST_PARAGRAPH, f"{len(told)} characters: {told[:500]!r}"
    unfit = {each for each in told if not (each.isprintable() or each == "\n")}
    assert not unfit, f"the message would control the terminal with {unfit}: {told!r}"


@contextmanager
def bounded() -> Iterator[None]:
    """Let what happens inside have no more than so much memory and time."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {MOST_SECONDS} s")

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_MEMORY, hard))
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
