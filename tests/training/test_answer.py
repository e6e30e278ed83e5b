"""Requests and replies of `python -m training answer`, with a system in plain NumPy."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from core.exchange import Message
from core.store.prediction_bytes import from_bytes
from core.structures import ImageRecord
from tests.training import fake
from training import systems
from training.__main__ import main
from training.answering import Answering
from training.presets import NO_FRAMEWORK, presets_of
from training.systems import SYSTEMS, system_type

GIB = 2**30
PLAIN = ImageRecord(5, "plain", "plain", fake.HEIGHT, fake.WIDTH)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """The folder of weights, with those of the fake system."""
    monkeypatch.setitem(systems.SYSTEMS, "fake", "tests.training.fake:FakeSystem")
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("training.weights.CODELESS", (".bin", ".safetensors"))
    (tmp_path / "fake.bin").write_bytes(b"weights")
    return tmp_path


def picture(colour=(200, 30, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (fake.WIDTH, fake.HEIGHT), colour).save(file, "PNG")
    return file.getvalue()


def request(body: bytes, ask: str = "answer", **changes) -> Message:
    image = {"id": 5, "name": "plain", "height": fake.HEIGHT, "width": fake.WIDTH}
    header = {
        "ask": ask,
        "system": "fake",
        "weights": {"fake": "fake.bin"},
        "settings": {},
        "classes": list(fake.CLASSES),
        "image": image,
    }
    return Message({**header, **changes}, body)


def test_an_answer_has_what_the_system_says_and_how_it_was_loaded(weights):
    told = []
    answering = Answering(NO_FRAMEWORK, 2, GIB)
    first = answering.reply(request(picture()), told.append)
    again = answering.reply(request(picture()), told.append)
    assert first.header["reply"] == "answered"
    assert first.header["outputs"]["masks"]
    assert first.header["notes"] == ["It is a fake."]
    assert first.header["load_seconds"] >= 0
    assert again.header["load_seconds"] is None
    assert told == ["loading fake", "fake is answering", "fake is answering"]
    objects = from_bytes(again.body, PLAIN).objects
    expected = from_bytes(first.body, PLAIN).objects
    assert objects is not None
    assert (objects.scores == expected.scores).all()


def test_the_one_that_nobody_asked_for_longest_goes(weights):
    answering, loaded = Answering(NO_FRAMEWORK, 2, 1024 * GIB), []
    tell = lambda what: what.startswith("loading") and loaded.append(what)  # noqa: E731
    for pause in (0.0, 1e-9, 0.0, 2e-9, 1e-9):
        answering.reply(request(picture(), settings={"pause": pause}), tell)
    # the third was there, the fourth drove out the second, so the last was loaded anew
    assert len(loaded) == 4


def test_in_too_large_a_process_only_the_last_stays(weights):
    answering, loaded = Answering(NO_FRAMEWORK, 9, 1), []
    tell = lambda what: what.startswith("loading") and loaded.append(what)  # noqa: E731
    for pause in (0.0, 0.0, 1e-9, 0.0):
        answering.reply(request(picture(), settings={"pause": pause}), tell)
    assert len(loaded) == 3


@pytest.mark.parametrize(
    ("changes", "body", "said"),
    [
        ({"system": "nobody"}, picture(), "no system named 'nobody'"),
        ({"system": "unet-torch"}, picture(), "does not answer single images in this process"),
        ({"system": "ensemble"}, picture(), "does not answer single images in this process"),
        ({"settings": {"speed": 3}}, picture(), "no setting 'speed'"),
        ({"weights": {"fake": "../fake.bin"}}, picture(), "no file '../fake.bin'"),
        ({"weights": {}}, picture(), "no file ''"),
        ({}, b"GIF89a", "cannot be used"),
        ({}, picture()[:50], "cannot be used"),
        ({"ask": "segment", "points": [[1, 1, 1]], "box": None}, picture(), "no points or boxes"),
        ({}, picture(fake.POISON), "failed on it"),
        ({}, picture(fake.OVERFLOW), "a score outside 0 to 1"),
        (
            {"image": {"id": 1, "name": "a", "height": 3, "width": 4}},
            picture(),
            "the data set says 3 x 4",
        ),
        ({"image": {}}, picture(), "It failed (KeyError"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_cannot_be_answered_is_told_and_the_next_is_answered(weights, changes, body, said):
    answering = Answering(NO_FRAMEWORK, 2, GIB)
    reply = answering.reply(request(body, **changes), lambda _: None)
    assert reply.header["reply"] == "refused"
    assert said in reply.header["message"]
    assert answering.reply(request(picture()), lambda _: None).header["reply"] == "answered"


def test_weights_that_could_run_code_are_not_loaded(weights, monkeypatch):
    monkeypatch.setattr("training.weights.CODELESS", ())
    reply = Answering(NO_FRAMEWORK, 2, GIB).reply(request(picture()), lambda _: None)
    assert "does not know" in reply.header["message"]


def test_the_list_for_programs_names_all_systems_and_the_demos_weights(capsys):
    assert main(["list", "--json"]) == 0
    listed = {each["system"]: each for each in json.loads(capsys.readouterr().out)}
    assert set(listed) == set(SYSTEMS)
    assert {name for name, each in listed.items() if not each["single_images"]} == {"ensemble"}
    with_demo = {name for name, each in listed.items() if each["presets"]}
    assert with_demo == set(SYSTEMS) - {"ensemble"}
    assert listed["yolov8-sam"]["presets"][0]["settings"]["imgsz"] == 192
    assert listed["sam-clip"]["presets"][0]["weights"] == {
        "sam": "sam-demo.safetensors",
        "clip": "clip-demo.safetensors",
    }
    assert {each["framework"] for each in listed.values()} == {"torch", "tensorflow", "none"}
    assert {name for name, each in listed.items() if each["segments_prompts"]} == {
        "yolov8-sam",
        "retinanet-sam",
        "sam-clip",
    }


def test_official_weights_that_are_here_are_a_choice_beside_the_demos(tmp_path, monkeypatch):
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(tmp_path))
    for name in ("yolov8n.pt", "sam_vit_b_01ec64.pth"):
        (tmp_path / name).write_bytes(b"")
    names = [each.name for each in presets_of("yolov8-sam", system_type("yolov8-sam"))]
    assert names == ["demo weights", "yolov8n.pt + sam_vit_b_01ec64.pth"]


def test_only_the_named_images_are_predicted(bench, capsys):
    assert bench.predict("--image", 35, "--image", 75) == 0
    assert bench.ask("SELECT source_id FROM prediction_image JOIN image USING (image_id)") == [
        (35,),
        (75,),
    ]
    assert "2 of 10 images answered" in capsys.readouterr().out
    assert bench.predict("--image", 35, "--image", 99) == 2
    assert "--image names 99" in capsys.readouterr().err
    assert bench.predict() == 0
    assert np.shape(bench.answers()[0]) == (10, 2)


def test_on_a_terminal_it_says_what_it_is_for(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["answer", "none"]) == 2
    assert "not with people" in capsys.readouterr().err
