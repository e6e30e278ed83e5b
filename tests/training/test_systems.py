"""What holds for every system that is registered, and for settings and classes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from core.errors import UsageError
from tests.training.fake import ROOT, FakeSettings
from training import settings
from training.__main__ import main
from training.classes import map_classes
from training.systems import SYSTEMS, system_type

FRAMEWORKS = {"torch", "torchvision", "tensorflow", "keras", "ultralytics", "open_clip", "cv2"}
# options of the job, which no setting may be called
TAKEN = {"dataset", "split", "run", "weights", "trust_weights", "device", "limit", "store", "debug"}
YOLO = system_type("yolov8").settings_type


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_says_what_it_is(name: str) -> None:
    kind = system_type(name)
    assert kind.title
    assert not kind.title.endswith(".")
    assert kind.stages
    assert kind.packages
    assert {need.stage for need in kind.weights} <= set(kind.stages)
    for need in kind.weights:
        assert need.default in need.known
        if need.address:
            assert need.address.startswith("https://")
            assert need.address_of(need.default).endswith((f"/{need.default}", ".md"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_settings_survive_json_and_cannot_be_changed(name: str) -> None:
    settings_type = system_type(name).settings_type
    given = settings_type()
    assert settings_type(**json.loads(json.dumps(settings.as_json(given)))) == given
    assert given.batch >= 1
    assert not {each.name for each in fields(settings_type)} & TAKEN
    with pytest.raises(FrozenInstanceError):
        given.batch = 7


@pytest.mark.parametrize("name", SYSTEMS)
def test_help_lists_each_setting_with_default_and_meaning(name: str, capsys) -> None:
    assert main(["predict", name, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for each in fields(system_type(name).settings_type):
        assert f"--{each.name.replace('_', '-')}" in text
        default = each.default
        shown = {True: "yes", False: "no"}[default] if isinstance(default, bool) else default
        assert f"{each.metadata['meaning']} (default: {shown})" in text
    assert "example: python -m training predict" in text


@pytest.mark.parametrize("arguments", [["list"], ["predict", "yolov8", "--help"]])
def test_no_framework_is_imported_before_it_is_needed(arguments: list[str]) -> None:
    code = (
        f"import sys; from training.__main__ import main; main({arguments!r}); "
        f"print('loaded', sorted({FRAMEWORKS!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "loaded []"


def test_an_unknown_system_is_wrong_usage_and_the_known_are_listed(capsys) -> None:
    assert main(["predict", "yolov99"]) == 2
    assert "yolov8" in capsys.readouterr().err
    with pytest.raises(UsageError, match=r"no system named 'yolov99'. Systems: .*yolov8"):
        system_type("yolov99")


def test_help_escapes_per_cent(capsys, monkeypatch) -> None:
    monkeypatch.setitem(SYSTEMS, "fake", "tests.training.fake:FakeSystem")
    assert main(["predict", "fake", "--help"]) == 0
    assert "0 % of them useful" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"imgsz": 650}, "--imgsz is 650; expected a multiple of 32"),
        ({"imgsz": 0}, "--imgsz is 0; expected 32 to"),
        ({"conf": 1.5}, "--conf is 1.5; expected 0 to 1"),
        ({"conf": float("nan")}, "--conf is nan"),
        ({"iou": -0.1}, "--iou is -0.1"),
        ({"max_det": 0}, "--max-det is 0; expected 1 to"),
        ({"batch": 0}, "--batch is 0; expected 1 to"),
    ],
)
def test_settings_out_of_range_are_refused(arguments: dict[str, float], told: str) -> None:
    with pytest.raises(UsageError) as error:
        YOLO(**arguments)
    assert told in str(error.value)


def test_differences_of_settings_are_named() -> None:
    stored = settings.as_json(FakeSettings(pause=0.5))
    assert settings.differences(stored, stored) == []
    del stored["batch"]
    assert settings.differences(stored, settings.as_json(FakeSettings(shout=True))) == [
        "batch was absent, is 4 now",
        "pause was 0.5, is 0.0 now",
        "shout was false, is true now",
    ]


def test_classes_are_matched_by_name_not_by_position() -> None:
    mapped = map_classes(["person", "bicycle", "Traffic  Light"], ["traffic light", "person"])
    np.testing.assert_array_equal(mapped.indices, [1, -1, 0])
    assert mapped.indices.dtype == np.int32
    assert mapped.known == (0, 2)
    assert (
        mapped.note
        == "1 of the weights' 3 classes are not in the data set and are left out: bicycle."
    )


def test_classes_that_the_weights_do_not_know_are_named() -> None:
    mapped = map_classes(["cat"], ["cat", *(f"dog {index}" for index in range(20))])
    assert "do not know 20 of the data set's 21 classes" in mapped.note
    assert "dog 11 and 8 more" in mapped.note


def test_the_same_classes_need_no_note() -> None:
    assert map_classes(["a", "b"], ["b", "a"]).note == ""


def test_names_that_differ_in_case_alone_are_told_apart() -> None:
    mapped = map_classes(["Bus", "BUS"], ["bus", "Bus"])
    np.testing.assert_array_equal(mapped.indices, [1, -1])


def test_no_class_in_common_is_refused_with_both_lists() -> None:
    with pytest.raises(UsageError, match="know the classes cat, dog; the data set has car"):
        map_classes(["cat", "dog"], ["car"])
