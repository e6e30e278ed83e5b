"""Data in, predictions, scores, a comparison and a copy, with no network: nothing asks for one."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from core.__main__ import main
from tests.corpus.case import SOUND, importing, photographs
from training.stages import yolov8


@pytest.fixture
def asked(monkeypatch) -> list[object]:
    """What was asked of the network, which is none."""
    questions: list[object] = []

    def refuse(*given: object, **_: object) -> None:
        questions.append(given)
        raise OSError("there is no network in this test")

    for owner, name in (
        *((socket.socket, each) for each in ("connect", "connect_ex", "sendto")),
        *((socket, each) for each in ("getaddrinfo", "gethostbyname", "create_connection")),
    ):
        monkeypatch.setattr(owner, name, refuse)
    return questions


def test_no_command_asks_the_network(bench, tmp_path, asked, monkeypatch):
    monkeypatch.setenv("EVALUATION_STORE", str(bench.store))
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(SOUND))
    assert main(importing("coco", file, photographs(tmp_path / "pets"))) == 0
    assert bench.predict("--run", "a") == 0
    assert bench.predict("--run", "b", "--shout") == 0
    for command in (
        ["evaluate"],
        ["scores", "a", "--json"],
        ["compare", "a", "b", "--metric", "box_ap", "--resamples", "20"],
        ["backup"],
        ["check"],
    ):
        assert main(command) == 0
    assert asked == []


def test_the_test_would_notice(asked):
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("id.example", 443))
    assert len(asked) == 1


def test_ultralytics_is_kept_from_the_network_and_from_the_settings_of_the_user(monkeypatch):
    surroundings = {"YOLO_CONFIG_DIR": "/home/ann", "YOLO_AUTOINSTALL": "true"}
    monkeypatch.setattr(yolov8.os, "environ", surroundings)
    yolov8.prepare_library.__wrapped__()
    assert surroundings["YOLO_OFFLINE"] == "true"
    assert surroundings["YOLO_AUTOINSTALL"] == "false"
    assert not any(Path(surroundings["YOLO_CONFIG_DIR"]).iterdir())
