"""The command line: python -m core COMMAND. See `core/commands`, one command a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from core import __version__
from core.commands.frame import UNUSABLE, add_common_options, guarded

# name -> module with DESCRIPTION, EXAMPLE, add_options(parser) and run(options) -> exit status
COMMANDS = {
    "import": "core.commands.import_dataset",
    "import-run": "core.commands.import_run",
    "import-history": "core.commands.import_history",
    "evaluate": "core.commands.evaluate",
    "scores": "core.commands.scores",
    "compare": "core.commands.compare",
    "leave-one-out": "core.commands.leave_one_out",
    "label-errors": "core.commands.label_errors",
    "report": "core.commands.report",
    "export": "core.commands.export",
    "validate-submission": "core.commands.validate_submission",
    "external": "core.commands.external",
    "runs": "core.commands.runs",
    "datasets": "core.commands.datasets",
    "properties": "core.commands.properties",
    "remove": "core.commands.remove",
    "check": "core.commands.check",
    "backup": "core.commands.backup",
    "restore": "core.commands.restore",
    "demo-data": "core.commands.demo_data",
    "bench": "core.commands.bench",
}


def build_parser(commands: Sequence[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """Return the parser of the named commands; only their modules are imported."""
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Overlook: import data and predictions, evaluate exactly, compare.",
    )
    parser.add_argument("--version", action="version", version=f"Overlook {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in commands:
        command = import_module(COMMANDS[name])
        child = subparsers.add_parser(
            name,
            help=command.DESCRIPTION,
            description=command.DESCRIPTION,
            epilog=f"example: {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_options(child)
        add_common_options(child)
        child.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    named = [argument for argument in arguments[:1] if argument in COMMANDS]
    try:
        options = build_parser(named or tuple(COMMANDS)).parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else UNUSABLE
    return guarded(lambda: int(options.run(options)), debug=options.debug)


if __name__ == "__main__":
    sys.exit(main())
