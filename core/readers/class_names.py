"""Files that name classes: a name a line, or the data.yaml of a YOLO data set."""

from __future__ import annotations

from pathlib import Path

import yaml

from core.errors import UsageError
from core.readers.faults import shown
from core.readers.json_file import is_writable, read_file

ENDINGS = (".yaml", ".yml")
MOST_BYTES = 1_000_000
MOST_LEVELS = 50


def read_class_names(path: Path) -> list[str]:
    """Return the names of the classes 0, 1, ….

    Args:
        path: a text file with a name a line, or YAML with `names`, a list or {0: name, …}.

    Raises:
        UsageError: it cannot be read, or a name is missing or given twice.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} could not be read as a list of class names: {error}") from error
    named = path.suffix.lower() in ENDINGS
    names = _yaml_names(path, text) if named else [line.strip() for line in text.splitlines()]
    names = [name for name in names if name]
    if not names or not all(map(is_writable, names)):
        raise UsageError(f"{path} holds no names that can be stored; expected a class name a line.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{path} names the class {twice!r} twice; class names must be unique.")
    return names


def _yaml_names(path: Path, text: str) -> list[str]:
    if len(text) > MOST_BYTES:
        raise UsageError(f"{path} has {len(text)} characters; expected at most {MOST_BYTES}.")
    try:
        _refuse_endless(path, text)
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{path} could not be read as YAML: {reason}") from error
    names = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, dict) and list(names) == list(range(len(names))):
        names = list(names.values())
    if not isinstance(names, list) or not all(type(name) in (str, int) for name in names):
        raise UsageError(
            f"{path}: 'names' is {shown(names)}; expected a list of class names, or names by "
            "number from 0 without a gap, in their order."
        )
    return [str(name).strip() or "?" for name in names]


def _refuse_endless(path: Path, text: str) -> None:
    """Refuse what takes without end to load.

    An alias repeats what it stands for, again and again where aliases hold aliases; and for every
    word PyYAML looks at all levels that are open.
    """
    level = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(f"{path} has YAML aliases (*name). Write the names out.")
        opens = isinstance(event, yaml.CollectionStartEvent)
        level += opens - isinstance(event, yaml.CollectionEndEvent)
        if level > MOST_LEVELS:
            raise UsageError(
                f"{path} nests lists or maps more than {MOST_LEVELS} deep; expected 'names', a "
                "list of class names."
            )
