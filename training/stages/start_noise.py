"""What libraries say on stderr while they are loaded, where nobody can do anything about it."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# as absl begins a line: severity, month and day, time, thread, file and line; and as Ray does
_REMARK = re.compile(rb"[IW]\d{4} [\d:.]+ +\d+ [\w.\-/]+:\d+\] |\[[\d\-]+ [\d:,]+ [IW] \d+ \d+\] ")
_FAULT = re.compile(rb"[EF]\d{4} [\d:.]+ +\d+ ")
_HEADING = b"WARNING: All log messages before absl::InitializeLog()"
# said as a fault on every machine without a graphics card; who asks for one is told by find_device
_NO_CARD = b"failed call to cuInit"
STDERR = 2


@contextmanager
def without_remarks() -> Iterator[None]:
    """Keep remarks and warnings in absl's or Ray's form from stderr; all else is shown at the end.

    TF_CPP_MIN_LOG_LEVEL does not hold for what TensorFlow's native code says before absl's log is
    set up, so its lines are taken from the file descriptor itself.
    """
    sys.stderr.flush()
    shown = os.dup(STDERR)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(shown, STDERR)
            os.close(shown)
            kept.seek(0)
            for line in kept:
                if not _is_remark(line):
                    os.write(STDERR, line)


def _is_remark(line: bytes) -> bool:
    if _FAULT.match(line):
        return _NO_CARD in line
    return line.startswith(_HEADING) or _REMARK.match(line) is not None
