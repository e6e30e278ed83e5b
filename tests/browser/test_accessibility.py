"""axe-core on every page, light and dark: no serious or critical violation, no heading left out."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.ui.shell import page_files
from tests.pages.made_up import full_store, singles_store

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["", *(path.stem.split("_", 1)[1] for path in page_files())]
JUDGED = "dataset=pets&split=val&runs=sharp&runs=shifted"
FILTERS = {
    "Digits": "dataset=singles&split=val",
    "Failures": "dataset=pets&split=val",  # runs that are not judged: the page says what to type
    "Runs": "run=sharp",
}
PATIENCE = 60_000  # milliseconds: on a machine with other work
GRAVE = ("serious", "critical")
GRAVE_HERE = ("heading-order",)  # axe calls it moderate

# Streamlit's own widgets too: none of them needs an exception
RUN = """async (rules) => {
  const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
  const found = await axe.run(document, {resultTypes: ["violations"], ...only});
  return found.violations.flatMap(({id, impact, nodes}) => nodes.map((node) => ({
    id, impact, target: node.target.flat().join(" "), html: node.html, why: node.failureSummary})));
}"""


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory) -> str:
    store = tmp_path_factory.mktemp("accessible") / "store.duckdb"
    full_store(store)
    singles_store(store)
    return serve(ROOT / "Home.py", store)


@pytest.fixture(scope="module")
def page(open_page):
    page = open_page(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    page.set_default_timeout(PATIENCE)
    axe = resources.files("axe_playwright_python") / "axe.min.js"
    page.add_init_script(axe.read_text(encoding="utf-8"))
    return page


def wait_until_drawn(page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    at_rest = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(at_rest).to_be_attached(timeout=PATIENCE)
    for unfinished in ("stSpinner", "stSkeleton"):
        expect(page.get_by_test_id(unfinished)).to_have_count(0, timeout=PATIENCE)
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")


def grave(page, *rules: str) -> list[str]:
    found = page.evaluate(RUN, list(rules))
    return [
        f"{each['id']} ({each['impact']}) at {each['target']}: {each['html']}\n{each['why']}"
        for each in found
        if each["impact"] in GRAVE or each["id"] in GRAVE_HERE
    ]


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_violation_light_or_dark(page, app, name) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{app}/{name}?{FILTERS.get(name, JUDGED)}")
    wait_until_drawn(page)
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    faults = grave(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".stApp")).not_to_have_css("background-color", background)
    faults += grave(page, "color-contrast")  # all that a theme changes
    assert not faults, "\n\n".join(faults)
