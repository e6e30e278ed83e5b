"""What core and systems tell in paragraphs on a page, as patterns with a field for each value.

A paragraph is what an error is raised with, what a fault says of its place, and each text beside
them that is put into one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).resolve().parents[2]
# what pages ask: all but what only commands do
ROOMS = ("readers", "store", "scoring", "evaluate", "geometry", "metrics", "report", "writers")
FILES = ("errors", "exchange", "external_scores", "jobs", "notes", "previews", "targets")
COMMANDS = ("format_options", "frame", "import_dataset", "import_run", "watched")
# what systems say that answer on a page, which reaches it as text from their process
TRAINING = ("answering", "classes", "packages", "weights", "systems/__init__")
STAGES = ("clip", "clip_small", "sam", "sam_embeddings", "sam_small", "sam_weights", "torch_device")
# in these every text is told: functions return what is wrong, and constants say what to do
TOLD_WHOLE = (
    "errors.py",
    "scoring/trial.py",
    "scoring/gaps.py",
    "readers/",
    "geometry/rle.py",
    "geometry/polygon.py",
)
TELLS = {
    *("UsageError", "FaultyInputError", "WorkFailedError", "Fault"),
    *("StoreMissingError", "StoreBusyError", "FaultyStoreError"),
}
# what only gives a value its form: the value has the name
FORMS = {"join", "len", "min", "max", "set", "str", "sorted", "map", "list", "shown", "_line"}
# the file or entry that a text is of
AT_ITS_PLACE = re.compile(r"^\{\w+\}: ")
NONE = "none"
SOME_WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z]* [^A-Za-z]*[A-Za-z]{2,}")


def modules() -> list[Path]:
    """Return the files of the core whose paragraphs may reach a page."""
    core = ROOT / "core"
    named = [core / f"{name}.py" for name in FILES]
    named += [core / "commands" / f"{name}.py" for name in COMMANDS]
    training = ROOT / "training"
    named += [training / f"{name}.py" for name in TRAINING]
    named += [training / "stages" / f"{name}.py" for name in (*STAGES, "yolov8")]
    return sorted(named + [path for room in ROOMS for path in (core / room).rglob("*.py")])


def paragraphs() -> dict[str, str]:
    """Return each paragraph with the place where it stands; fields by other names are the same."""
    found: dict[str, str] = {}
    shapes: set[str] = set()
    for path in modules():
        inside = path.relative_to(ROOT).as_posix().removeprefix("core/")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = _all_texts(tree) if inside.startswith(TOLD_WHOLE) else _raised(tree)
        for text in told:
            pattern = AT_ITS_PLACE.sub("", pattern_of(text)).strip(" ;")
            shape = re.sub(r"\{\w+\}", "{}", pattern)
            if shape not in shapes and (
                shape == NONE or SOME_WORDS.search(shape.replace("{}", ""))
            ):
                shapes.add(shape)
                found[pattern] = f"{path.relative_to(ROOT)}:{text.lineno}"
        if inside.startswith(TOLD_WHOLE):
            found |= dict.fromkeys(_counts(tree), str(path.relative_to(ROOT)))
    return found


def _counts(tree: ast.Module) -> Iterator[str]:
    """What `core.words.counted` makes of its nouns."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) == "counted":
            nouns = [each.value for each in call.args if isinstance(each, ast.Constant)]
            yield from (f"{{number}} {noun}" for noun in [*nouns, *(f"{n}s" for n in nouns)][:2])


def _raised(tree: ast.Module) -> Iterator[ast.expr]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) in TELLS:
            for argument in call.args:
                yield from _texts(argument)


def _all_texts(tree: ast.Module) -> Iterator[ast.expr]:
    """The texts of functions without their docstrings, and constants that are a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for statement in node.body:
                if not (
                    isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
                ):
                    yield from _texts(statement)
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Tuple):
            yield from _texts(statement.value)


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """The whole texts of a part of the code, and those inside of their values too."""
    if isinstance(node, ast.Constant):
        yield from [node] if isinstance(node.value, str) else []
        return
    if isinstance(node, ast.JoinedStr) or _is_sum_of_texts(node):
        yield node
        for part in _parts(node):
            if not isinstance(part, str):
                yield from _texts(part)
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _is_sum_of_texts(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and any(isinstance(part, str) for part in _parts(node))


def _parts(text: ast.expr) -> list[str | ast.expr]:
    """The parts of a text in their order: what is written, and the values."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return [text.value]
    if isinstance(text, ast.JoinedStr):
        return [part for each in text.values for part in _parts(each)]
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        return [*_parts(text.left), *_parts(text.right)]
    return [text.value if isinstance(text, ast.FormattedValue) else text]


def pattern_of(text: ast.expr) -> str:
    """Return a text with a named field for each value; values side by side are one."""
    names: list[str] = []
    told, after_value = "", False
    for part in _parts(text):
        if isinstance(part, str):
            told += part.replace("{", "{{").replace("}", "}}")
        elif not after_value:
            name = _field(part)
            names.append(name)
            told += f"{{{name}_{names.count(name)}}}" if names.count(name) > 1 else f"{{{name}}}"
        after_value = not isinstance(part, str)
    return told


def _field(value: ast.expr) -> str:
    """A name for a value: its variable's, its attribute's, or what it is made of."""
    if isinstance(value, ast.Call):
        name = _name(value.func)
        return _field(value.args[-1]) if name in FORMS and value.args else name
    if isinstance(value, ast.Attribute):
        return _field(value.value) if value.attr == "__name__" else value.attr.strip("_")
    if isinstance(value, ast.Name):
        return value.id.strip("_")
    inner = [each for each in ast.iter_child_nodes(value) if isinstance(each, ast.expr)]
    return _field(inner[0]) if inner else "value"


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr.strip("_")
    return function.id.strip("_") if isinstance(function, ast.Name) else "value"
