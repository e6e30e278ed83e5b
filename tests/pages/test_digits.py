"""The page Digits: class read, place found, on images of one object each."""

from __future__ import annotations

import pytest

from core.metrics.classification import JOINT_OUTCOMES
from tests.pages.components import component
from tests.pages.made_up import CLASSES, HOSTILE, singles_store
from tests.pages.test_pages import words

PAGE = "pages/8_Digits.py"
GALLERY, LINKS = "overlook_gallery", "overlook_link_list"


@pytest.fixture(scope="module")
def singles(tmp_path_factory):
    return singles_store(tmp_path_factory.mktemp("singles") / "store.duckdb").path


def table(app, column):
    """The one table with a column, by its run."""
    (found,) = [each.value for each in app.dataframe if column in each.value]
    return found.set_index("run")


def shown(app) -> list[str]:
    return [cell["caption"] for cell in component(app, GALLERY).header["cells"]]


def test_scores_are_those_counted_by_hand(open_page, singles):
    app = open_page(PAGE, singles)
    assert not app.exception
    reader = table(app, "top1").loc["reader"]
    # wrong on 4 and 7, silent on 6
    assert reader["top1"] == pytest.approx(100 * 9 / 12)
    # two boxes share 2 of 18 columns, one image has none
    assert reader["localization_iou"] == pytest.approx(100 * (9 + 2 * 2 / 18) / 12)
    assert reader["joint_accuracy"] == pytest.approx(100 * 8 / 12)
    assert table(app, "top1").loc["exact", "joint_accuracy"] == 100


def test_class_and_place_follow_the_slider(open_page, singles):
    def joint(**parameters):
        counts = table(open_page(PAGE, singles, **parameters), JOINT_OUTCOMES[0])
        return list(counts.loc["reader", list(JOINT_OUTCOMES)])

    assert joint() == [8, 1, 1, 1, 1]
    assert joint(iou="0.1") == [9, 0, 2, 0, 1]
    assert joint(figures="per cent") == pytest.approx([100 * n / 12 for n in (8, 1, 1, 1, 1)])


def test_confusions_are_listed_without_right_answers(open_page, singles):
    (rows,) = [t.value for t in open_page(PAGE, singles).dataframe if "truth" in t.value]
    found = {(row.truth, row.predicted): (row.images, row.share) for row in rows.itertuples()}
    assert found == {
        ("dog", HOSTILE): (1, 25),
        ("dog", "cat"): (1, 25),
        ("cat", "no answer"): (1, 25),
    }


def test_a_class_of_the_sidebar_narrows_all_but_its_f1(open_page, singles):
    app = open_page(PAGE, singles, **{"class": "dog"})
    reader = table(app, "top1").loc["reader"]
    assert reader["images"] == 4
    assert reader["top1"] == 50
    # two of four dogs found, and nothing else was called a dog
    assert reader["macro_f1"] == pytest.approx(100 * 2 * 2 / (4 + 2))
    assert "F1, which needs all" in words(app)


def test_tags_choose_the_images(open_page, singles):
    app = open_page(PAGE, singles, tags="odd", runs="reader")
    assert table(app, "top1").loc["reader", "images"] == 6
    assert table(app, "top1").loc["reader", "top1"] == pytest.approx(100 * 5 / 6)


def test_the_surest_mistake_comes_first_and_the_lowest_iou_by_choice(open_page, singles):
    app = open_page(PAGE, singles, runs="reader")
    assert shown(app)[:4] == ["image 4", "image 7", "image 6", "image 5"]
    app = open_page(PAGE, singles, runs="reader", rank="lowest IoU first")
    assert shown(app)[:3] == ["image 6", "image 5", "image 7"]


def test_cells_hold_both_boxes_and_what_was_read(open_page, singles):
    payload = component(open_page(PAGE, singles), GALLERY)
    first = payload.header["cells"][0]
    assert payload.header["layers"] == ["annotation", "reader", "exact"]
    assert payload.header["annotation_beneath"] is True
    assert first["badges"] == [f"dog → {HOSTILE} 95 % · IoU 100 %", "dog 80 % · IoU 100 %"]
    assert first["href"] == "Masks?image=4"
    boxes = [payload.objects(layer) for layer in first["layers"]]
    assert [each["boxes"] for each in boxes] == [[[2, 2, 10, 12]]] * 3
    assert boxes[1]["outcomes"] == ["wrong class"]
    assert boxes[2]["outcomes"] == ["right"]


