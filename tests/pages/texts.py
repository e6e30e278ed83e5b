"""The texts of the pages as they stand in the code: what `say` is given, and what bypasses it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.metrics import AP_PROTOCOLS, METRICS, PIXEL_PROTOCOLS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "Home.py", *(ROOT / "pages").rglob("*.py")])
# what draws for pages, and is given their `say`
CHARTS = sorted((ROOT / "core" / "charts").glob("*.py"))
_IN_HTML = re.compile(r"\{\{(.+?)\}\}")
_IN_SCRIPT = re.compile(r"""\bsay\(\s*"((?:[^"\\]|\\.)*)\"""")
# what draws text, by the positions and names under which it takes any
_DRAWS = {
    *("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error"),
    *("success", "toast", "button", "link_button", "download_button", "selectbox", "multiselect"),
    *("radio", "segmented_control", "pills", "slider", "select_slider", "number_input", "metric"),
    *("text_input", "text_area", "toggle", "checkbox", "expander", "popover", "spinner", "tabs"),
    *("progress", "file_uploader", "status", "dialog"),
}
# the same in every language
_NAMES = {"Overlook", "JSON", "Parquet"}
_NAMED = {"help", "label", "placeholder", "alt", "text"}


def texts_of_pages() -> set[str]:
    """Return every text that pages and charts say: by `say`, `mark` or `counted`, or in HTML.

    The titles and rules of the metrics are among them.
    """
    texts = {*PIXEL_PROTOCOLS.values(), *AP_PROTOCOLS.values()}
    for metric in METRICS.values():
        texts |= {metric.title, metric.definition, metric.protocol}
    for path in [*PAGES, *CHARTS]:
        texts.update(_told(ast.parse(path.read_text(encoding="utf-8"))))
    for path in PAGES:
        texts.update({_title(path)} if path.stem[:1].isdigit() else ())
    for folder in (ROOT / "pages" / "ui").iterdir():
        for path in [*folder.glob("*.html"), *folder.glob("*.js")]:
            texts.update(_of_component(path))
    return texts


def bypassing(path: Path) -> list[str]:
    """Return the texts that a page draws without `say`, each with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"{path.relative_to(ROOT)}:{text.lineno}: {ast.unparse(text)}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for text in _drawn(call)
        if _has_words(text)
    ]


def _told(tree: ast.Module) -> Iterator[str]:
    named = {
        statement.targets[0].id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        given = [
            named.get(each.id, each) if isinstance(each, ast.Name) else each for each in call.args
        ]
        words = [text for each in given for text in _constants(each)]
        if call.func.id in ("say", "mark"):
            yield from words
        elif call.func.id == "counted" and words:
            yield words[0]
            yield words[1] if len(words) > 1 else f"{words[0]}s"


def _constants(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.IfExp):
        return [*_constants(argument.body), *_constants(argument.orelse)]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    return []


def _title(path: Path) -> str:
    return path.stem.split("_", 1)[1].replace("_", " ")


def _of_component(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        yield from _IN_HTML.findall(text)
    else:
        yield from (found.replace('\\"', '"') for found in _IN_SCRIPT.findall(text))


def _drawn(call: ast.Call) -> Iterator[ast.expr]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _DRAWS and call.args:
        yield call.args[0]
    yield from (named.value for named in call.keywords if named.arg in _NAMED)


def _has_words(text: ast.expr) -> bool:
    """Whether a literal says something in a language."""
    if isinstance(text, ast.BinOp):
        return _has_words(text.left) or _has_words(text.right)
    if isinstance(text, ast.JoinedStr):
        return any(_has_words(part) for part in text.values if isinstance(part, ast.Constant))
    written = text.value if isinstance(text, ast.Constant) else None
    if not isinstance(written, str) or written in _NAMES:
        return False
    return bool(re.search(r"[A-Za-z]{3}", written))
