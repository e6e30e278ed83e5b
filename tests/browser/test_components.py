"""Viewer, gallery and filters as a visitor meets them, in a real browser."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent / "apps" / "demo"))

import scene

pytestmark = pytest.mark.browser

# the colours at the centre of each of the image's pixels, as base64
SAMPLED = """(canvas, [width, height]) => {
  const scale = Math.min(canvas.width / width, canvas.height / height);
  const left = (canvas.width - width * scale) / 2, top = (canvas.height - height * scale) / 2;
  const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = Math.floor(top + (y + 0.5) * scale), column = Math.floor(left + (x + 0.5) * scale);
      const at = (row * canvas.width + column) * 4;
      text += String.fromCharCode(shown[at], shown[at + 1], shown[at + 2]);
    }
  }
  return btoa(text);
}"""


def colour(hex_colour: str) -> list[int]:
    return [int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]


def opened(page, address: str):
    page.goto(address)
    page.locator("[data-ready]").wait_for(state="attached")
    return page


@pytest.fixture(scope="module")
def with_photograph(demo, open_page):
    return opened(open_page(), f"{demo}/Masks")


@pytest.fixture(scope="module")
def without_photograph(demo, open_page):
    return opened(open_page(), f"{demo}/Masks?photograph=no")


def reset(page) -> None:
    page.locator("canvas").first.hover()
    page.mouse.move(0, 0)  # takes the cross away
    page.get_by_text("Side by side", exact=True).click()
    page.get_by_label("Draw").select_option("pixels")
    page.get_by_label("Outlines").uncheck()
    page.get_by_text("All classes", exact=True).last.click()
    page.get_by_role("button", name="Fit").click()
    set_range(page, ".opacity", 55)
    set_range(page, ".threshold", 0)


@pytest.fixture
def viewer(with_photograph):
    """The mask viewer on the made-up image, as at the first visit."""
    reset(with_photograph)
    return with_photograph


@pytest.fixture
def bare(without_photograph):
    """The same without a photograph, where painted colours are not mixed with it."""
    reset(without_photograph)
    return without_photograph


def pixels(page, panel: int) -> np.ndarray:
    """The colours of one panel at the centre of each of the image's pixels, (H, W, 3)."""
    page.wait_for_timeout(80)  # a frame and its repaint
    text = page.locator("canvas").nth(panel).evaluate(SAMPLED, [scene.WIDTH, scene.HEIGHT])
    return np.frombuffer(b64decode(text), np.uint8).reshape(scene.HEIGHT, scene.WIDTH, 3)


def hover(page, x: int, y: int, panel: int = 0) -> dict[str, list[str]]:
    """What the readout says, by layer, with the pointer at a pixel of the image."""
    box = page.locator("canvas").nth(panel).bounding_box()
    scale = min(box["width"] / scene.WIDTH, box["height"] / scene.HEIGHT)
    page.mouse.move(
        box["x"] + (box["width"] - scene.WIDTH * scale) / 2 + (x + 0.5) * scale,
        box["y"] + (box["height"] - scene.HEIGHT * scale) / 2 + (y + 0.5) * scale,
    )
    expect(page.locator(".readout caption")).to_have_text(f"Column {x}, row {y}")
    rows = page.locator(".readout tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {name: [text.strip() for text in rest] for name, *rest in cells}


def set_range(page, selector: str, value: float) -> None:
    page.locator(selector).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value
    )


def test_full_opacity_shows_the_colours_of_the_classes(viewer):
    page = viewer
    set_range(page, ".opacity", 100)
    shown, labels = pixels(page, 1), scene.predicted_map(10)
    for index, _, hex_colour in scene.CLASSES:
        if hex_colour and (labels == index).any():
            assert (shown[labels == index] == colour(hex_colour)).all()
    without = (labels != scene.BACKGROUND) & (labels != 65535)
    assert not (shown[labels == scene.BACKGROUND] == colour(scene.CLASSES[0][2])).all(axis=1).any()
    set_range(page, ".opacity", 0)
    photograph = pixels(page, 1)
    assert (photograph[~without & (labels != 65535)] == shown[labels == scene.BACKGROUND]).all()
    assert (photograph[without] != shown[without]).any(axis=1).all()


def test_unlabelled_pixels_are_hatched(bare):
    page = bare
    set_range(page, ".opacity", 100)
    void = pixels(page, 0)[scene.truth_map() == scene.VOID]
    assert {tuple(each) for each in void.tolist()} == {(230,) * 3, (60,) * 3, (185, 189, 196)}