@pytest.mark.parametrize(
    ("filters", "images"),
    [
        ({"annotated": "dog", "predicted": "cat"}, ["image 7"]),
        ({"predicted": "no answer"}, ["image 6"]),
        ({"predicted": "cat", "of": "exact"}, ["image 6", "image 3", "image 9", "image 12"]),
        ({"outcome": JOINT_OUTCOMES[1]}, ["image 5"]),
        ({"outcome": [JOINT_OUTCOMES[2], JOINT_OUTCOMES[3]]}, ["image 4", "image 7"]),
    ],
)
def test_filters_of_the_link_choose_images(open_page, singles, filters, images):
    found = shown(open_page(PAGE, singles, **filters))
    assert sorted(found) == sorted(images)


def test_filters_that_nothing_passes_say_so(open_page, singles):
    app = open_page(PAGE, singles, annotated="cat", predicted="dog")
    assert "No image passes these filters" in words(app)
    assert not app.exception


def test_values_of_another_link_are_dropped(open_page, singles):
    app = open_page(PAGE, singles, annotated="giraffe", predicted="<b>", of="nobody", iou="7")
    assert not app.exception
    assert len(shown(app)) == 12


def test_images_of_several_objects_are_left_out_only_when_asked(open_page, full):
    app = open_page(PAGE, full, runs="sharp")
    offer = "Score only the 7 images with exactly one object"
    assert app.toggle(key="single").label == offer
    assert not app.dataframe
    app = open_page(PAGE, full, runs="sharp", single="true")
    assert table(app, "top1").loc["sharp", "images"] == 7
    assert table(app, "top1").loc["sharp", "top1"] == 100
    app = open_page(PAGE, full, runs="sharp", single="true", tags="odd")
    assert table(app, "top1").loc["sharp", "images"] == 3  # 5, 7 and 11


def test_a_split_without_single_objects_names_what_suits(open_page, tmp_path):
    store = singles_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("UPDATE run SET has_boxes = false WHERE name = 'exact'")
    app = open_page(PAGE, store.path, runs="exact")
    assert "python -m training predict vgg19-digits" in words(app)
    (suited,) = component(app, LINKS)["links"]
    assert suited["href"] == "Digits?dataset=singles&split=val"
    left_out = open_page(PAGE, store.path)
    assert "Without boxes, so not shown here: exact." in words(left_out)
    assert list(table(left_out, "top1").index) == ["reader"]


def test_names_of_classes_are_never_markup(open_page, singles):
    app = open_page(PAGE, singles, **{"class": HOSTILE})
    assert r"annotated \<b\>7\</b\>" in words(app)
    assert CLASSES[2] == HOSTILE


def test_without_places_only_classes_are_judged(open_page, tmp_path):
    store = singles_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("UPDATE split SET located = false")
    app = open_page(PAGE, store.path, outcome=JOINT_OUTCOMES[1])
    assert not app.exception
    assert "not where: places are not scored" in words(app)
    reader = table(app, "top1").loc["reader"]
    assert reader["top1"] == pytest.approx(100 * 9 / 12)
    assert reader[["localization_iou", "joint_accuracy"]].isna().all()
    assert not any(JOINT_OUTCOMES[0] in each.value for each in app.dataframe)
    assert app.selectbox(key="rank").options == ["surest wrong class first"]
    payload = component(app, GALLERY)
    # wrong on 4 and 7, silent on 6, then right but least sure of 5
    assert shown(app)[:4] == ["image 4", "image 7", "image 6", "image 5"]
    assert payload.header["annotation_beneath"] is False
    assert payload.header["cells"][0]["badges"][0] == f"dog → {HOSTILE} 95 %"
    assert payload.objects(payload.header["cells"][0]["layers"][1])["outcomes"] == ["wrong class"]
