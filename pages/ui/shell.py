"""What every page stands in: navigation, filters and, where there is one, the gate.

The first line of every page is `shell()`. Home.py runs the chosen page inside the shell; but
Streamlit may run a page without Home.py (a deep link to a freshly started server, a test), so
the page draws the shell itself where nobody did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import address, language, selection, sign_in
from pages.ui.language import say
from pages.ui.links import SHARED

ROOT = Path(__file__).resolve().parents[2]
ICON = Path(__file__).with_name("icon.svg")
LOGO = Path(__file__).with_name("logo.svg")
STYLE = Path(__file__).with_name("shell.css")
_DRAWN = "overlook_shell_drawn"

# Called before anything is drawn, on every page however it was reached; a gate ends the run with
# st.stop().
GATES: list[Callable[[], None]] = [sign_in.gate]


@dataclass(frozen=True)
class App:
    """What stands in the shell.

    Attributes:
        home: draws the start page.
        choices: what the filters offer.
        root: the folder that holds `pages`.
        more_filters: draws what else stands in the sidebar.
    """

    home: Callable[[], None]
    choices: selection.Choices
    root: Path = ROOT
    more_filters: Callable[[], None] = lambda: None


def shell(app: App | None = None) -> None:
    """Draw the shell, unless `run` already did in this run of the script.

    Args:
        app: by default the product itself.
    """
    if not getattr(get_script_run_ctx(), _DRAWN, False):
        _frame(app or _product())


def run(app: App | None = None) -> None:
    """Draw the shell and run the chosen page in it: all that Home.py does."""
    page, page_asks = _frame(app or _product())
    context = get_script_run_ctx()
    setattr(context, _DRAWN, True)
    try:
        page.run()
        # a page that ended early has not drawn all that its link may speak of
        address.name_unmet(page_asks)
    finally:
        setattr(context, _DRAWN, False)


def page_files(root: Path = ROOT) -> list[Path]:
    """Return the pages in the order of their numbers; `10_` comes after `9_`."""
    numbered = [path for path in (root / "pages").glob("*.py") if path.stem[:1].isdigit()]
    return sorted(numbered, key=lambda path: int(path.stem.split("_")[0]))


def page_title(path: Path) -> str:
    """Return the words of a page's file name, as in `3_Class_IoU.py`: "Class IoU"."""
    return path.stem.split("_", 1)[1].replace("_", " ")


def _product() -> App:
    # imported late: the start page leads to other pages, which stand in the shell
    from pages.ui import home, image_filter, notebook, store

    def below() -> None:
        image_filter.draw()
        notebook.save_view()

    return App(home.home, store, more_filters=below)


def _frame(app: App) -> tuple[st.Page, address.Asked]:
    """Draw the frame; return the chosen page and what the address asks of it alone."""
    for gate in GATES:
        gate()
    # no page_title: it would overrule the pages' own
    st.set_page_config(page_icon=str(ICON), layout="wide")
    st.logo(str(LOGO), icon_image=str(ICON), size="large")
    st.html(STYLE)
    pages = [st.Page(path, title=say(page_title(path))) for path in page_files(app.root)]
    chosen = st.navigation(
        [st.Page(app.home, title=say("Home"), url_path="", default=True), *pages], expanded=True
    )
    # beginning anew before the page is known would lead to the start page
    address.in_language()
    asked = address.newly_asked()
    selection.draw(app.choices)
    app.more_filters()
    language.draw()
    shared = {name: asked.pop(name) for name in SHARED if name in asked}
    address.name_unmet(shared)
    return chosen, asked
