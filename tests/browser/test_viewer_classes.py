"""Classes that go and come in the viewer: the picture is that of painting all of it anew."""

from __future__ import annotations

import pytest

from tests.browser.seen import opened

pytestmark = pytest.mark.browser

# Every picture's digest after each click on a class, and after painting the same anew: going to
# another view and back keeps nothing.
TOGGLED = """async (root, names) => {
  const next = () => new Promise(requestAnimationFrame);
  const digest = async (canvas) => {
    const context = canvas.getContext("2d");
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    return new Uint32Array(await crypto.subtle.digest("SHA-256", data))[0];
  };
  const pictures = async () => {
    await next().then(next);
    return (await Promise.all([...root.querySelectorAll("canvas")].map(digest))).join();
  };
  const chips = [...root.querySelectorAll(".chips .chip")];
  const anew = async () => {
    root.querySelector(".zoom-in").click();
    const other = await pictures();
    root.querySelector(".fit").click();
    return [other, await pictures()];
  };
  const seen = [["", ...await anew()]];
  for (const name of names) {
    chips.find((chip) => chip.textContent === name).click();
    seen.push([await pictures(), ...await anew()]);
  }
  return seen;
}"""
WAYS = {
    "areas": ("panels", "pixels", False, "outcome"),
    "outlines": ("panels", "pixels", True, "outcome"),
    "masks": ("panels", "masks", False, "outcome"),
    "outlines of masks": ("panels", "masks", True, "outcome"),
    "boxes": ("panels", "boxes", False, "outcome"),
    "swipe": ("swipe", "pixels", False, "outcome"),
    "errors": ("errors", "pixels", False, "outcome"),
    "kinds of wrong pixels": ("errors", "pixels", False, "kind"),
    "errors of masks": ("errors", "masks", False, "outcome"),
    "differences": ("differences", "pixels", False, "outcome"),
    "differences of masks": ("differences", "masks", False, "outcome"),
}


@pytest.fixture(scope="module", params=[1400, 420], ids=["enlarged", "made smaller"])
def page(request, demo, open_page):
    """Panels with more pixels than the image, and with fewer."""
    width = request.param
    page = opened(open_page(viewport={"width": width, "height": 1000}), f"{demo}/Masks")
    scale = float(page.locator(".zoom").inner_text().removesuffix(" %")) / 100
    assert (scale < 1) == (width < 1000)
    return page


def draw(page, mode: str, draw: str, outlines: bool, errors_by: str) -> None:
    page.locator(f"[value={mode}]").dispatch_event("click")
    page.locator(".draw").select_option(draw)
    page.locator(".outlines").set_checked(outlines)
    if mode == "errors" and draw == "pixels":
        page.locator(".errors-by select").select_option(errors_by)
    page.get_by_text("All classes", exact=True).last.click()


@pytest.mark.parametrize("way", WAYS)
def test_toggled_classes_leave_the_picture_of_a_fresh_painting(page, way) -> None:
    draw(page, *WAYS[way])
    clicks = ["car", "road", "tree", "car", "tree", "road"]
    (_, _, whole), *seen = page.locator(".viewer").evaluate(TOGGLED, clicks)
    for toggled, elsewhere, anew in seen:
        assert toggled == anew != elsewhere
    pictures = [toggled for toggled, _, _ in seen]
    assert pictures[-1] == whole
    assert set(pictures) != {whole}
