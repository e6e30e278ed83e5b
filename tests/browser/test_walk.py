"""The main job on real data: Home, Compare systems, Failures, Masks, as a visitor walks it."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.browser.seen import query
from tests.drive import COCO_RUNS

pytestmark = [pytest.mark.browser, pytest.mark.shared]

ROOT = Path(__file__).resolve().parents[2]
LEAST_SCORE = 0.5
PERSON = 1

# how many colours a canvas shows
COLOURS = """canvas => {
  const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(shown.buffer)).size;
}"""


@pytest.fixture(scope="module")
def app(serve, coco_store) -> str:
    return serve(ROOT / "Home.py", coco_store)


@pytest.fixture(scope="module")
def missed_persons(shared_data: Path) -> Counter[str]:
    """Image name to persons that yolov8n misses at a score of .5, by pycocotools alone."""
    folder = shared_data / "coco_val2017"
    results = json.loads((folder / "results" / COCO_RUNS["yolov8n"]).read_text())
    certain = [result for result in results if result["score"] >= LEAST_SCORE]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / "instances.json"))
        judged = COCOeval(truth, truth.loadRes(certain), "bbox")
        judged.params.catIds = [PERSON]
        judged.params.areaRng, judged.params.areaRngLbl = [[0, 1e10]], ["all"]
        judged.evaluate()
    missed: Counter[str] = Counter()
    for image in filter(None, judged.evalImgs):
        name = Path(truth.imgs[image["image_id"]]["file_name"]).stem
        found = image["gtMatches"][0] > 0
        missed[name] += int((~found & (image["gtIgnore"] == 0)).sum())
    return +missed


@pytest.fixture(scope="module")
def page(open_page, app):
    page = open_page()
    page.set_default_timeout(30_000)
    return page


def heading(page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible(timeout=30_000)


def test_the_walk_from_home_to_the_worst_image(page, app, missed_persons) -> None:
    page.goto(app)
    heading(page, "Overlook")
    expect(page.get_by_text("yolov8n with Box AP 36.2 %")).to_be_visible()

    page.get_by_role("link", name="Compare systems").click()
    heading(page, "Compare systems")
    expect(page.get_by_text("3 runs on the same 188 images")).to_be_visible()
    for figure in ("36.2", "35.6", "28.1"):  # box AP, as reference_metrics.json has it
        # while the chart is drawn finer, what it was before is there for a moment, hidden
        shown = page.locator("svg").get_by_text(figure, exact=True).locator("visible=true")
        expect(shown).to_be_visible(timeout=30_000)

    page.goto(f"{app}/Failures?runs=yolov8n&class=person&kinds=missed")
    heading(page, "Failures")
    count = f"{len(missed_persons)} images of 188"
    expect(page.get_by_text(count)).to_be_visible()
    expect(page.get_by_text(f"{missed_persons.total()} errors of the class person")).to_be_visible()
    worst = page.locator(".cell a").first
    expect(worst).to_contain_text(f"{max(missed_persons.values())} missed")
    name = worst.locator(".caption").inner_text()
    assert missed_persons[name] == max(missed_persons.values())

    worst.click()
    heading(page, name)
    assert query(page)["runs"] == ["yolov8n"]
    assert query(page)["class"] == ["person"]


def test_the_image_shows_annotation_and_run(page) -> None:
    panels = page.locator(".panel canvas")
    expect(panels).to_have_count(2)
    expect(page.locator("[data-ready]")).to_be_attached()
    for panel in panels.all():
        assert (
            panel.evaluate(COLOURS) > 1000
        )  # a photograph with masks over it, not an empty canvas


def test_back_returns_to_the_list_and_forward_to_the_image(page) -> None:
    image = page.url
    page.go_back()
    heading(page, "Failures")
    assert query(page)["kinds"] == ["missed"]
    page.go_forward()
    expect(page.locator(".panel canvas").first).to_be_visible()
    assert page.url == image


def test_a_reload_and_a_sent_link_show_the_same(page, new_page) -> None:
    shown = page.get_by_role("heading").first.inner_text()
    page.reload()
    heading(page, shown)
    other = new_page()
    other.goto(page.url)
    heading(other, shown)
