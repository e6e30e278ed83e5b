"""Nothing jumps while a page is loading: what comes late has its room from the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.ui.mask_view import HEIGHT
from tests.pages.made_up import full_store

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
JUDGED = "dataset=pets&split=val&runs=sharp&runs=shifted"
NEVER_UNPACKED = """window.DecompressionStream = function () {
  return new TransformStream({transform: () => new Promise(() => {})});
};"""
# What moved up or down, as [before, after] in CSS pixels: parts of a component, which the browser
# does not name, and the component itself. Streamlit keeps 40 pixels for a control whose script is
# still on its way, and most are 32 high: 8 are the network's, not the page's.
WATCH = """window.moved = [];
new PerformanceObserver((list) => {
  const host = document.querySelector("[data-ready], [data-shown]");
  for (const {sources} of list.getEntries()) {
    for (const {node, previousRect, currentRect} of sources) {
      if (node !== null && !(host && node.contains?.(host))) continue;
      if (Math.abs(previousRect.y - currentRect.y) > 8) {
        moved.push([previousRect.y, currentRect.y]);
      }
    }
  }
}).observe({type: "layout-shift", buffered: true});"""


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory) -> str:
    store = tmp_path_factory.mktemp("shifts") / "store.duckdb"
    full_store(store)
    return serve(ROOT / "Home.py", store)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"Masks?{JUDGED}", "[data-ready]"),
        (f"Failures?{JUDGED}&by=pixels", "[data-shown]:not([data-shown='0'])"),
    ],
    ids=["viewer", "gallery"],
)
def test_component_does_not_move_once_it_is_there(new_page, app, name, shown) -> None:
    page = new_page(reduced_motion="reduce")
    page.add_init_script(WATCH)
    page.set_default_timeout(60_000)
    page.goto(f"{app}/{name}")
    page.locator(shown).wait_for(state="attached")
    at_rest = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    at_rest.wait_for(state="attached")
    page.wait_for_timeout(300)  # a frame and the observer's turn
    assert page.evaluate("moved") == []


def test_until_its_first_picture_the_viewer_is_one_quiet_block(new_page, app) -> None:
    page = new_page(reduced_motion="reduce")
    page.set_default_timeout(60_000)
    page.add_init_script(NEVER_UNPACKED)
    page.goto(f"{app}/Masks?{JUDGED}")
    block = page.locator(".viewer[aria-busy=true]")
    block.wait_for(state="attached")
    assert block.bounding_box()["height"] >= HEIGHT
    assert block.locator(".bar").first.is_hidden()
