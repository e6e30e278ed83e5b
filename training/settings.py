"""Settings of systems: frozen dataclasses that are options, help texts and JSON at once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, field, fields
from typing import Any

from core.errors import UsageError

KINDS = {"int": int, "float": float, "str": str, "bool": bool}
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def setting(default: float | str | bool, meaning: str) -> Any:  # noqa: ANN401, FBT001 - as dataclasses.field
    """Return a dataclass field with its default and a phrase that says what it does."""
    return field(default=default, metadata={"meaning": meaning})


def add_setting_options(parser: argparse.ArgumentParser, settings_type: type[Any]) -> None:
    """Add one option a field: `max_det` becomes `--max-det`, a bool also `--no-…`."""
    group = parser.add_argument_group("settings, kept with the run")
    for each in fields(settings_type):
        kind = _kind(each)
        # argparse fills in %(…)s
        meaning = f"{each.metadata['meaning']} (default: {_shown(each.default)})".replace("%", "%%")
        how: dict[str, Any] = {"type": kind, "metavar": kind.__name__.upper()}
        if kind is bool:
            how = {"action": argparse.BooleanOptionalAction}
        group.add_argument(_option(each), default=argparse.SUPPRESS, help=meaning, **how)


def chosen_settings(settings_type: type[Any], options: argparse.Namespace) -> Any:  # noqa: ANN401
    """Return the settings with what the options say.

    Raises:
        UsageError: a value is out of its range, as the dataclass says.
    """
    given = {
        each.name: getattr(options, each.name)
        for each in fields(settings_type)
        if hasattr(options, each.name)
    }
    return settings_type(**given)


def settings_from_text(
    settings_type: type[Any], assignments: Sequence[str], before: Mapping[str, object]
) -> Any:  # noqa: ANN401
    """Return the settings with what texts such as "lr=0.001" say; of one name the last counts.

    Args:
        settings_type: the dataclass.
        assignments: the texts.
        before: values by name, as `as_json` kept them, of what the texts say nothing of; names
            that are no longer among the fields are passed over.

    Raises:
        UsageError: a name is not among the fields, or a value is not of its kind or range.
    """
    kinds = {each.name: _kind(each) for each in fields(settings_type)}
    given = {name: value for name, value in before.items() if name in kinds}
    for text in assignments:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in kinds:
            raise UsageError(
                f"--set {text} names no setting; expected NAME=VALUE with one of the names "
                f"{', '.join(kinds)}."
            )
        given[name] = _value(name, kinds[name], value.strip())
    return settings_type(**given)


def as_json(settings: Any) -> dict[str, object]:  # noqa: ANN401 - a dataclass
    """Return settings as they are kept with a run."""
    return dict(asdict(settings))


def differences(stored: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Return each setting that differs, as "conf was 0.001, is 0.01 now"."""
    absent = object()
    return [
        f"{name} was {_told(stored.get(name, absent), absent)}, "
        f"is {_told(wanted.get(name, absent), absent)} now"
        for name in sorted({*stored, *wanted})
        if stored.get(name, absent) != wanted.get(name, absent)
    ]


def require_range(name: str, value: float, least: float, most: float) -> None:
    """Refuse a setting outside its range.

    Raises:
        UsageError: it is, or it is no number.
    """
    if not least <= value <= most:
        raise UsageError(f"--{name.replace('_', '-')} is {value}; expected {least} to {most}.")


def _value(name: str, kind: type, text: str) -> object:
    if kind is bool and text.lower() in TRUTHS:
        return TRUTHS[text.lower()]
    try:
        if kind is not bool:
            return kind(text)
    except ValueError:
        pass
    expected = {int: "a whole number", float: "a number", bool: "true or false"}[kind]
    raise UsageError(f"--set {name} is {text!r}; expected {expected}.")


def _kind(each: Field[Any]) -> type:
    name = each.type if isinstance(each.type, str) else each.type.__name__
    if name not in KINDS or each.default is MISSING:
        raise TypeError(
            f"setting {each.name} is {name}; expected {', '.join(KINDS)} with a default"
        )
    return KINDS[name]


def _option(each: Field[Any]) -> str:
    return f"--{each.name.replace('_', '-')}"


def _shown(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _told(value: object, absent: object) -> str:
    return "absent" if value is absent else json.dumps(value)
