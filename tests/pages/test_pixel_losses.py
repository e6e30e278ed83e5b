"""Where the wrong pixels lie, on Class IoU."""

from __future__ import annotations

from core.store.connection import Store
from tests.pages.made_up import pets_store

PAGE, TITLE = "pages/3_Class_IoU.py", "Where the wrong pixels lie"


def bars(app) -> dict[str, float]:
    """Return part to the length of the first run's bar, per cent."""
    (chart,) = [each for each in app.get("plotly_chart") if "union" in each.proto.spec]
    import json

    traces = json.loads(chart.proto.spec)["data"]
    return {trace["name"]: trace["x"] for trace in traces}


def test_the_parts_of_every_class_make_100_per_cent(open_page, pets):
    app = open_page(PAGE, pets)
    assert not app.exception
    assert TITLE in [each.value for each in app.subheader]
    name = app.selectbox(key="error_class").options[1]
    for chosen in (app, open_page(PAGE, pets, error_class=name)):
        lengths = bars(chosen)
        assert list(lengths) == ["correct", "boundary", "extent", "segment"]


def test_runs_without_the_counts_say_which_command_makes_them(open_page, tmp_path):
    old: Store = pets_store(tmp_path / "store.duckdb")
    with old.write() as cursor:
        cursor.execute("DELETE FROM pixel_error_count")
    app = open_page(PAGE, old.path)
    assert not app.exception
    assert any(
        "python -m core evaluate sharp --again" in each.value.splitlines() for each in app.code
    )
