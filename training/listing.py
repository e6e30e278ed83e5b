"""python -m training list: the systems, their stages, and where their weights are."""

from __future__ import annotations

import argparse
import json

from core.commands.frame import DONE, add_common_options
from training.packages import installed_version
from training.presets import described
from training.protocol import System, WeightsNeed
from training.systems import SYSTEMS, system_type
from training.weights import ENVIRONMENT_VARIABLE, description_of, local_weights, weights_folder

DESCRIPTION = "the systems, their stages, the weights each needs and whether they are here"
EXAMPLE = "python -m training list"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="for programs: a list of systems")
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the systems; no framework is imported."""
    if options.json:
        print(json.dumps([described(name, system_type(name)) for name in SYSTEMS]))
        return DONE
    print(f"Weights are looked for in {weights_folder()} (${ENVIRONMENT_VARIABLE} changes it).")
    for name in SYSTEMS:
        print()
        print("\n".join(_lines(name, system_type(name))))
    return DONE


def _lines(name: str, kind: type[System]) -> list[str]:
    return [
        f"{name}: {kind.title}",
        f"  stages    {', then '.join(kind.stages)}",
        f"  packages  {', '.join(map(_installed, kind.packages))}",
        *(line for need in kind.weights for line in _about(need)),
    ]


def _installed(package: str) -> str:
    return f"{package} {installed_version(package) or '(not installed)'}"


def _about(need: WeightsNeed) -> list[str]:
    here = local_weights(need)
    others = ", ".join(name for name in need.known if name != need.default)
    also = f"; also {others}" if others else ""
    lines = [f"  weights   {need.stage}: {need.default} by default{also}"]
    lines += [f"            found: {path} ({description_of(path)})" for path in here]
    if need.default not in {path.name for path in here}:
        source = need.address_of(need.default) if need.address else "python -m training fit"
        lines.append(f"            not found: {need.default}; from {source}")
    return lines
