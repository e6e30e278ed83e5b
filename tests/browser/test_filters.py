"""The sidebar's filters and the address, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.seen import query

pytestmark = pytest.mark.browser


def choose(page, label: str, option: str) -> None:
    page.locator("section").get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


# always in the address, also where they come first
FIRST = {"dataset": ["streets"], "split": ["val"]}


def chosen(page, words: str) -> None:
    expect(page.get_by_text(f"chosen: {words}", exact=True)).to_be_visible()


def test_filters_live_in_the_address(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images")
    chosen(page, "streets / val / first, second / None")
    choose(page, "Runs", "second")
    page.keyboard.press("Escape")
    choose(page, "Class", "car")
    chosen(page, "streets / val / second / car")
    assert query(page) == {**FIRST, "runs": ["second"], "class": ["car"]}
    page.get_by_role("link", name="Masks").click()
    expect(page.get_by_role("heading", name="Image")).to_be_visible()
    assert query(page) == {**FIRST, "runs": ["second"], "class": ["car"]}
    page.get_by_role("link", name="Images").click()
    chosen(page, "streets / val / second / car")
    page.reload()
    chosen(page, "streets / val / second / car")
    sent = new_page()
    sent.goto(page.url)
    chosen(sent, "streets / val / second / car")


def test_a_link_in_another_language_leads_to_its_page(demo, new_page):
    page = new_page(locale="es-ES")
    page.goto(f"{demo}/Images?runs=second&kind=missed")
    chosen(page, "streets / val / second / None")
    assert query(page) == {**FIRST, "runs": ["second"], "kind": ["omitido"]}


def test_another_data_set_keeps_what_it_also_has(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images?runs=first&runs=second&class=car&split=val")
    chosen(page, "streets / val / first, second / car")
    choose(page, "Data set", "cells")
    chosen(page, "cells / val / second / car")
    assert query(page) == {**FIRST, "dataset": ["cells"], "runs": ["second"], "class": ["car"]}


def test_class_that_the_data_set_lacks_is_dropped(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images?dataset=cells&class=cell&runs=unet")
    chosen(page, "cells / val / unet / cell")
    choose(page, "Data set", "streets")
    chosen(page, "streets / val / first, second / None")


def test_stale_address_falls_back(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images?dataset=gone&split=gone&runs=gone&runs=second&class=gone")
    expect(page.get_by_text(re.compile("chosen: streets / val / .* / None"))).to_be_visible()
    assert "gone" not in page.url


def test_split_without_the_chosen_run(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images?runs=second")
    chosen(page, "streets / val / second / None")
    choose(page, "Split", "test")
    chosen(page, "streets / test / first / None")
    choose(page, "Data set", "cells")
    chosen(page, "cells / val / unet, second / None")
