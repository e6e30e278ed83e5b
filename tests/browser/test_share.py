"""A view of the mask viewer can be taken along: as a link, and as a picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# a line for the title stands above the panels, a margin beside them
TITLE, MARGIN = 24, 12
PLACE = """e => {
  const frame = e.closest(".panels").getBoundingClientRect(), own = e.getBoundingClientRect();
  return [own.left - frame.left, own.top - frame.top, own.width, own.height].map(Math.round);
}"""


@pytest.fixture
def page(demo, new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{demo}/Masks")
    page.locator("[data-ready]").wait_for(state="attached")
    return page


def clipboard(page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def test_link_of_the_view_gets_into_the_clipboard(page, demo):
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".copy-link")).to_have_text("Copied")
    assert clipboard(page) == f"{demo}/Masks?image=7"
    expect(page.locator(".copy-link")).to_have_text("Copy link")


def test_link_is_copied_where_the_clipboard_is_closed(page, demo):
    page.evaluate(
        "Object.defineProperty(navigator.clipboard, 'writeText', { value: () => Promise.reject() })"
    )
    page.locator("canvas").first.focus()
    page.keyboard.press("l")
    expect(page.locator(".copy-link")).to_have_text("Copied")
    assert clipboard(page) == f"{demo}/Masks?image=7"


def test_saved_picture_holds_what_the_panels_show(page):
    page.mouse.move(0, 0)
    page.locator("canvas").first.focus()
    with page.expect_download() as download:
        page.keyboard.press("s")
    assert download.value.suggested_filename == "a_b.png"
    saved = cv2.imread(str(Path(download.value.path())))
    frame = page.locator(".panels").bounding_box()
    assert saved.shape[1] == round(frame["width"]) + 2 * MARGIN
    assert saved.shape[0] >= round(frame["height"]) + 2 * TITLE + MARGIN
    for panel in page.locator(".panel canvas").all():
        left, top, width, height = panel.evaluate(PLACE)
        shown = cv2.imdecode(np.frombuffer(panel.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        drawn = saved[TITLE + top : TITLE + top + height, MARGIN + left : MARGIN + left + width]
        inner = np.s_[8:-8, 8:-8]  # the border, and the ring of what has the focus
        difference = np.abs(
            drawn[inner].astype(int) - shown[: drawn.shape[0], : drawn.shape[1]][inner]
        )
        # the browser places the panel between two pixels
        assert np.quantile(difference, 0.98) <= 2
