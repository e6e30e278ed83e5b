"""A real system answers on the page, and says what `training predict` stores of the same image."""

from __future__ import annotations

import json
import os

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.__main__ import main as core_main
from core.datasets.demo import make_demo
from core.store.connection import Store
from tests.browser.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.torch]
PATIENCE = 180_000  # milliseconds: two processes import PyTorch, on a machine with other work
STORED = (
    "SELECT class, score, x, y, width, height, mask FROM prediction_object "
    "JOIN run USING (run_id) WHERE run.name = 'kept' ORDER BY image_id, object_index"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Two images of the demo, and no run."""
    folder = tmp_path_factory.mktemp("tried")
    make_demo(folder / "demo", {"test": 2})
    files = ["--annotations", folder / "demo" / "test.json", "--images", folder / "demo" / "test"]
    place = ["--store", folder / "evaluation.duckdb", "--split", "test"]
    words = ["import", "demo", "--format", "coco", *files, *place]
    assert core_main(list(map(str, words))) == 0
    return Store.at(folder / "evaluation.duckdb")


@pytest.fixture(scope="module")
def page(serve, store, open_page):
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # the page's process and that of predict do alike
    app = serve(ROOT / "Home.py", store.path)
    if before is None:
        del os.environ["OMP_NUM_THREADS"]
    page = open_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app}/Try_a_system?systems=yolov8-sam&images=1")
    page.get_by_role("button", name="Let them answer").click()
    expect(page.locator("[data-ready]")).to_be_attached(timeout=PATIENCE)
    # a file offered by a run of the script that goes on is not there to be taken yet
    at_rest = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(at_rest).to_be_attached(timeout=PATIENCE)
    return page


def test_an_answer_is_what_a_kept_run_stores(page, store) -> None:
    expect(page.locator(".panel canvas")).to_have_count(2)
    page.get_by_text("Take the answers along").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Results of yolov8-sam").click()
    answered = json.loads(download.value.path().read_text())
    page.get_by_label("Name of the run").fill("kept")
    page.get_by_label("Name of the run").press("Enter")
    expect(page.get_by_text("--run kept")).to_be_visible()
    page.get_by_role("button", name="Keep as a run").click()
    expect(page.get_by_text("It is kept")).to_be_visible(timeout=PATIENCE)
    with store.read() as cursor:
        stored = cursor.execute(STORED).fetchall()
        ids = dict(cursor.execute("SELECT class, source_id FROM category").fetchall())
    assert len(answered) > 5
    assert stored == [
        (
            next(key for key, source in ids.items() if source == entry["category_id"]),
            entry["score"],
            *entry["bbox"],
            entry["segmentation"]["counts"].encode(),
        )
        for entry in answered
    ]


def test_a_click_is_answered_with_a_mask_and_taken_back(page) -> None:
    picture = page.locator("canvas.picture")
    picture.scroll_into_view_if_needed()
    at = picture.bounding_box()
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    expect(page.get_by_text("SAM expects an IoU")).to_be_visible()
    page.keyboard.down("Shift")
    page.mouse.click(at["x"] + 30, at["y"] + 30)
    page.keyboard.up("Shift")
    expect(page.locator(".said")).to_have_text("2 points")
    page.mouse.move(at["x"] + 50, at["y"] + 50)
    page.mouse.down()
    page.mouse.move(at["x"] + 250, at["y"] + 250, steps=3)
    page.mouse.up()
    expect(page.locator(".said")).to_have_text("2 points, 1 box")
    picture.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".said")).to_have_text("0 points")
    expect(page.get_by_text("SAM expects an IoU")).to_have_count(0)


def test_an_own_image_is_answered_without_judgement(page, tmp_path) -> None:
    Image.new("RGB", (64, 48), (90, 120, 60)).save(tmp_path / "mine.png")
    page.get_by_role("radio", name="your own").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    expect(page.get_by_text("Nothing is annotated here")).to_be_visible()
    expect(page.locator(".panel canvas")).to_have_count(1)
    assert "origin=your+own" in page.url
