"""Questions about single images, on a scene worked out by hand."""

from __future__ import annotations

import pytest

from core.store.queries import image_view


def test_values_are_never_read_as_sql(scene):
    with scene.read() as cursor:
        for text in ("' OR 1=1 --", "%", "_", "\\", '"; DROP TABLE image; --'):
            assert image_view.find_image(cursor, 1, "val", text).empty
            assert image_view.search_images(cursor, 1, "val", text, 5).empty


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one", [1], id="name"),
        pytest.param("7", [3], id="id"),
        pytest.param("2", [2], id="the id wins over the name of another image"),
        pytest.param("On", [], id="part of a name"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_an_image_is_found_by_id_or_name(scene, text, expected):
    with scene.read() as cursor:
        assert image_view.find_image(cursor, 1, "val", text)["image_id"].tolist() == expected
        assert image_view.find_image(cursor, 1, "test", text).empty


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        pytest.param("O", 5, ["one", "two"], id="any part, any capitals, beginnings first"),
        pytest.param("o", 1, ["one"], id="at most so many"),
        pytest.param("w", 5, ["two"], id="the middle"),
        pytest.param("7", 5, ["2"], id="an id"),
        pytest.param("x", 5, [], id="nothing"),
    ],
)
def test_images_are_searched_by_part_of_their_name(scene, text, most, expected):
    with scene.read() as cursor:
        found = image_view.search_images(cursor, 1, "val", text, most)
    assert found["name"].tolist() == expected


def test_what_was_said_about_images(scene):
    with scene.read() as cursor:
        answers = image_view.image_answers(cursor, [1, 2], [2, 3])
        matches = image_view.image_matches(cursor, [1, 2], [1, 2], "box")
        records = image_view.image_records(cursor, [3, 1])
        assert image_view.image_matches(cursor, [1], [1], "mask").empty
        assert image_view.split_images(cursor, 1, "val")["image_id"].tolist() == [1, 2, 3]
    assert answers[["run_id", "image_id"]].to_numpy().tolist() == [[1, 2], [1, 3], [2, 2]]
    assert matches["object_index"].tolist() == [*range(8), 0, 0]
    assert matches["kind"].tolist()[:3] == ["hit", "hit", "background"]
    assert records["name"].tolist() == ["one", "2"]
    assert set(records["images_folder"]) == {"/pictures"}