def test_error_map_agrees_with_the_label_maps(bare):
    page = bare
    page.get_by_text("Errors", exact=True).click()
    set_range(page, ".opacity", 100)
    truth, labels = scene.truth_map(), scene.predicted_map(20)
    something = (labels < scene.BACKGROUND) & (truth != scene.VOID)
    there = (truth != scene.BACKGROUND) & (truth != scene.VOID)
    outcomes = {
        "right": there & (truth == labels),
        "false positive": ~there & something,
        "false negative": there & ~something,
        "wrong class": there & something & (truth != labels),
    }
    shown = pixels(page, 1)
    for outcome, where in outcomes.items():
        expected = colour(scene.OUTCOME_COLOURS[outcome])
        assert where.any()
        assert ((shown == expected).all(axis=2) == where).all(), outcome
    legend = page.locator(".legend").inner_text()
    assert all(outcome in legend for outcome in outcomes)


def test_outlines_leave_the_inside_free(bare):
    page = bare
    page.get_by_label("Outlines").check()
    shown = pixels(page, 0)
    assert (shown[75, 40] == (185, 189, 196)).all()
    assert (shown[60, 40] == colour(scene.CLASSES[1][2])).all()


def test_readout_names_class_object_score_iou_and_outcome(viewer):
    rows = hover(viewer, 65, 70)
    assert rows == {
        "annotation": ["car", "car #0", "", "", ""],
        "first": ["car", "car #0", "0.90", "0.50", "right"],
        "second": ["car", "car #0", "0.90", "0.50", "right"],
    }
    rows = hover(viewer, 62, 20, panel=2)
    assert rows["second"] == ["background", "tree #1", "0.30", "", "false positive, background"]


def test_readout_of_unlabelled_pixels_and_hostile_names(viewer):
    page = viewer
    assert hover(page, 5, 5)["annotation"][0] == "not labelled"
    assert hover(page, 5, 5)["first"][0] == "background"
    assert hover(page, 110, 20)["annotation"][:2] == [scene.HOSTILE, f"{scene.HOSTILE} #1"]
    assert page.locator("[data-ready] img").count() == 0


def test_panels_show_the_same_place(bare):
    page = bare
    set_range(page, ".opacity", 100)
    hover(page, 110, 30, panel=1)
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(150)
    expect(page.locator(".readout caption")).to_have_text("Column 110, row 30")
    # below the road begins at row 80; the second run's car ends 10 columns after the first's
    column = "c => Array.from(c.getContext('2d').getImageData(5, 0, 1, c.height).data)"
    first, second = (page.locator("canvas").nth(panel).evaluate(column) for panel in (1, 2))
    assert first == second


def test_classes_are_hidden_and_shown_alone(bare):
    page = bare
    set_range(page, ".opacity", 100)
    chips = page.get_by_role("group", name="Classes shown")
    chips.get_by_role("button", name="car").click()
    labels = scene.truth_map()
    assert (pixels(page, 0)[labels == 1] == (185, 189, 196)).all()
    assert (pixels(page, 0)[labels == 0] == colour(scene.CLASSES[0][2])).all()
    chips.get_by_role("button", name="car").click()
    chips.get_by_role("button", name="car").dblclick()
    assert (pixels(page, 0)[labels == 1] == colour(scene.CLASSES[1][2])).all()
    assert (pixels(page, 0)[labels == 0] == (185, 189, 196)).all()
    chips.get_by_role("button", name="car").dblclick()
    assert chips.locator("[aria-pressed=false]").count() == 0


def test_score_threshold_hides_objects(bare):
    page = bare
    page.get_by_label("Draw").select_option("masks")
    set_range(page, ".opacity", 100)
    assert (pixels(page, 1)[20, 65] == colour(scene.CLASSES[3][2])).all()
    set_range(page, ".threshold", 0.31)
    assert (pixels(page, 1)[20, 65] == (185, 189, 196)).all()
    assert hover(page, 65, 20)["first"][1] == ""
    set_range(page, ".threshold", 0.3)
    assert hover(page, 66, 20)["first"][1] == "tree #1"


def test_boxes_are_drawn_and_errors_of_objects(bare):
    page = bare
    page.get_by_label("Draw").select_option("boxes")
    assert (pixels(page, 0)[75, 40] == (185, 189, 196)).all()
    page.get_by_text("Errors", exact=True).click()
    page.get_by_label("Draw").select_option("masks")
    set_range(page, ".opacity", 100)
    shown = pixels(page, 0)
    assert (shown[70, 50] == colour(scene.OUTCOME_COLOURS["right"])).all()
    assert (shown[20, 70] == colour(scene.OUTCOME_COLOURS["false positive"])).all()
    assert (shown[20, 120] == colour(scene.OUTCOME_COLOURS["false negative"])).all()


