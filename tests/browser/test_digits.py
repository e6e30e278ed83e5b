"""From a cell of the confusion matrix to its images and back, as a visitor clicks."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.seen import query
from tests.pages.made_up import singles_store

pytestmark = pytest.mark.browser
PATIENCE = 30_000  # milliseconds: a page of many charts, on a machine with other work


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory) -> str:
    return serve(ROOT / "Home.py", singles_store(tmp_path_factory.mktemp("s") / "s.duckdb").path)


def test_a_cell_leads_to_its_images_one_leads_on_and_back_returns(app, new_page):
    page = new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app}/Digits?runs=reader&iou=0.6")
    expect(page.locator(".cell")).to_have_count(12, timeout=PATIENCE)
    page.locator('path[aria-label*="predicted: cat; annotated: dog"]').first.click()
    page.get_by_role("link", name="1 image annotated dog, read as cat by reader").click()
    expect(page.locator(".cell")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".badge")).to_have_text("dog → cat 70 % · IoU 11 %")
    assert query(page)["iou"] == ["0.6"]
    filtered = page.url
    page.locator(".cell a").click()
    expect(page.get_by_role("heading", name="image 7", exact=True)).to_be_visible(timeout=PATIENCE)
    assert query(page)["runs"] == ["reader"]
    page.go_back()
    expect(page.locator(".cell")).to_have_count(1, timeout=PATIENCE)
    sent = new_page()
    sent.goto(filtered)
    expect(sent.locator(".cell")).to_have_count(1, timeout=PATIENCE)
    page.go_back()
    expect(page.locator(".cell")).to_have_count(12, timeout=PATIENCE)
