"""The command line: python -m training COMMAND."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from core import __version__
from core.commands.frame import UNUSABLE, guarded

# name -> module with DESCRIPTION, EXAMPLE, add_options(parser) and run(options) -> exit status
COMMANDS = {
    "list": "training.listing",
    "fit": "training.fit",
    "preview": "training.preview",
    "predict": "training.predict",
    "answer": "training.answer",
    "demo": "training.demo",
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; no framework is imported."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Overlook: systems, and jobs that let them predict."
    )
    parser.add_argument("--version", action="version", version=f"Overlook {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = import_module(module)
        child = subparsers.add_parser(
            name,
            help=command.DESCRIPTION,
            description=command.DESCRIPTION,
            epilog=f"example: {command.EXAMPLE}",
        )
        command.add_options(child)
        child.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        options = build_parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else UNUSABLE
    return guarded(lambda: int(options.run(options)), debug=options.debug)


if __name__ == "__main__":
    sys.exit(main())
