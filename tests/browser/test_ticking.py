"""Cells are ticked, and stay so from page to image and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.notes import TAG, Notes
from tests.browser.conftest import ROOT
from tests.browser.seen import query
from tests.pages.made_up import pets_store

pytestmark = pytest.mark.browser
PATIENCE = 40_000


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return pets_store(tmp_path_factory.mktemp("pets") / "s.duckdb").path


@pytest.fixture(scope="module")
def app(serve, store) -> str:
    return serve(ROOT / "Home.py", store)


@pytest.fixture
def page(app, new_page):
    page = new_page(viewport={"width": 1300, "height": 700})
    page.set_default_timeout(PATIENCE)
    return page


def told(page, text: str) -> None:
    expect(page.locator(".count")).to_have_text(text, timeout=PATIENCE)


def place(page) -> list[int]:
    """How far the grid and the page are scrolled."""
    page.wait_for_timeout(300)
    return [
        page.locator(".grid").evaluate("grid => Math.round(grid.scrollTop)"),
        page.evaluate("Math.round(document.querySelector('[data-testid=stMain]').scrollTop)"),
    ]


def test_ticks_by_pointer_and_keyboard_and_the_tag_of_them(page, app, store):
    page.goto(f"{app}/Failures?runs=shifted&score=0&below=100&by=pixels")
    ticks = page.locator(".cell .pick input")
    ticks.nth(1).click()
    ticks.nth(3).click(modifiers=["Shift"])
    told(page, "12 images, 3 selected")
    expect(page.get_by_text("3 images selected", exact=True)).to_be_visible(timeout=PATIENCE)
    page.locator(".cell a").nth(0).focus()
    page.keyboard.press("Space")
    told(page, "12 images, 4 selected")
    page.keyboard.press("Control+a")
    told(page, "12 images, 12 selected")
    page.keyboard.press("Escape")
    told(page, "12 images")
    expect(page.get_by_text("Nothing is selected")).to_be_visible(timeout=PATIENCE)
    ticks.nth(2).click()
    name = page.locator(".cell .caption").nth(2).inner_text()
    page.get_by_role("button", name="Tag").first.click()
    page.get_by_role("combobox", name="Tag").last.fill("look again")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tag 1 image").click()
    expect(page.get_by_role("button", name="look again (1)")).to_be_visible(timeout=PATIENCE)
    (tag,) = Notes.beside(store).entries(TAG, "pets", "val")
    assert (tag.text, f"image {tag.place.image}") == ("look again", name)
    told(page, "12 images, 1 selected")


def test_an_image_and_back_keep_selection_and_place(page, app):
    page.goto(f"{app}/Failures?runs=shifted&by=pixels")
    page.locator(".cell .pick input").nth(4).click()
    expect(page.get_by_text("1 image selected", exact=True)).to_be_visible(timeout=PATIENCE)
    page.locator(".cell").last.scroll_into_view_if_needed()
    before = place(page)
    assert before[1] > 0
    page.locator(".cell a").last.click()
    page.locator("[data-ready]").wait_for(state="attached")
    page.go_back()
    told(page, "12 images, 1 selected")
    expect(page.locator(".cell.selected")).to_have_count(1)
    expect(page.get_by_text("1 image selected", exact=True)).to_be_visible(timeout=PATIENCE)
    assert place(page) == before


def test_a_crop_opens_its_object_and_a_leaf_forgets_it(page, app):
    page.goto(f"{app}/Failures?score=0.85&runs=shifted&view=Objects")
    page.locator(".cell a").nth(1).click()
    expect(page.get_by_text("Selected: annotation, object 1")).to_be_visible(timeout=PATIENCE)
    assert query(page)["object"] == ["1 annotation"]
    page.locator(".leaf .after").click()
    expect(page.locator(".place")).to_contain_text("4 of 5", timeout=PATIENCE)
    assert "object" not in query(page)
    expect(page.get_by_text("Selected: annotation, object 1")).to_have_count(0)
