"""A zip becomes a data set in the browser: sent, looked at, imported, explored."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.shared]
ROOT = Path(__file__).resolve().parents[2]


def test_a_zip_is_sent_looked_at_imported_and_explored(new_page, serve, shared_data, tmp_path):
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w") as archive:
        for path in sorted((shared_data / "via_vehicles" / "val").iterdir()):
            archive.write(path, f"vehicles/val/{path.name}")
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{serve(ROOT / 'Home.py', tmp_path / 'store.duckdb')}/Import_data")
    packed = {"name": "v.zip", "mimeType": "application/zip", "buffer": sent.getvalue()}
    page.locator("input[type=file]").set_input_files(packed)
    page.get_by_role("button", name="Read the files").click()
    page.get_by_role("combobox", name="Attribute that is the class").click()
    page.get_by_role("option").first.click()
    expect(page.get_by_text("Sound; nothing is written yet")).to_be_visible()
    cells = page.locator(".cell a")
    expect(cells.first).to_be_visible()
    name = cells.nth(1).locator(".caption").inner_text()
    cells.nth(1).click()
    expect(page.get_by_text(f"{name}.", exact=False).last).to_be_visible()
    expect(page.locator(".panel canvas")).to_be_visible()
    page.reload()  # the link holds the upload; nothing is sent again
    page.get_by_role("combobox", name="Attribute that is the class").click()
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("vehicles · val is in the store.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Explore data: classes, sizes, examples").click()
    expect(page.get_by_role("heading", name="Explore data")).to_be_visible()
    expect(page.get_by_text("read from via")).to_be_visible()
