"""The mask viewer as a visitor meets it, in a real browser."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.seen import colour, hover, opened, pixels, scene, set_range

pytestmark = pytest.mark.browser


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


def test_a_click_selects_an_object_and_tells_python(viewer):
    page = viewer
    hover(page, 65, 70, panel=1)
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("selected: ('first', 0)", exact=True)).to_be_visible()
    hover(page, 2, 40, panel=1)
    page.mouse.down()
    page.mouse.up()
    # a click beside all objects is told too: it takes back what was selected
    expect(page.get_by_text("selected: ('', -1)", exact=True)).to_be_visible()


def test_keys_change_the_view_and_the_panels(viewer):
    page = viewer
    page.locator("canvas").first.focus()
    page.keyboard.press("2")
    expect(page.locator("canvas")).to_have_count(2)
    page.locator("canvas").first.focus()
    page.keyboard.press("2")
    expect(page.locator("canvas")).to_have_count(3)
    for mode in ("swipe", "errors", "differences", "panels"):
        page.locator("canvas").first.focus()
        page.keyboard.press("m")
        expect(page.locator(f"[value={mode}]")).to_be_checked()


def test_opacity_classes_and_pointer_need_no_rerun_of_the_script(viewer):
    page, shown = viewer, []
    before = page.get_by_text("runs of the script").inner_text()
    shown.append(pixels(page, 1))
    set_range(page, ".opacity", 90)
    shown.append(pixels(page, 1))
    page.get_by_role("group", name="Classes shown").get_by_role("button", name="car").click()
    shown.append(pixels(page, 1))
    hover(page, 65, 70, panel=1)
    shown.append(pixels(page, 1))
    for one, other in pairwise(shown):
        assert (one != other).any()
    page.wait_for_timeout(500)  # a rerun would be over
    assert page.get_by_text("runs of the script").inner_text() == before


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


def test_themes_reach_the_components(viewer):
    for scheme, expected in (("dark", "rgb(228, 233, 239)"), ("light", "rgb(11, 18, 26)")):
        viewer.emulate_media(color_scheme=scheme)
        expect(viewer.locator(".readout caption")).to_have_css("color", expected)
