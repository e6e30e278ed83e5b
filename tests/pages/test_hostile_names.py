"""Names from data are text on every page: a store in which each name is an attack."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from core.store.connection import Store
from pages.ui import shell
from pages.ui.words import literal

PAGES = ["Home.py", *(f"pages/{path.name}" for path in shell.page_files())]
LINK, IMAGE, COLOUR = "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", ":red[r] **b**"
PARTS = (LINK, IMAGE, COLOUR)
ATTACK = f"{LINK}{IMAGE}{COLOUR}"
# what a link asks for
CHOICES = {
    "nothing": {},
    "two runs and a class": {
        "dataset": f"pets{ATTACK}",
        "split": "val",
        "runs": [f"sharp{ATTACK}", f"shifted{ATTACK}"],
        "class": f"dog{ATTACK}",
    },
}
# table -> column; what people or files call things
NAMES = {
    "dataset": "name",
    "category": "name",
    "image": "name",
    "image_tag": "tag",
    "rejected": "message",
}
RUN_NAMES = ("name", "system", "weights")
# what Streamlit reads as Markdown, by the name of the field
MARKDOWN = {"body", "label", "help", "caption", "captions", "delta", "content", "text"}
# what it shows as it is, or gives to a component or chart that does
PLAIN = {"Code", "Json", "Arrow", "BidiComponent", "PlotlyChart", "ArrowVegaLiteChart", "Text"}


@pytest.fixture(scope="module")
def hostile(full, tmp_path_factory):
    """The store with everything, every name followed by the attack."""
    path = tmp_path_factory.mktemp("hostile") / "store.duckdb"
    shutil.copy(full, path)
    with Store.at(path).write() as cursor:
        for table, column in NAMES.items():
            cursor.execute(f"UPDATE {table} SET {column} = {column} || ?", [ATTACK])
        for column in RUN_NAMES:
            cursor.execute(f"UPDATE run SET {column} = {column} || ?", [ATTACK])
    return path


def elements(block) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def texts(message: Message) -> Iterator[str]:
    """Yield what Streamlit reads as Markdown of an element, as deep as it is nested."""
    if type(message).__name__ in PLAIN:
        return
    for field, value in message.ListFields():
        values = [value] if isinstance(value, str | bytes | Message) else value
        for each in values if isinstance(values, list) or field.is_repeated else ():
            if isinstance(each, Message):
                yield from texts(each)
            elif isinstance(each, str) and field.name in MARKDOWN:
                yield each


def shown(app) -> list[str]:
    protos = (getattr(each, "proto", None) for part in app._tree.children.values()
              for each in elements(part))  # fmt: skip
    return [text for proto in protos if isinstance(proto, Message) for text in texts(proto)]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("choice", CHOICES, ids=CHOICES)
def test_no_name_is_read_as_markup(open_page, hostile, page, choice):
    app = open_page(page, hostile, **CHOICES[choice])
    assert not app.exception
    told = shown(app)
    assert told
    read = [text for text in told if any(each in text.replace(literal(each), "") for each in PARTS)]
    assert read == []


def test_names_are_shown_all_the_same(open_page, hostile):
    told = shown(open_page("pages/15_Runs.py", hostile))
    assert literal(f"sharp{ATTACK}") in told


def test_a_name_in_a_command_is_one_word_of_it(open_page, hostile):
    app = open_page("pages/3_Class_IoU.py", hostile)
    commands = [shlex.split(each.value) for each in app.code if "core evaluate" in each.value]
    assert commands
    for command in commands:
        assert command[:4] == ["python", "-m", "core", "evaluate"]
        assert f"raw{ATTACK}" in command
