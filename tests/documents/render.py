"""The documents and the docstrings as static HTML, which works offline; `make docs` writes it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from pathlib import Path

import pdoc
from pdoc import render_helpers

from tests.documents.reading import DOCUMENTS, ROOT, headings, text_of

TEMPLATES = Path(__file__).with_name("templates")
# of `training` what a system is made of; the systems themselves load their frameworks
MODULES = (
    *("core", "!core.commands", "!core.__main__"),
    *("training.protocol", "training.settings", "training.trainable"),
)
LINK = re.compile(r"(?<=\]\()((?!https?:)[^)\s]*)\.md(?=[#)])")


def render(folder: Path, modules: tuple[str, ...] = MODULES) -> None:
    """Write a page for each module and each document, and an index of both.

    Args:
        folder: to write into; what is there is written over.
        modules: as pdoc takes them.
    """
    # pdoc lets no module start a program while it looks at it, and h5py's asks `uname`
    os.environ["PDOC_ALLOW_EXEC"] = "1"
    pdoc.render.configure(docformat="google", template_directory=TEMPLATES, show_source=False)
    environment = pdoc.render.env
    environment.globals["documents"] = {address(name): title(name) for name in DOCUMENTS}
    environment.globals["readme"] = html("README.md")
    with warnings.catch_warnings():
        # the fields of a NamedTuple have their types where it stands, not where pdoc looks
        warnings.filterwarnings("ignore", "Error parsing type annotation ForwardRef", UserWarning)
        pdoc.pdoc(*modules, output_directory=folder)
    template = environment.get_template("document.html.jinja2")
    for name in DOCUMENTS:
        page = folder / address(name)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(template.render(name=name, text=html(name)), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "pictures", folder / "docs" / "pictures", dirs_exist_ok=True)


def html(document: str) -> str:
    """Return a document as HTML whose links lead to the pages of the others."""
    return str(render_helpers.to_html(LINK.sub(r"\1.html", text_of(document))))


def address(document: str) -> str:
    """Return where the page of a document lies in the folder."""
    return f"{document.removesuffix('.md')}.html"


def title(document: str) -> str:
    """Return the first heading of a document, with its language if that is not English."""
    heading = headings(text_of(document))[0].lstrip("# ")
    return f"{heading} (español)" if document.endswith(".es.md") else heading


if __name__ == "__main__":
    render(Path(sys.argv[1]))
