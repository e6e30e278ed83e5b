"""The demo from the page: offered, started once, watched, stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import jobs
from core.errors import UsageError
from core.jobs import JobRecord, demo_job, only_one
from pages.ui import background
from tests.pages.made_up import pets_store

WAITS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(1)"


@pytest.fixture
def asked(monkeypatch):
    """Stands in for starting commands: the folder and the arguments of each."""
    calls = []
    monkeypatch.setattr(background, "start", lambda *arguments: calls.append(arguments))
    return calls


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def stopped_job(store: Path, status: str = "stopped", note: str = "It was stopped.") -> None:
    folder = demo_job(store)
    folder.mkdir(parents=True)
    record = JobRecord(folder, {"drawing": 4, "net val": 6})
    record.reach("drawing", 4)
    record.end(status, note)


def test_an_empty_store_offers_the_demo_and_builds_it_beside_the_store(
    open_page, asked, tmp_path
) -> None:
    store = tmp_path / "none.duckdb"
    app = open_page("Home.py", store)
    app.button(key="demo").click().run()
    assert not app.exception
    arguments = ["-m", "training", "demo", "--store", str(store)]
    assert asked == [(demo_job(store), arguments)]


def test_a_full_store_offers_it_in_a_menu_until_it_is_there(open_page, tmp_path) -> None:
    store = pets_store(tmp_path / "store.duckdb")
    assert "Build the demo" in labels(open_page("Home.py", store.path))
    stopped_job(store.path, "done", "")
    # it was built once, but its data set is not here: somebody removed it
    assert "Build the demo" in labels(open_page("Home.py", store.path))
    with store.write() as cursor:
        cursor.execute("UPDATE dataset SET name = 'demo'")
    assert "Build the demo" not in labels(open_page("Home.py", store.path))


@pytest.mark.parametrize("page", ["Home.py", "pages/1_Explore_data.py"])
def test_a_job_at_work_is_shown_wherever_it_was_started(open_page, tmp_path, page) -> None:
    store = tmp_path / "none.duckdb"
    with only_one(demo_job(store)):
        record = JobRecord(demo_job(store), {"drawing": 4, "net val": 6})
        record.reach("drawing", 4)
        app = open_page(page, store)
        assert not app.exception
        assert "4 of 10 images, 1 of 2 steps" in app.get("progress")[0].proto.text
        assert list(app.dataframe[0].value["step"]) == ["drawing", "net val"]
        assert list(app.dataframe[0].value["done"]) == [100, 0]
        assert "Build the demo" not in labels(app)


def test_a_job_that_ended_early_says_why_and_can_go_on_or_be_left(
    open_page, asked, tmp_path
) -> None:
    store = tmp_path / "none.duckdb"
    stopped_job(store, "failed", "These systems failed: net.")
    (demo_job(store) / jobs.LOG).write_text("net: <b>no weights</b>\n")
    app = open_page("Home.py", store)
    (warning,) = app.warning
    assert "These systems failed: net. 4 of 10 images, 1 of 2 steps" in warning.value
    assert "net: <b>no weights</b>" in [code.value for code in app.code]
    app.button(key="go on").click().run()
    assert len(asked) == 1
    app.button(key="leave").click().run()
    assert not app.warning
    assert jobs.read_job(demo_job(store)) is None


def test_a_second_start_is_refused_politely(open_page, tmp_path) -> None:
    store = tmp_path / "none.duckdb"
    app = open_page("Home.py", store)
    with only_one(demo_job(store)):
        app.button(key="demo").click().run()
        assert not app.exception
        assert not app.error
        assert "Stop" in labels(app)


def test_a_command_goes_on_by_itself_and_is_stopped_from_anywhere(tmp_path) -> None:
    background.start(tmp_path, ["-c", WAITS])
    try:
        assert background.is_busy(tmp_path)
        with pytest.raises(UsageError, match="at work already"):
            background.start(tmp_path, ["-c", WAITS])
        while not background.tail(tmp_path, 5):
            pass
        assert background.tail(tmp_path, 5) == "begun"
    finally:
        background.stop(tmp_path)
    while background.is_busy(tmp_path):
        pass
    assert background.status(tmp_path) == -15


def test_a_command_that_cannot_begin_is_told(open_page, tmp_path, monkeypatch) -> None:
    store = tmp_path / "none.duckdb"
    folder = demo_job(store)
    background.start(folder, ["-c", "import sys; sys.exit('no such thing')"])
    while background.is_busy(folder):
        pass
    app = open_page("Home.py", store)
    assert "It could not be started." in app.warning[0].value
    assert "no such thing" in [code.value for code in app.code]