def test_swipe_shows_one_layer_on_either_side(bare):
    page = bare
    page.get_by_text("Swipe", exact=True).click()
    page.get_by_label("Right").select_option("1")
    set_range(page, ".opacity", 100)
    set_range(page, ".divider", 70)
    shown = pixels(page, 0)
    assert (shown[20, 105] == colour(scene.CLASSES[2][2])).all()
    assert (shown[20, 137] == colour(scene.CLASSES[3][2])).all()
    assert page.locator("canvas").count() == 1
    assert page.locator("figcaption").inner_text().split() == ["annotation", "first"]


def test_keys(viewer):
    page = viewer
    zoom, canvas = page.locator(".zoom"), page.locator("canvas").first
    canvas.focus()
    fit = zoom.inner_text()
    page.keyboard.press("+")
    expect(zoom).not_to_have_text(fit)
    page.keyboard.press("0")
    expect(zoom).to_have_text(fit)
    page.keyboard.press("]")
    assert page.locator(".opacity").input_value() == "65"
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".readout caption")).to_have_text("Column 81, row 60")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    before = pixels(page, 0)
    page.keyboard.press("ArrowLeft")
    assert (pixels(page, 0) != before).any()


def test_sliders_keep_their_arrow_keys(viewer):
    page = viewer
    page.locator(".opacity").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".opacity").input_value() == "56"


def test_orientation_in_exif_is_ignored(demo, open_page, viewer):
    turned = opened(open_page(), f"{demo}/Masks?photograph=turned")
    for page in (viewer, turned):
        set_range(page, ".opacity", 0)
    seen = scene.truth_map() != scene.VOID
    difference = np.abs(pixels(turned, 0)[seen].astype(int) - pixels(viewer, 0)[seen])
    assert difference.max() < 12


def test_missing_photograph_is_said_and_the_rest_works(bare):
    page = bare
    expect(page.locator(".note")).to_contain_text("photograph is missing or cannot be read")
    assert hover(page, 40, 85)["annotation"][0] == "car"


def test_photograph_that_can_be_read_needs_no_note(viewer):
    assert viewer.locator(".note").is_hidden()


def test_settings_outlast_the_page(viewer):
    page = viewer
    page.get_by_label("Outlines").check()
    page.reload()
    page.locator("[data-ready]").wait_for(state="attached")
    assert page.get_by_label("Outlines").is_checked()


@pytest.fixture(scope="module")
def images(demo, open_page):
    page = open_page()
    page.goto(f"{demo}/Images?runs=first&below=70")
    page.locator("[data-shown]:not([data-shown='0'])").wait_for(state="attached")
    return page


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


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
        expected = colour(scene.OUTCOME_COLOURS[outcome])
        assert ((shown == expected).all(axis=2) == where).all(), outcome
    assert (shown[car & found] == (185, 189, 196)).all()


def test_cell_opens_its_image_and_back_returns(images):
    images.get_by_label("Next page").or_(images.get_by_role("button", name="2")).first.click()
    expect(images.get_by_text("image 24", exact=True)).to_be_visible()
    images.locator(".cell a").nth(2).focus()
    images.keyboard.press("Enter")
    expect(images.get_by_role("heading", name="Image 26")).to_be_visible()
    assert query(images) == {"image": ["26"], "runs": ["first"]}
    images.go_back()
    expect(images.get_by_text("image 24", exact=True)).to_be_visible()
    assert query(images) == {"runs": ["first"], "below": ["70"], "p": ["2"]}
    images.go_forward()
    expect(images.get_by_role("heading", name="Image 26")).to_be_visible()


def choose(page, label: str, option: str) -> None:
    page.locator("section").get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


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
    assert query(page) == {"runs": ["second"], "class": ["car"]}
    page.get_by_role("link", name="Masks").click()
    expect(page.get_by_role("heading", name="Image")).to_be_visible()
    assert query(page) == {"runs": ["second"], "class": ["car"]}
    page.get_by_role("link", name="Images").click()
    chosen(page, "streets / val / second / car")
    page.reload()
    chosen(page, "streets / val / second / car")
    sent = new_page()
    sent.goto(page.url)
    chosen(sent, "streets / val / second / car")


def test_another_data_set_keeps_what_it_also_has(demo, new_page):
    page = new_page()
    page.goto(f"{demo}/Images?runs=first&runs=second&class=car&split=val")
    chosen(page, "streets / val / first, second / car")
    choose(page, "Data set", "cells")
    chosen(page, "cells / val / second / car")
    assert query(page) == {"dataset": ["cells"], "runs": ["second"], "class": ["car"]}


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


def test_themes_reach_the_components(viewer):
    for scheme, expected in (("dark", "rgb(228, 233, 239)"), ("light", "rgb(27, 36, 48)")):
        viewer.emulate_media(color_scheme=scheme)
        expect(viewer.locator(".readout caption")).to_have_css("color", expected)
