"""The gallery as a visitor meets it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pages.ui.palette import OUTCOME_COLOURS
from tests.browser.seen import colour, pixels, query, scene, set_range

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def images(demo, open_page):
    page = open_page()
    page.goto(f"{demo}/Images?runs=first&below=70")
    page.locator("[data-shown]:not([data-shown='0'])").wait_for(state="attached")
    return page


def test_gallery_draws_only_what_is_in_sight(images):
    images.wait_for_timeout(300)
    shown = int(images.locator("[data-shown]").get_attribute("data-shown"))
    assert 8 <= shown < 24
    images.locator(".cell").last.scroll_into_view_if_needed()
    expect(images.locator("[data-shown='24']")).to_be_attached()


def test_gallery_shows_hostile_captions_and_missing_photographs(images):
    expect(images.locator(".cell").nth(1)).to_contain_text(f"image 1 {scene.HOSTILE}")
    expect(images.locator(".cell").nth(3)).to_contain_text("no photograph")
    assert images.locator(".cell img").count() == 0


def test_selection_reaches_python(images):
    cells = images.locator(".cell a")
    cells.nth(2).click(modifiers=["Control"])
    expect(images.get_by_text("selected: 2", exact=True)).to_be_visible()
    cells.nth(4).click(modifiers=["Shift"])
    expect(images.get_by_text("selected: 2, 3, 4", exact=True)).to_be_visible()
    images.get_by_label("Select image 2", exact=True).uncheck()
    expect(images.get_by_text("selected: 3, 4", exact=True)).to_be_visible()
    cells.nth(0).focus()
    images.keyboard.press("ArrowRight")
    images.keyboard.press("Space")
    expect(images.get_by_text("selected: 1, 3, 4", exact=True)).to_be_visible()
    expect(images.locator(".count")).to_have_text("24 images, 3 selected")
    images.get_by_text("Clear selection").click()
    expect(images.get_by_text("selected:", exact=True)).to_be_visible()


def test_gallery_shows_the_errors_of_one_class(images):
    images.locator("select.layer").select_option("errors 2")
    images.locator("select.category").select_option("1")
    expect(images.locator(".legend")).to_contain_text("false negative (missed)")
    set_range(images, ".opacity", 100)
    shown = pixels(images, 3)
    car, found = scene.truth_map() == 1, scene.predicted_map(20) == 1
    for outcome, where in (("false negative", car & ~found), ("false positive", found & ~car)):
        expected = colour(OUTCOME_COLOURS[outcome])
        assert ((shown == expected).all(axis=2) == where).all(), outcome
    assert (shown[car & found] == (185, 189, 196)).all()


def test_cell_opens_its_image_and_back_returns(images):
    images.get_by_label("Next page").or_(images.get_by_role("button", name="2")).first.click()
    expect(images.get_by_text("image 24", exact=True)).to_be_visible()
    images.locator(".cell a").nth(2).focus()
    images.keyboard.press("Enter")
    expect(images.get_by_role("heading", name="Image 26")).to_be_visible()
    place = {"dataset": ["streets"], "split": ["val"], "runs": ["first"]}
    assert query(images) == {**place, "image": ["26"]}
    images.go_back()
    expect(images.get_by_text("image 24", exact=True)).to_be_visible()
    assert query(images) == {**place, "below": ["70"], "p": ["2"]}
    images.go_forward()
    expect(images.get_by_role("heading", name="Image 26")).to_be_visible()
