"""What all commands share: options, exit statuses, errors as one paragraph."""

from __future__ import annotations

import argparse
import errno
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import (
    SHOWN_FAULTS,
    FaultyInputError,
    UsageError,
    WorkFailedError,
    told_faults,
)
from core.readers.faults import Fault

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add `--store` and `--debug`, which every command takes."""
    parser.add_argument(
        "--store",
        type=Path,
        metavar="PATH",
        help="the store (default: $EVALUATION_STORE, else results/evaluation.duckdb)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that read files from outside."""
    parser.add_argument(
        "--skip-bad", action="store_true", help="store the sound part, list the rest"
    )
    parser.add_argument(
        "--all-faults", action="store_true", help="list every fault found, not only the first ones"
    )
    parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")


def require_path(path: Path, *, folder: bool) -> None:
    """Refuse a path that is not there, or is a file where a folder is read, or the reverse.

    Raises:
        UsageError: saying what is there and what was expected.
    """
    wanted, other = ("a folder", "a file") if folder else ("a file", "a folder")
    if not path.exists():
        raise UsageError(f"{path} does not exist; expected {wanted}. Check the path and try again.")
    if path.is_dir() != folder:
        raise UsageError(f"{path} is {other}; expected {wanted} for this format.")


@contextmanager
def telling_faults(*, every: bool) -> Iterator[None]:
    """Let a faulty input tell all of its faults, if every one is wanted."""
    try:
        yield
    except FaultyInputError as error:
        if every:
            raise UsageError(error.told()) from error
        raise


def tell_left_out(faults: Sequence[Fault], *, every: bool) -> None:
    """Print what `--skip-bad` left out.

    Args:
        faults: of the entries that were left out.
        every: whether to print all, or of many the first of each kind.
    """
    lines = [str(fault) for fault in faults]
    for line in told_faults(lines, None if every else SHOWN_FAULTS):
        print(f"  left out: {line}")


def guarded(work: Callable[[], int], *, debug: bool) -> int:
    """Run `work` and return its exit status; errors become one paragraph on standard error.

    0 done, 1 the work failed or a limit was passed, 2 wrong usage or unusable input,
    130 stopped by Ctrl-C.
    """
    try:
        return work()
    except UsageError as error:
        return _explain(error, UNUSABLE, debug=debug)
    except WorkFailedError as error:
        return _explain(error, FAILED, debug=debug)
    except KeyboardInterrupt:
        print("Stopped. Nothing half done was kept.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output (head, less) has seen enough
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - the last net: a fault of ours, told without noise
        return _explain(error, FAILED, debug=debug, sentence=_unforeseen(error))


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        where = f" of {error.filename}" if error.filename else ""
        return (
            f"The disk{where} does not take what is written ({error.strerror}). Make room and "
            "start the same command again."
        )
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {error}). "
        "This is a fault of Overlook; --debug shows where it happened."
    )


def _explain(error: Exception, status: int, *, debug: bool, sentence: str = "") -> int:
    if debug:
        logging.getLogger("overlook").error("traceback of the error", exc_info=error)
    print(sentence or str(error), file=sys.stderr)
    return status
