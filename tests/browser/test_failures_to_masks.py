"""From a list of failures to its images and back, as a visitor clicks."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from pages.ui.layers import Layer
from pages.ui.modules import joined
from pages.ui.payload import pack_view
from tests.browser.conftest import ROOT
from tests.browser.seen import hover, query
from tests.pages.made_up import pets_store

HERE = Path(__file__).parent


def test_functions_of_the_components() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node found")
    files = [str(HERE / f"{name}.test.mjs") for name in ("masks", "grid", "ahead", "chosen")]
    command = [node, "--test", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def pets(serve, tmp_path_factory) -> str:
    """The address of the product over twelve images; five have an object below a score of .85."""
    return serve(ROOT / "Home.py", pets_store(tmp_path_factory.mktemp("pets") / "s.duckdb").path)


def at_image(page, number: int, place: str) -> None:
    expect(page.get_by_role("heading", name=f"image {number}", exact=True)).to_be_visible()
    expect(page.locator(".place")).to_contain_text(place)


@pytest.mark.browser
def test_list_image_next_back_and_a_sent_link(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Failures?score=0.85&runs=shifted&kinds=missed")
    page.locator(".cell a").nth(1).click()
    at_image(page, 3, "2 of 5")
    page.locator("[data-ready]").wait_for(state="attached")
    expect(page.locator(".threshold-value")).to_have_text("0.85")
    page.keyboard.press("n")
    at_image(page, 6, "3 of 5")
    page.locator(".leaf .before").click()
    at_image(page, 3, "2 of 5")
    page.reload()
    at_image(page, 3, "2 of 5")
    sent = new_page()
    sent.goto(page.url)
    at_image(sent, 3, "2 of 5")
    expect(sent.get_by_text("shifted", exact=True).first).to_be_visible()
    page.go_back()
    at_image(page, 6, "3 of 5")
    page.go_back()
    at_image(page, 3, "2 of 5")
    page.go_back()
    expect(page.get_by_text("5 images of 12")).to_be_visible()
    assert "score=0.85" in page.url
    page.go_forward()
    at_image(page, 3, "2 of 5")
    page.locator(".leaf .whole").click()
    expect(page.get_by_text("5 images of 12")).to_be_visible()
    assert re.search(r"/Failures\?.*score=0.85", page.url)


@pytest.mark.browser
def test_cut_out_object_leads_to_its_image_and_back(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Failures?score=0.85&runs=shifted&view=Objects")
    expect(page.locator(".count")).to_have_text("5 objects")
    # the four dogs are larger than the one object of the first image
    expect(page.locator(".cell .caption")).to_have_text([f"image {i}" for i in (3, 6, 9, 12, 1)])
    expect(page.locator(".cell").nth(1)).to_contain_text("no photograph")
    page.locator(".cell a").nth(1).click()
    at_image(page, 6, "3 of 5")
    assert query(page)["image"] == ["6"]
    page.go_back()
    expect(page.locator(".count")).to_have_text("5 objects")
    assert query(page)["view"] == ["Objects"]


@pytest.mark.browser
def test_next_image_is_shown_before_the_server_knows(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Masks?image=3")
    shown = page.locator("[data-ready]")
    shown.wait_for(state="attached")
    page.wait_for_function("() => window.overlookAhead?.size === 4")
    keys = [shown.get_attribute("data-ready")]
    page.evaluate("history.pushState = () => {}")
    for current, key in ((3, "n"), (4, "n"), (3, "p"), (2, "p")):
        page.keyboard.press(key)
        expect(page.locator(".strip a").nth(current)).to_have_attribute("aria-current", "true")
        expect(shown).not_to_have_attribute("data-ready", keys[-1])
        keys.append(shown.get_attribute("data-ready"))
    assert keys[1] == keys[3]
    assert keys[0] == keys[4]
    assert len(set(keys)) == 3
    at_image(page, 3, "3 of 12")


@pytest.mark.browser
def test_pressing_on_ends_at_the_image_pressed_for(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Masks?image=2")
    page.locator("[data-ready]").wait_for(state="attached")
    for _ in range(5):
        page.keyboard.press("n")
    at_image(page, 7, "7 of 12")
    expect(page.locator(".strip a[aria-current]")).to_have_attribute("title", "image 7")
    assert query(page)["image"] == ["7"]
    page.locator(".strip a[title='image 9']").click()
    at_image(page, 9, "9 of 12")


@pytest.mark.browser
def test_clicked_object_is_told_with_what_became_of_it(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Masks?image=3")
    page.locator("[data-ready]").wait_for(state="attached")
    page.wait_for_function("() => window.overlookAhead?.size === 4")
    hover(page, 6, 6, panel=1, size=(32, 24))
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("Selected: sharp, object 0")).to_be_visible()
    page.keyboard.press("n")
    at_image(page, 4, "4 of 12")
    expect(page.get_by_text("Selected: sharp, object 0")).to_have_count(0)


@pytest.mark.browser
def test_tables_follow_the_slider_and_so_does_the_next_image(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Masks?image=3")
    page.locator("[data-ready]").wait_for(state="attached")
    expect(page.get_by_text("Predictions with a score of at least 0.50 (4)")).to_be_visible()
    page.locator(".threshold").evaluate(
        "e => { e.value = 0.85; e.dispatchEvent(new Event('input'));"
        " e.dispatchEvent(new Event('change')); }"
    )
    expect(page.get_by_text("Predictions with a score of at least 0.85 (2)")).to_be_visible()
    page.keyboard.press("n")
    at_image(page, 4, "4 of 12")
    expect(page.locator(".threshold-value")).to_have_text("0.85")
    expect(page.get_by_text("Predictions with a score of at least 0.85 (2)")).to_be_visible()
    expect(page.locator(".zoom")).not_to_have_text("0 %")


@pytest.mark.browser
def test_clicked_cell_leads_to_its_failures_and_one_back_returns(pets, new_page):
    page = new_page()
    page.goto(f"{pets}/Class_IoU?order=best+first")
    page.locator("path[aria-label*='run: shifted; name: dog']").click()
    page.get_by_role("link", name="4 images with the class dog").click()
    expect(page.get_by_text("4 images of 12")).to_be_visible()
    place = {"dataset": ["pets"], "split": ["val"]}
    assert query(page) == {**place, "runs": ["shifted"], "class": ["dog"], "by": ["pixels"]}
    page.go_back()
    expect(page.get_by_role("heading", name="Class IoU")).to_be_visible()
    assert query(page) == {**place, "order": ["best first"]}


MOUNT = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const root = document.querySelector("#place");
  const decode = window.createImageBitmap;
  let slow = 400;
  window.createImageBitmap = async (...given) => {
    const wait = slow;
    slow = 0;
    await new Promise((done) => setTimeout(done, wait));
    return decode(...given);
  };
  const given = { data: bytes, parentElement: root, setStateValue: () => {} };
  window.mount(given)();
  window.mount(given);
  await new Promise((done) => setTimeout(done, 800));
  const shown = () => root.querySelector("canvas").toDataURL();
  const before = shown();
  root.querySelector(".zoom-in").click();
  await new Promise((done) => setTimeout(done, 200));
  return shown() !== before;
}"""


@pytest.mark.browser
def test_viewer_that_was_taken_away_shows_nothing_more(new_page):
    """The first of two viewers on one place ends its reading after the second: it must not show."""
    picture = cv2.imencode(".png", np.full((30, 40, 3), 90, np.uint8))[1].tobytes()
    layer = Layer("annotation", "#000000", np.zeros((30, 40), np.uint8))
    payload = pack_view(picture, 40, 30, [(0, "road", "#112233")], [layer])
    folder = ROOT / "pages" / "ui" / "viewer"
    page = new_page()
    page.set_content(
        f"<div id=place style='height:500px'>{(folder / 'viewer.html').read_text()}</div>"
    )
    page.add_style_tag(path=folder / "viewer.css")
    script = joined(folder / "viewer.js").replace("export default", "window.mount =")
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("() => window.mount")
    assert page.evaluate(MOUNT, b64encode(payload).decode())
