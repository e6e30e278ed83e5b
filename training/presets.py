"""How a system can be tried at once: weights that are here, and settings that fit them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product

from training.demo_plans import PLANS
from training.feed import Photographs, feed_type
from training.protocol import System
from training.settings import add_setting_options, as_json, chosen_settings
from training.weights import local_weights

DEMO = "demo weights"
# packages by which a system's process is known: frameworks never share one
FRAMEWORKS = ("tensorflow", "torch")
NO_FRAMEWORK = "none"


@dataclass(frozen=True)
class Preset:
    """One way to load a system.

    Attributes:
        name: what it is called.
        weights: stage to the name of a file that is here.
        settings: name to value, all of them.
    """

    name: str
    weights: dict[str, str]
    settings: dict[str, object]


def framework_of(kind: type[System]) -> str:
    """Return the framework that a system is written in: "tensorflow", "torch" or "none"."""
    return next((each for each in FRAMEWORKS if each in kind.packages), NO_FRAMEWORK)


def answers_photographs(kind: type[System]) -> bool:
    """Return whether a system answers an image by itself, not from other systems' runs."""
    feed: type = feed_type(kind)
    return issubclass(feed, Photographs)


def described(name: str, kind: type[System]) -> dict[str, object]:
    """Return a system as `list --json` prints it; no framework is imported."""
    return {
        "system": name,
        "title": kind.title,
        "stages": list(kind.stages),
        "framework": framework_of(kind),
        "single_images": answers_photographs(kind),
        "any_words": "clip" in kind.stages,
        "segments_prompts": "sam" in kind.stages,
        "presets": [asdict(each) for each in presets_of(name, kind)],
    }


def presets_of(name: str, kind: type[System]) -> list[Preset]:
    """Return the ways to load a system with weights that are here, the demo's first."""
    demo = _demo(name, kind)
    of_demo = set(demo.weights.values()) if demo else set()
    here = [
        [path.name for path in local_weights(need) if path.name not in of_demo]
        for need in kind.weights
    ]
    settings = as_json(kind.settings_type())
    stages = [need.stage for need in kind.weights]
    others = [
        Preset(" + ".join(files), dict(zip(stages, files, strict=True)), settings)
        for files in product(*here)
    ]
    return [*([demo] if demo else []), *others]


def _demo(name: str, kind: type[System]) -> Preset | None:
    """Return what the demo tells a system, if its weights are here."""
    plans = [plan for plan in PLANS if plan.system == name and not plan.oracle and not plan.fitted]
    if not plans:
        return None
    options = _parsed(kind, plans[0].options)
    given = dict(text.split("=", 1) for text in options.weights)
    weights = {need.stage: given.get(need.stage, need.default) for need in kind.weights}
    for need in kind.weights:
        if weights[need.stage] not in {path.name for path in local_weights(need)}:
            return None
    return Preset(DEMO, weights, as_json(chosen_settings(kind.settings_type, options)))


def _parsed(kind: type[System], options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--weights", action="append", default=[])
    add_setting_options(parser, kind.settings_type)
    return parser.parse_args(options)
