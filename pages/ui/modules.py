"""Component scripts: several small modules in, the one script that Streamlit takes out."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def joined(entry: Path) -> str:
    """Return a module and all it imports as one script, what is imported first.

    Streamlit serves a component's script from memory, where relative imports lead nowhere.
    The modules stay importable one by one, which is how their tests use them. Imports name
    what they take (`import { a, b } from "./c.js";`) and top-level names are unique across
    the modules of a component.
    """
    return "\n".join(_texts(entry.resolve(), set()))


def _texts(path: Path, seen: set[Path]) -> list[str]:
    if path in seen:
        return []
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    imported = [
        part
        for name in _IMPORT.findall(text)
        for part in _texts((path.parent / name).resolve(), seen)
    ]
    return [*imported, _EXPORT.sub("", _IMPORT.sub("", text))]
