"""Error maps and differences in the mask viewer, pixel by pixel against the label maps."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from core.charts.palette import PIXEL_PART_COLOURS
from core.metrics.pixel_errors import KINDS
from pages.ui.palette import OUTCOME_COLOURS
from tests.browser.seen import colour, pixels, scene, set_range

pytestmark = pytest.mark.browser


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
        expected = colour(OUTCOME_COLOURS[outcome])
        assert where.any()
        assert ((shown == expected).all(axis=2) == where).all(), outcome
    legend = page.locator(".legend").inner_text()
    assert all(outcome in legend for outcome in outcomes)


def test_boxes_are_drawn_and_errors_of_objects(bare):
    page = bare
    page.get_by_label("Draw").select_option("boxes")
    assert (pixels(page, 0)[75, 40] == (185, 189, 196)).all()
    page.get_by_text("Errors", exact=True).click()
    page.get_by_label("Draw").select_option("masks")
    set_range(page, ".opacity", 100)
    shown = pixels(page, 0)
    assert (shown[70, 50] == colour(OUTCOME_COLOURS["right"])).all()
    assert (shown[20, 70] == colour(OUTCOME_COLOURS["false positive"])).all()
    assert (shown[20, 120] == colour(OUTCOME_COLOURS["false negative"])).all()


def test_differences_of_two_runs_agree_with_the_label_maps(bare):
    page = bare
    page.get_by_text("Differences", exact=True).click()
    set_range(page, ".opacity", 100)
    truth, colours = scene.truth_map(), {each.name: each.colour for each in scene.layers()}
    known = truth != scene.VOID
    first, second = (
        np.where(labels == 65535, scene.VOID, labels) == truth
        for labels in (scene.predicted_map(10), scene.predicted_map(20))
    )
    # where a prediction says nothing, background is right: it is nothing, too
    for right, labels in ((first, scene.predicted_map(10)), (second, scene.predicted_map(20))):
        right |= (labels == 65535) & (truth == scene.BACKGROUND)
    shown = pixels(page, 0)
    for where, expected in (
        (first & ~second, colours["first"]),
        (second & ~first, colours["second"]),
        (~first & ~second, OUTCOME_COLOURS["ignored"]),
    ):
        where &= known
        assert ((shown == colour(expected)).all(axis=2) == where).all()
    assert page.locator("canvas").count() == 1
    assert "only first right" in page.locator(".legend").inner_text()


def test_wrong_pixels_have_the_colour_of_their_kind(bare):
    page = bare
    page.get_by_text("Errors", exact=True).click()
    page.locator(".errors-by select").select_option("kind")
    set_range(page, ".opacity", 100)
    (layer,) = (each for each in scene.layers() if each.name == "second")
    truth, labels = scene.truth_map(), scene.predicted_map(20)
    shown = pixels(page, 1)
    for place, kind in enumerate(KINDS, 1):
        where = layer.error_kinds == place
        assert where.any()
        assert ((shown == colour(PIXEL_PART_COLOURS[kind])).all(axis=2) == where).all(), kind
    right = (truth == labels) & (truth != scene.BACKGROUND)
    assert ((shown == colour(OUTCOME_COLOURS["right"])).all(axis=2) == right).all()
    assert page.locator(".legend").inner_text().split("\n")[:4] == ["right", *KINDS]
    page.get_by_label("Draw").select_option("boxes")
    expect(page.locator(".errors-by select")).to_be_hidden()
    page.get_by_label("Draw").select_option("pixels")
    page.locator(".errors-by select").select_option("outcome")
    assert "wrong class" in page.locator(".legend").inner_text()
