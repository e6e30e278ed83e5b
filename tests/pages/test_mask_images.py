"""The page Masks: which image is shown, and the way to others."""

from __future__ import annotations

import pytest

from pages.ui import image_views
from pages.ui.payload import pack_view
from tests.pages.components import Payload, component
from tests.pages.test_masks import PAGE, SURE, words


def leaf(app) -> dict:
    return component(app, "overlook_leaf")


@pytest.mark.parametrize(
    ("asked", "name"), [("3", "image 3"), ("image 4", "image 4"), (None, "image 1")]
)
def test_image_is_taken_from_the_address(open_page, pets, asked, name):
    app = open_page(PAGE, pets, **({"image": asked} if asked else {}))
    assert app.title[0].value == name
    assert not app.warning


@pytest.mark.parametrize("asked", ["99", "<script>alert(1)</script>", "' OR 1=1 --"])
def test_unknown_image_is_named_and_the_first_one_shown(open_page, pets, asked):
    app = open_page(PAGE, pets, image=asked)
    assert "There is no image with the name or id" in app.warning[0].value
    assert app.title[0].value == "image 1"
    assert not app.exception


def test_name_in_the_address_is_shown_as_text(open_page, pets):
    app = open_page(PAGE, pets, image="![x](http://elsewhere/x.png) :red[y]")
    assert r"\!\[x\]\(http\://elsewhere/x.png\) \:red\[y\]" in app.warning[0].value


def test_data_set_is_leafed_through_in_its_order(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="3"))
    assert shown["place"] == "3 of 12 · data set"
    assert [frame["href"] for frame in shown["strip"]] == [f"Masks?image={i}" for i in range(1, 13)]
    assert shown["at"] == 2
    assert shown["whole"] is None


def test_first_image_has_none_before_and_the_last_none_after(open_page, pets):
    first, last = (leaf(open_page(PAGE, pets, image=image)) for image in ("1", "12"))
    assert (first["at"], len(first["strip"])) == (0, 1 + 9)
    assert (last["at"], len(last["strip"])) == (3, 3 + 1)


def test_failures_are_leafed_through_worst_first(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="6", list=SURE))
    assert shown["place"] == "3 of 5 · failures by boxes, most errors first"
    around = shown["strip"][shown["at"] - 1 : shown["at"] + 2]
    assert [frame["href"] for frame in around] == [
        f"Masks?image={i}&list=by%3Dboxes%26score%3D0.85" for i in (3, 6, 9)
    ]
    assert shown["whole"] == "Failures?by=boxes&score=0.85"


def test_list_follows_the_class_of_the_sidebar(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="6", list=SURE, **{"class": "dog"}))
    assert shown["place"].startswith("2 of 4 ")


def test_image_beside_the_list_leads_into_it(open_page, pets):
    shown = leaf(open_page(PAGE, pets, image="2", list=SURE))
    assert shown["place"].startswith("not among the 5 ")
    assert shown["at"] == 0
    assert shown["strip"][1]["href"].startswith("Masks?image=1&")


def test_images_a_key_away_are_sent_ahead_as_they_will_be_shown(open_page, pets):
    app = open_page(PAGE, pets, image="6", list=SURE)
    sent = [
        Payload(each.proto.bytes).header
        for each in app.get("bidi_component")
        if each.proto.component_name == "overlook_ahead_en"
    ]
    assert [header["title"] for header in sent] == ["image 9", "image 12", "image 3"]
    for header in sent:
        own = open_page(PAGE, pets, image=header["title"], list=SURE)
        assert component(own, "overlook_viewer").header == header


def test_views_of_other_runs_classes_and_geometries_are_not_taken_for_this_one(open_page, pets):
    ways = [{}, {"runs": "sharp"}, {"objects": "masks"}, {"class": "dog"}]
    apps = [open_page(PAGE, pets, image="6", **way) for way in ways]
    headers = [component(app, "overlook_viewer").header for app in apps]
    assert len({header["context"] for header in headers}) == len(ways)
    assert len({header["image"] for header in headers}) == 1


@pytest.fixture
def packed(monkeypatch) -> list[str]:
    """The images that were packed, one after the other."""
    names = []

    def noted(*parts, title, **more):
        names.append(title)
        return pack_view(*parts, title=title, **more)

    monkeypatch.setattr(image_views, "pack_view", noted)
    return names


def test_a_class_of_the_sidebar_packs_no_image_again(open_page, pets, packed):
    app = open_page(PAGE, pets, image="6", runs="shifted")
    before = component(app, "overlook_viewer").header
    assert packed == ["image 6", "image 7", "image 8", "image 5"]
    app.sidebar.selectbox(key="class").set_value("dog").run()
    after = component(app, "overlook_viewer").header
    assert len(packed) == 4
    assert "class=dog" in after["address"]
    assert {name for name in after if after[name] != before[name]} == {"address", "context"}


def test_runs_geometry_and_selected_object_pack_it_anew(open_page, pets, packed):
    app = open_page(PAGE, pets, image="6")
    app.query_params["object"] = "1 annotation"
    chosen = component(app.run(), "overlook_viewer").header["chosen"]
    assert chosen == {"layer": "annotation", "object": 1}
    assert packed[4:] == ["image 6"]
    app.session_state["objects"] = "masks"
    app.run()
    assert len(packed) == 4 + 1 + 4
    app.sidebar.multiselect(key="runs").set_value(["sharp"]).run()
    names = [layer["name"] for layer in component(app, "overlook_viewer").header["layers"]]
    assert names == ["annotation", "sharp"]


def test_link_to_take_along_leaves_nothing_to_standard_values(open_page, pets):
    app = open_page(PAGE, pets, list=SURE, objects="masks", **{"class": "dog"})
    header = component(app, "overlook_viewer").header
    assert header["title"] == "image 3"
    assert header["address"] == (
        "Masks?dataset=pets&split=val&runs=sharp&runs=shifted&class=dog&objects=masks&image=3"
        "&list=by%3Dboxes%26score%3D0.85"
    )


def test_empty_list_still_shows_an_image(open_page, pets):
    app = open_page(PAGE, pets, list="by=boxes&kinds=duplicate")
    assert app.title[0].value == "image 1"
    assert not app.exception


def test_search_offers_images_and_opens_one(open_page, pets):
    app = open_page(PAGE, pets, image="3")
    app.text_input(key="find image").set_value("IMAGE 1").run()
    found = [button.label for button in app.button if button.label.startswith("image")]
    assert found == ["image 1", "image 10", "image 11", "image 12"]
    app.button(key="found 11").click().run()
    assert app.title[0].value == "image 11"
    assert app.query_params["image"] == "11"
    assert app.text_input(key="find image").value == ""


def test_search_without_a_hit_says_so(open_page, pets):
    app = open_page(PAGE, pets)
    app.text_input(key="find image").set_value("zebra' --").run()
    assert "No image's name holds" in words(app)
