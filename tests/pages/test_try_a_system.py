"""The page Try a system, with a stand-in for the processes that answer."""

from __future__ import annotations

import io
import json
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from core.errors import UsageError
from core.exchange import Message
from core.readers.images import UPLOAD_BYTES, check_upload
from core.store import rows
from core.store.connection import Store
from core.store.prediction_bytes import to_bytes
from core.structures import ImageRecord, Prediction
from pages.ui import try_answers, try_systems, try_view
from pages.ui.answering.pool import Listed, Pool
from pages.ui.prompter import Prompt, prompt_of
from pages.ui.try_keep import coco_results
from tests.pages.components import component
from tests.pages.made_up import CLASSES, HEIGHT, WIDTH, objects, objects_dataset

PAGE = "pages/13_Try_a_system.py"
CAT = (2, 2, 10, 12)


def listed(system: str, **more) -> Listed:
    fields = {"any_words": False, "segments_prompts": False, "weights": {}, "settings": {}}
    fields |= {"title": "", "framework": "none", "preset": "demo weights"}
    return Listed(system=system, **{**fields, **more})


KNOWN = [
    listed(
        "good",
        segments_prompts=True,
        weights={"sam": "s.safetensors"},
        settings={"conf": 0.1, "rescore": False},
    ),
    listed("shy"),
    listed("wordy", any_words=True),
]


class Stand:
    """A worker that finds a cat, or what its first word says; `shy` refuses."""

    doing, since, waiting, restarts = "", 0.0, 0, 0
    asked: ClassVar[list[Message]] = []

    def __init__(self, framework: str) -> None:
        Stand.asked = []

    def ask(self, message: Message) -> Future:
        Stand.asked.append(message)
        reply: Future = Future()
        reply.set_result(self._reply(message.header))
        return reply

    def _reply(self, header: dict) -> Message:
        if header["system"] == "shy":
            return Message({"reply": "refused", "message": "It is <b>shy</b>."})
        found = objects([CAT], [0], [0.75])
        done = {"load_seconds": 2.5, "notes": ["a *note*"]}
        if header["ask"] == "segment":
            done |= {"reply": "segmented", "quality": 0.875}
            return Message(done, found.masks[0].counts)
        image = ImageRecord(header["image"]["id"], "", "", HEIGHT, WIDTH)
        prediction = Prediction(image, 0.125, found, stage_seconds={"sam": 0.1})
        return Message({"reply": "answered", "outputs": {}, **done}, to_bytes(prediction))


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    """Two images with their photographs, no run."""
    folder = tmp_path_factory.mktemp("shop")
    dataset = objects_dataset(3)
    for image in dataset.images[:2]:
        Image.new("RGB", (WIDTH, HEIGHT)).save(folder / image.path)
    store = Store.at(folder / "store.duckdb")
    with store.write() as cursor:
        rows.insert_dataset(cursor, replace(dataset, images_folder=folder), painted=True)
    return store.path


@pytest.fixture
def tried(monkeypatch, open_page, shop):
    """Return a function that opens the page and lets the systems answer."""
    pool = Pool(Stand)
    monkeypatch.setattr(try_systems, "listed", lambda: KNOWN)
    for module in (try_answers, try_view):
        monkeypatch.setattr(module, "pool", lambda: pool)

    def opened(**parameters):
        app = open_page(PAGE, shop, **parameters)
        assert not app.exception
        app.button[0].click().run()
        assert not app.exception
        return app

    return opened


