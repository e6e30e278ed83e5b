"""Histories of other programs' trainings on the page Runs."""

from __future__ import annotations

from core.__main__ import main
from tests.pages.made_up import pets_store
from tests.pages.test_pages import words

HOSTILE = "[x](javascript:alert(1))<b>loss"


def test_an_imported_history_is_drawn_beside_its_run(open_page, tmp_path):
    store = pets_store(tmp_path / "store.duckdb")
    file = tmp_path / "results.csv"
    file.write_text(f"epoch,{HOSTILE},acc,lr/pg0\n1,2.0,0.25,9\n2,1.0,0.5,9\n")
    arguments = ["import-history", str(file), "--run", "sharp", "--goal", HOSTILE]
    assert main([*arguments, "--store", str(store.path)]) == 0
    app = open_page("pages/15_Runs.py", store.path, run="sharp")
    assert not app.exception
    told = words(app)
    assert "Read from results.csv (csv), up to epoch 2." in told
    assert r"Best \[x\]\(javascript" in told
    charts = [each.proto.spec for each in app.get("plotly_chart")]
    assert len(charts) == 2
    assert all("best: 2" in chart for chart in charts)
    assert not any("lr/pg0" in chart for chart in charts)
    assert "Read from" not in words(open_page("pages/15_Runs.py", store.path, run="shifted"))
