"""The viewer on an image of twelve megapixels, and on one that nobody annotated."""

from __future__ import annotations

from base64 import b64encode

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from pages.ui.layers import Layer
from pages.ui.modules import joined
from pages.ui.payload import pack_view
from tests.browser.conftest import ROOT
from tests.browser.seen import hover

pytestmark = pytest.mark.browser
FOLDER = ROOT / "pages" / "ui" / "viewer"
CLASSES = [(0, "road", "#112233"), (1, "car", "#dd4411")]
MOUNT = """(data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const root = document.querySelector("#place");
  window.mount({ data: bytes, parentElement: root, setStateValue: () => {} });
}"""
# the colour in the middle of the first panel's image
MIDDLE = """canvas => [...canvas.getContext("2d")
  .getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data].slice(0, 3)"""


@pytest.fixture
def mounted(new_page):
    """mounted(payload) shows it in the viewer, without a server."""

    def mount(payload: bytes):
        page = new_page()
        html, style = ((FOLDER / f"viewer.{ending}").read_text() for ending in ("html", "css"))
        page.set_content(f"<div id=place style='height:700px'>{html}</div>")
        page.add_style_tag(
            content=f"{style} .viewer {{ height: 700px }} [hidden] {{ display: none }}"
        )
        script = joined(FOLDER / "viewer.js").replace("export default", "window.mount =")
        page.add_script_tag(content=script, type="module")
        page.wait_for_function("() => window.mount")
        page.evaluate(MOUNT, b64encode(payload).decode())
        expect(page.locator(".zoom")).to_contain_text("%")
        return page

    return mount


def test_an_image_of_twelve_megapixels_is_shown_and_read_to_its_last_pixel(mounted):
    size = 4000, 3000
    labels = np.zeros((size[1], size[0]), np.uint8)
    labels[1000:2000, 1000:3000] = 1
    labels[-8:, -8:] = 1
    grey = cv2.imencode(".jpg", np.full((size[1], size[0], 3), 90, np.uint8))[1].tobytes()
    page = mounted(pack_view(grey, *size, CLASSES, [Layer("annotation", "#7a7a7a", labels)]))
    page.locator(".opacity").evaluate("e => { e.value = 100; e.dispatchEvent(new Event('input')) }")
    panel = page.locator(".panel canvas")
    page.wait_for_timeout(100)
    assert panel.evaluate(MIDDLE) == [0xDD, 0x44, 0x11]
    page.get_by_role("button", name="car").click()
    page.wait_for_timeout(100)
    assert panel.evaluate(MIDDLE) == [90, 90, 90]
    panel.focus()
    for _ in range(40):
        page.keyboard.press("+")
    expect(page.locator(".zoom")).to_have_text("6400 %")
    page.keyboard.press("f")
    box = panel.bounding_box()
    scale = min(box["width"] / size[0], box["height"] / size[1])
    right = box["x"] + (box["width"] + size[0] * scale) / 2
    below = box["y"] + (box["height"] + size[1] * scale) / 2
    page.mouse.move(right - 1, below - 1)
    expect(page.locator(".readout tbody td").first).to_have_text("car")


def test_an_image_without_annotation_has_no_errors_to_show(mounted):
    labels = np.zeros((30, 40), np.uint8)
    labels[10:20, 10:30] = 1
    runs = [Layer("a", "#0072b2", labels), Layer("b", "#d55e00", np.zeros_like(labels))]
    page = mounted(pack_view(None, 40, 30, CLASSES, runs, annotated=False))
    for mode, possible in (("panels", True), ("swipe", True), ("errors", False)):
        assert page.locator(f"[value={mode}]").is_enabled() == possible
    assert page.locator("[value=differences]").is_disabled()
    expect(page.locator(".note")).to_contain_text("photograph is missing")
    rows = hover(page, 15, 15, panel=1, size=(40, 30))
    assert [rows[name][0] for name in ("a", "b")] == ["car", "road"]
    assert rows["a"][-1] == ""
