"""From a cell of the page Confusion to its images on Failures and back, as a visitor clicks."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.seen import query
from tests.pages.made_up import pets_store

pytestmark = pytest.mark.browser
PATIENCE = 30_000  # milliseconds: a page of many charts, on a machine with other work


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory) -> str:
    return serve(ROOT / "Home.py", pets_store(tmp_path_factory.mktemp("s") / "s.duckdb").path)


def test_a_cell_leads_to_its_images_and_back_returns(app, new_page):
    page = new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app}/Confusion?runs=sharp&least=0.85&tags=odd")
    page.locator('path[aria-label*="predicted: (nothing); annotated: dog"]').first.click()
    page.get_by_role("link", name="2 objects of sharp, annotated dog, predicted (nothing)").click()
    expect(page.locator(".cell")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".badge")).to_have_text(["1 missed", "1 missed"])
    asked = query(page)
    assert (asked["truth"], asked["predicted"]) == (["dog"], ["(nothing)"])
    assert (asked["score"], asked["tags"], asked["runs"]) == (["0.85"], ["odd"], ["sharp"])
    sent = new_page()
    sent.goto(page.url)
    expect(sent.locator(".cell")).to_have_count(2, timeout=PATIENCE)
    page.go_back()
    expect(page.get_by_role("heading", name="Confusion", exact=True)).to_be_visible()
    assert query(page)["tags"] == ["odd"]