def words(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(part.value for part in parts)


def table(app, column: str):
    return next(f.value for f in app.dataframe if column in f.value.columns.get_level_values(-1))


def test_nothing_is_asked_until_the_visitor_wishes(monkeypatch, open_page, shop):
    monkeypatch.setattr(try_systems, "listed", lambda: KNOWN)
    Stand.asked = []
    app = open_page(PAGE, shop)
    assert app.button[0].label == "Let them answer"
    assert not app.dataframe
    assert Stand.asked == []


def test_an_answer_stands_beside_the_annotation_and_is_judged(tried):
    app = tried(systems=["good"])
    view = component(app, "overlook_viewer")
    annotation, good = view.header["layers"]
    assert (annotation["name"], good["name"]) == ("annotation", "good")
    assert view.objects(good)["outcomes"] == ["right"]
    # the hostile class of the first image is missed
    assert good["missed"] == [1]
    row = table(app, "answered in").iloc[0]
    assert row[["system", "answered in", "loaded in"]].tolist() == ["good", 0.125, 2.5]
    assert row[["found", "right", "missed"]].tolist() == [1, 1, 1]
    assert row["stages"] == "sam 0.100 s"
    # cat: all right; the hostile class, 36 pixels, became background (612 are)
    assert row["mean IoU"] == pytest.approx(100 * (1 + 0 + 612 / 648) / 3)
    assert r"a \*note\*" in words(app)


def test_a_refusal_is_told_as_text_and_costs_no_other_answer(tried):
    app = tried(systems=["good", "shy"])
    assert r"**shy** gave no answer. It is \<b\>shy\</b\>." in app.warning[0].value
    assert list(table(app, "answered in")["system"]) == ["good"]


def test_own_words_are_asked_for_and_shown_as_classes(tried):
    app = tried(systems=["wordy", "good"], words="red circle, cat,, red circle")
    asked = {each.header["system"]: each.header["classes"] for each in Stand.asked}
    assert asked == {"wordy": ["red circle", "cat"], "good": list(CLASSES)}
    view = component(app, "overlook_viewer")
    names = {each["index"]: each["name"] for each in view.header["classes"]}
    assert names[4] == "red circle"
    assert view.objects(view.header["layers"][2])["classes"] == [4]
    assert view.objects(view.header["layers"][1])["classes"] == [0]


def test_several_images_are_asked_about_and_one_is_looked_at(tried):
    app = tried(systems=["good"], images=["image 1", "image 2", "image 3", "99"])
    assert [each.header["image"]["id"] for each in Stand.asked] == [1, 2]
    told = "\n".join(each.value for each in app.warning)
    assert "The file of image 3 cannot be read" in told
    assert "There is no image 99" in told


def test_a_point_is_answered_with_a_mask(tried):
    app = tried(systems=["good"])
    key = component(app, "overlook_prompter").header["image"]
    sent = {"image": key, "points": [[3, 4.5, 1], [99, -1, 0]], "box": None}
    app.session_state["prompter"] = {"prompt": sent}
    app.run()
    assert Stand.asked[-1].header["points"] == [[3.0, 4.5, 1], [32.0, 0.0, 0]]
    shown = component(app, "overlook_prompter").header
    assert shown["mask"] == objects([CAT], [0]).masks[0].counts.decode()
    assert "Mask: 120 pixels, 15.6 % of the image. SAM expects an IoU of 87.5 %" in words(app)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {"image": "other", "points": [[1, 1, 1]], "box": None},
        {"image": "i", "points": [["x", 1, 1]], "box": None},
        {"image": "i", "points": [[1, 1]], "box": None},
        {"image": "i", "points": [], "box": [1, 2]},
        {"image": "i"},
    ],
)
def test_what_is_no_prompt_asks_nothing(monkeypatch, sent):
    monkeypatch.setattr("pages.ui.prompter.st.session_state", {"k": {"prompt": sent}})
    assert prompt_of("k", "i", 10, 10) == Prompt()


def test_the_command_that_keeps_a_run_says_all_that_was_asked(tried, shop):
    app = tried(systems=["good"], images=["image 1", "image 2"])
    command = app.code[0].value
    assert command.startswith("python -m training predict good --dataset pets --split val")
    for part in ("--weights sam=s.safetensors", "--image 1 --image 2", "--conf=0.1 --no-rescore"):
        assert part in command
    assert str(shop) in command


def test_results_are_those_of_the_answers(tried, shop, monkeypatch):
    tried(systems=["good"])
    answers = try_answers.gather([])
    assert answers == []
    monkeypatch.setenv("EVALUATION_STORE", str(shop))
    image = ImageRecord(7, "a", "a.png", HEIGHT, WIDTH)
    answer = try_answers.Answer(Prediction(image, 0.1, objects([CAT], [1], [0.75])))
    split = {"dataset": "pets", "split": "val"}
    (entry,) = json.loads(coco_results(split, KNOWN[0], [answer]))
    assert (entry["image_id"], entry["category_id"], entry["score"]) == (7, 1, 0.75)
    assert entry["segmentation"]["size"] == [HEIGHT, WIDTH]


def test_a_server_that_takes_no_uploads_takes_none_here(tried, monkeypatch):
    monkeypatch.setenv("EVALUATION_UPLOAD_MB", "0")
    app = tried(systems=["good"], origin="your own")
    (origin,) = (each for each in app.button_group if each.label == "Images")
    assert list(origin.options) == ["of the data set"]
    assert list(table(app, "answered in")["system"]) == ["good"]


def test_no_system_here_is_told(monkeypatch, open_page, shop):
    def none():
        raise OSError

    monkeypatch.setattr(try_systems, "listed", none)
    app = open_page(PAGE, shop)
    assert "python -m training list" in app.error[0].value


def picture(form: str, size: tuple[int, int] = (4, 3)) -> bytes:
    file = io.BytesIO()
    Image.new("L", size).save(file, form)
    return file.getvalue()


def test_images_that_are_sent_are_of_a_size_and_kind():
    assert check_upload(picture("PNG")) == (3, 4)
    for content, said in (
        (picture("TIFF"), "it is a TIFF image"),
        (b"<svg/>", "none of"),
        (bytes(UPLOAD_BYTES + 1), "at most"),
        (picture("PNG", (6000, 6000)), "25,000,000 at most"),
    ):
        with pytest.raises(UsageError, match=said):
            check_upload(content)
