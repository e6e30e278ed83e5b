"""Panoptic quality on Compare systems and on Class IoU."""

from __future__ import annotations

from tests.pages.made_up import pets_store

PAGE, RUN = "pages/2_Compare_systems.py", "python -m core evaluate sharp --again"


def test_all_figures_and_the_choice_of_classes_hold_it(open_page, pets):
    app = open_page(PAGE, pets, every="true")
    assert not app.exception
    table = app.dataframe[0].value["Panoptic segments"]
    assert table["Panoptic quality"].max() == 100.0
    assert table["Panoptic quality of things"].notna().all()
    assert not any("evaluate" in each.value for each in app.code)
    app = open_page("pages/3_Class_IoU.py", pets, class_score="Panoptic quality")
    assert not app.exception
    assert any("Kirillov" in each.value for each in app.caption)


def test_a_run_without_it_says_once_which_command_counts_it(open_page, tmp_path):
    store = pets_store(tmp_path / "store.duckdb")
    with store.write() as cursor:
        cursor.execute("DELETE FROM segment_count")
        cursor.execute("UPDATE evaluation SET has_segments = NULL")
    app = open_page(PAGE, store.path, every="true")
    assert not app.exception
    told = [line for each in app.code for line in each.value.splitlines()]
    assert told.count(RUN) == 1
    with store.write() as cursor:
        cursor.execute("DELETE FROM boundary_count")
    app = open_page(PAGE, store.path, every="true")
    told = [line for each in app.code for line in each.value.splitlines()]
    assert told.count(RUN) == 1
