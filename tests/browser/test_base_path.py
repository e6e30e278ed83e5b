"""Behind a proxy the app lies under a path: links and components stay below it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.made_up import full_store

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory) -> str:
    store = full_store(tmp_path_factory.mktemp("base") / "evaluation.duckdb").path
    return serve(ROOT / "Home.py", store, "overlook")


def test_lists_images_and_back_stay_under_the_path(app, new_page) -> None:
    page = new_page()
    outside: list[str] = []
    page.on("request", lambda r: app in r.url or r.url[:4] != "http" or outside.append(r.url))
    page.goto(app)
    expect(page.get_by_role("heading", name="Overlook").first).to_be_visible()
    page.get_by_role("link", name="Failures", exact=True).click()
    expect(page.get_by_role("heading", name="Failures", exact=True)).to_be_visible()
    assert page.url.startswith(f"{app}/Failures")
    page.goto(f"{app}/Failures?runs=shifted&by=pixels")
    failures = page.locator(".cell a")
    expect(failures.first).to_be_visible()
    failures.first.click()
    expect(page.locator(".panel canvas").first).to_be_visible()
    assert page.url.startswith(f"{app}/Masks?")
    page.reload()
    expect(page.locator(".panel canvas").first).to_be_visible()
    page.go_back()
    expect(failures.first).to_be_visible()
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("heading", name="Overlook").first).to_be_visible()
    finding = page.locator("a[href*='?']").first
    expect(finding).to_be_visible()
    assert (finding.get_attribute("href") or "").startswith(f"{app}/")
    assert outside == []
