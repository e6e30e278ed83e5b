"""python -m training answer: single images, asked and answered over this process's pipes."""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading

from core.commands.frame import DONE, add_common_options
from core.errors import UsageError
from core.exchange import Message, receive, send
from training.answering import Answering, Tell
from training.presets import FRAMEWORKS, NO_FRAMEWORK

DESCRIPTION = "answer single images for the page Try a system, over standard input and output"
EXAMPLE = "python -m training answer torch --idle 900"
GIB = 2**30


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "framework",
        choices=(*FRAMEWORKS, NO_FRAMEWORK),
        help="whose systems: frameworks never share a process",
    )
    parser.add_argument(
        "--idle",
        type=float,
        default=900,
        metavar="SECONDS",
        help="end after this long without a request (default: 900)",
    )
    parser.add_argument(
        "--keep",
        type=int,
        default=12,
        metavar="N",
        help="systems that stay loaded, those used last (default: 12)",
    )
    parser.add_argument(
        "--memory",
        type=float,
        default=6,
        metavar="GIB",
        help="of memory; where the process grows larger, only the last system stays (default: 6)",
    )
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Answer until nobody asks any more, or whoever asked is gone."""
    if options.keep < 1 or options.idle <= 0 or options.memory <= 0:
        raise UsageError("--keep, --idle and --memory are at least 1 and more than 0.")
    if sys.stdin.isatty():
        raise UsageError(
            "This command speaks with the dashboard over pipes, not with people: open the page "
            "Try a system, or predict a whole split with `python -m training predict`."
        )
    replies = _keep_for_replies()
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()

    def tell(what: str) -> None:
        send(replies, Message({"doing": what}))

    _import(options.framework, tell)
    send(replies, Message({"reply": "ready"}))
    answering = Answering(options.framework, options.keep, int(options.memory * GIB))
    while True:
        try:
            request = requests.get(timeout=options.idle)
        except queue.Empty:
            return DONE
        send(replies, answering.reply(request, tell))


def _listen(requests: queue.SimpleQueue[Message]) -> None:
    """Take requests in; the end of the pipe is the end of whoever asked, however it ended.

    So this process ends at once then, also in the midst of an answer that nobody reads.
    """
    try:
        while True:
            requests.put(receive(sys.stdin.fileno()))
    except (EOFError, OSError, ValueError):
        os._exit(DONE)


def _keep_for_replies() -> int:
    """Return where replies go; what libraries print goes to standard error from here on."""
    replies = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # the process may end in the midst of an answer: what was printed is not to wait in a buffer
    sys.stdout.reconfigure(line_buffering=True)
    return replies


def _import(framework: str, tell: Tell) -> None:
    """Import what all systems of a framework need; the rest comes with each."""
    tell(f"importing {framework}")
    if framework == "tensorflow":
        from training.stages.keras_start import import_keras

        import_keras()
    elif framework == "torch":
        from training.stages.yolov8 import prepare_library

        prepare_library()
        import torch  # noqa: F401
