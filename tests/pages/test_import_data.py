"""Import data: what is sent or named is found, checked, shown and brought in by a job."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core import jobs
from core.__main__ import main
from core.commands.watched import watching
from core.errors import UsageError
from core.jobs import read_job
from core.readers import uploads
from core.readers.server_files import VARIABLE
from core.readers.uploads import import_job, uploads_folder
from core.store.connection import Store
from core.store.rows import load_dataset
from pages.ui import background
from tests.pages.components import component
from tests.pages.made_up import pets_store
from tests.pages.test_pages import words

PAGE = "pages/14_Import_data.py"
HOSTILE = "[x](javascript:alert(1))<b>"


def region(kind, x=10):
    box = {"name": "rect", "x": x, "y": 12, "width": 30, "height": 20}
    return {"shape_attributes": box, "region_attributes": {"kind": kind, "note": "n"}}


def via(*kinds, name="a.png"):
    return {"a": {"filename": name, "size": 1, "regions": [region(kind) for kind in kinds]}}


def packed(files):
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sent.getvalue()


def photograph():
    sent = io.BytesIO()
    Image.new("RGB", (80, 60), (200, 90, 30)).save(sent, "PNG")
    return sent.getvalue()


def pets(document):
    return packed({"pets/val/via.json": json.dumps(document), "pets/val/a.png": photograph()})


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.duckdb"


@pytest.fixture
def started(monkeypatch):
    calls = []
    monkeypatch.setattr(background, "start", lambda *arguments: calls.append(arguments))
    return calls


def sent(open_page, store, content, name="pets.zip"):
    app = open_page(PAGE, store)
    app.file_uploader(key="files").set_value([(name, content, "application/zip")]).run()
    return next(each for each in app.button if each.label == "Read the files").click().run()


def test_what_is_sent_is_checked_shown_and_imported(open_page, store, started):
    app = sent(open_page, store, pets(via("dog", HOSTILE)))
    assert not app.exception
    # of two attributes nobody but the annotator knows which is the class
    assert "Which attribute is the class of a region? Of 2 regions" in app.error[0].value
    assert "--class-attribute" in app.error[0].value
    assert not [each for each in app.button if each.label == "Import"]
    (choice,) = [each for each in app.selectbox if each.label == "Attribute that is the class"]
    assert choice.options == ["kind", "note"]
    choice.set_value("kind").run()
    assert not app.error
    assert r"pets · val\: 1 image, 2 classes, 2 objects. Sound" in app.success[0].value
    shown = component(app, "overlook_viewer")
    (layer,) = shown.header["layers"]
    assert shown.objects(layer)["boxes"] == [[10, 12, 30, 20]] * 2
    assert [each["name"] for each in shown.header["classes"]] == [HOSTILE, "dog", "background"]
    assert (shown.header["width"], shown.header["height"]) == (80, 60)
    app.button[-1].click().run()
    (folder, arguments), = started  # fmt: skip
    assert folder == import_job(store)
    files = uploads_folder(store)
    (own,) = [path for path in files.iterdir() if path.is_dir()]
    assert uploads.is_kept(files, own.name)
    assert main(arguments[2:]) == 0
    boxes = load_dataset(Store.at(store), "pets", "val").annotations[1].objects.boxes
    assert boxes.tolist() == [[10, 12, 30, 20]] * 2
    after = open_page(PAGE, store, upload=own.name)
    assert "pets · val is in the store." in after.success[0].value
    (link,) = component(after, "overlook_link_list")["links"]
    assert link["href"] == "Explore_data?dataset=pets&split=val"


def test_every_fault_is_listed_and_can_be_left_out(open_page, store, started):
    regions = via("dog", "cat")
    regions["a"]["regions"] += [region(""), {"shape_attributes": {"name": "point"}}]
    app = sent(open_page, store, pets(regions))
    choice = next(each for each in app.selectbox if each.label == "Attribute that is the class")
    choice.set_value("kind").run()
    assert "2 faults found, nothing was stored" in app.error[0].value
    assert str(store.parent) not in app.error[0].value
    faults = app.dataframe[0].value
    assert len(faults) == 2
    assert "expected two objects" in " ".join(faults["fault"])
    app.toggle(key="skip").set_value(True).run()
    assert not app.error
    assert "2 faults: these are left out" in app.warning[0].value
    app.button[-1].click().run()
    assert "--skip-bad" in started[0][1]


def test_a_run_is_held_against_its_data_set_and_evaluated(open_page, tmp_path, started):
    store = pets_store(tmp_path / "store.duckdb")
    dataset = load_dataset(store, "pets", "val")
    image, ids = dataset.images[0], [each.source_id for each in dataset.categories]
    entry = {"image_id": image.id, "category_id": ids[1], "bbox": [1, 2, 3, 4], "score": 0.75}
    app = open_page(PAGE, store.path, what="Run")
    results = json.dumps([entry]).encode()
    app.file_uploader(key="files").set_value([("net.json", results, "a")]).run()
    next(each for each in app.button if each.label == "Read the files").click().run()
    assert not app.exception
    assert r"net\: 1 object. Sound" in app.success[0].value
    shown = component(app, "overlook_viewer")
    assert shown.objects(shown.header["layers"][0])["scores"] == [0.75]
    app.button[-1].click().run()
    assert main(started[0][1][2:]) == 0
    job = read_job(import_job(store.path))
    assert job.status == jobs.DONE
    assert [(s.name, s.done == s.total) for s in job.steps] == [
        *(("reading and checking", True), ("storing", True), ("evaluating", True))
    ]
    with store.read() as cursor:
        runs = cursor.execute("SELECT name FROM run JOIN evaluation USING (run_id)").fetchall()
    assert ("net",) in runs


def test_a_folder_of_the_server_is_read_where_it_lies(open_page, store, tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    parameters = {"from": "Folder on the server", "path": "set"}
    app = open_page(PAGE, store, **parameters)
    assert f"{VARIABLE}=/srv/data" in words(app)
    folder = tmp_path / "data" / "set"
    folder.mkdir(parents=True)
    (folder / "via.json").write_text(json.dumps(via("dog")))
    (folder / "a.png").write_bytes(photograph())
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    app = open_page(PAGE, store, **parameters)
    assert f"--images={folder}" in words(app)
    for other in ("..", "/etc"):
        app = open_page(PAGE, store, **{"from": "Folder on the server", "path": other})
        assert not app.exception
        assert "is no folder in" in app.error[0].value


def test_no_upload_is_taken_where_the_owner_says_so(open_page, store, monkeypatch):
    monkeypatch.setenv(uploads.LIMIT_VARIABLE, "0")
    assert not open_page(PAGE, store).file_uploader


def test_an_archive_that_leads_out_is_refused_and_nothing_stays(open_page, store):
    app = sent(open_page, store, packed({"../out.json": b"{}"}))
    assert not app.exception
    assert "leads out of the folder" in app.error[0].value
    assert not [path for path in uploads_folder(store).rglob("*") if path.is_file()]


def test_files_of_no_known_format_ask_for_it(open_page, store):
    app = sent(open_page, store, b"hello", "readme.md")
    assert not app.exception
    assert "None of the formats was found" in words(app)
    app.selectbox(key="format").set_value("via").run()
    assert [each.label for each in app.selectbox][-2:] == ["Format", "Annotations"]


def test_a_job_at_work_and_one_that_failed_are_shown(open_page, store):
    folder = import_job(store)
    with watching(folder) as watched:
        watched.steps({"storing": 4})
        watched.reach("storing", 4)
        app = open_page(PAGE, store)
        assert "Importing" in words(app)
        assert app.get("progress")
        with pytest.raises(UsageError, match="Another import is at work"), watching(folder):
            pass
    with pytest.raises(UsageError), watching(folder):
        raise UsageError(f"{HOSTILE} is full")
    app = open_page(PAGE, store)
    assert r"was not imported. \[x\]" in app.error[0].value
    app.button(key="close import").click().run()
    assert not app.error


def test_the_command_runs_by_itself(open_page, store, tmp_path, monkeypatch):
    """The arguments that the page gives, in a process of its own."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "via.json").write_text(json.dumps(via("dog")))
    (tmp_path / "set" / "a.png").write_bytes(photograph())
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    app = open_page(
        PAGE, store, **{"from": "Folder on the server", "path": "set", "name": "-odd name"}
    )
    (choice,) = [each for each in app.selectbox if each.label == "Attribute that is the class"]
    choice.set_value("kind").run()
    app.button[-1].click().run()
    folder = import_job(store)
    while background.is_busy(folder):
        pass
    assert background.status(folder) == 0, background.tail(folder, 20)
    assert Path(sys.executable).exists()
    assert "-odd name · val is in the store" in open_page(PAGE, store).success[0].value
