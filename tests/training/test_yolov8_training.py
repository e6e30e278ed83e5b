"""YOLOv8 learns a handful of images with ultralytics' trainer, and answers as it was saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.structures import Annotation, ImageRecord
from tests.training.courses import Course, photographs, train
from tests.training.detector_answers import average_precision, check_predictions, load, same
from tests.training.scenes import CLASSES, make_scenes
from training.stages import yolov8_layout
from training.systems.yolov8 import YoloV8FitSettings, YoloV8Settings, YoloV8System

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

SMALL = YoloV8FitSettings(
    width=0.0625, imgsz=64, batch=4, lr=0.01, scale=0.0, translate=0.0, hsv_s=0.0, hsv_v=0.0
)
EVERYTHING = YoloV8Settings(imgsz=64, conf=0.0, max_det=20)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return make_scenes(tmp_path_factory.mktemp("scenes"), 8)


@pytest.fixture(scope="module")
def trained(scenes, tmp_path_factory) -> Course:
    return train(YoloV8System, tmp_path_factory.mktemp("trained"), scenes, SMALL, 24)


def test_the_loss_falls(trained):
    # at first, while no candidate is near an object, there is hardly anything to lose
    assert trained.losses[-1] < 0.6 * max(trained.losses)
    assert trained.steps[:2] == [(4, 8), (8, 8)]
    assert len(trained.values) == 24
    assert {"box_loss", "cls_loss", "dfl_loss", "val_box_ap"} <= set(trained.values[0])


def test_predictions_hold_what_they_promise(trained, scenes):
    system = load(YoloV8System, trained.weights, CLASSES, EVERYTHING)
    predicted = [one for each in photographs(scenes) for one in system.predict([each])]
    check_predictions(scenes, predicted, masks=False)
    assert system.notes == ()


def test_the_size_of_the_training_is_told_where_it_is_another(trained):
    system = load(YoloV8System, trained.weights, CLASSES, replace(EVERYTHING, imgsz=96))
    assert system.notes == (
        "The weights were trained on squares of 64 pixels, but the network sees 96: --imgsz 64 "
        "should find more.",
    )


def test_saved_and_loaded_it_says_the_same(trained, scenes, tmp_path):
    from training.stages import yolov8_weights

    network, architecture = yolov8_weights.load(trained.weights)
    assert architecture.names == CLASSES
    assert architecture.imgsz == 64
    path = tmp_path / "again.safetensors"
    yolov8_weights.save(network, architecture, path)
    assert path.read_bytes() == trained.weights.read_bytes()
    first, second = (
        load(YoloV8System, each, CLASSES, EVERYTHING).predict(photographs(scenes)[:4])
        for each in (trained.weights, path)
    )
    for one, other in zip(first, second, strict=True):
        same(one, other)


def test_a_stopped_training_goes_on_as_if_it_had_not_been(scenes, tmp_path):
    settings = replace(SMALL, scale=0.2, translate=0.1, hsv_s=0.5)
    whole = train(YoloV8System, tmp_path / "whole", scenes, settings, 3)
    train(YoloV8System, tmp_path / "parts", scenes, settings, 3, stop_after=2)
    state = tmp_path / "parts" / "state-2"
    rest = train(YoloV8System, tmp_path / "parts", scenes, settings, 3, resume=state)
    assert rest.values == whole.values[2:]
    assert rest.weights.read_bytes() == whole.weights.read_bytes()


@pytest.mark.slow
def test_it_learns_to_find_what_it_was_shown(scenes, tmp_path):
    course = train(YoloV8System, tmp_path, scenes, replace(SMALL, width=0.125, lr=0.005), 120)
    system = load(YoloV8System, course.weights, CLASSES, YoloV8Settings(imgsz=64))
    predicted = [one for each in photographs(scenes) for one in system.predict([each])]
    assert average_precision(scenes, predicted, "box") > 0.9


def test_a_network_starts_from_another(trained, scenes, tmp_path):
    from training.stages import yolov8_weights

    started = replace(SMALL, start=str(trained.weights), lr=1e-9)
    course = train(YoloV8System, tmp_path, scenes, started, 1)
    before, after = (yolov8_weights.load(each)[0] for each in (trained.weights, course.weights))
    for one, other in zip(before.parameters(), after.parameters(), strict=True):
        np.testing.assert_allclose(other.detach().numpy(), one.detach().numpy(), atol=1e-3)


def test_a_file_of_something_else_is_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "w.safetensors"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="cannot be loaded as a checkpoint of yolov8"):
        load(YoloV8System, path, CLASSES, EVERYTHING)
    save_file({}, path)
    with pytest.raises(UsageError, match="it says nothing of overlook yolov8 1"):
        load(YoloV8System, path, CLASSES, EVERYTHING)
    told = '{"names": ["a"], "depth": "__import__(1)", "width": 1, "widest": 8, "imgsz": 64}'
    save_file({}, path, metadata={"overlook yolov8 1": told})
    with pytest.raises(UsageError, match="does not say what network it is of"):
        load(YoloV8System, path, CLASSES, EVERYTHING)


def record_of(width: int, height: int) -> ImageRecord:
    return ImageRecord(1, "a", "a.png", height, width)


def test_labels_are_fractions_of_the_image_and_cut_off_at_its_edge(scenes):
    objects = scenes.annotations[1].objects
    boxes = np.array([[10.0, 20, 30, 40], [-10, 0, 30, 50]])
    lines = yolov8_layout.label_lines(replace(objects, boxes=boxes), record_of(100, 100))
    # the second: from -10 to 20 is cut to 0 to 20
    assert lines == [
        "0 0.250000 0.400000 0.300000 0.400000",
        "1 0.100000 0.250000 0.200000 0.500000",
    ]


def test_crowds_and_what_is_outside_are_not_learnt(scenes):
    objects = scenes.annotations[1].objects
    boxes = np.array([[10.0, 20, 30, 40], [100, 0, 30, 50]])
    assert len(yolov8_layout.label_lines(replace(objects, boxes=boxes), record_of(100, 100))) == 1
    crowd = replace(objects, crowd=np.array([True, False]))
    (line,) = yolov8_layout.label_lines(crowd, record_of(64, 64))
    assert line.startswith("1 ")
    assert yolov8_layout.label_lines(None, record_of(64, 64)) == []


def test_the_users_images_are_never_written(scenes, tmp_path):
    """ultralytics would rewrite a JPEG without its end, and turn one by its EXIF."""
    folder = tmp_path / "images"
    folder.mkdir()
    records, annotations = [], {}
    for index, name in enumerate(("plain", "cut", "turned")):
        record = ImageRecord(index + 1, name, f"{name}.jpg", 48, 64)
        exif = Image.Exif()
        if name == "turned":
            exif[0x0112] = 6
        Image.new("RGB", (64, 48), (index * 50, 90, 90)).save(folder / record.path, exif=exif)
        records.append(record)
        annotations[record.id] = Annotation(record, scenes.annotations[1].objects)
    cut = folder / "cut.jpg"
    cut.write_bytes(cut.read_bytes() + b"\0")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    split = replace(scenes, images=tuple(records), annotations=annotations, images_folder=folder)
    yolov8_layout.write_layout(tmp_path / "layout", split, split)
    written = {path.name: path for path in (tmp_path / "layout/images/train").iterdir()}
    assert set(written) == {"1.jpg", "2.png", "3.png"}
    assert written["1.jpg"].is_symlink()
    with Image.open(written["3.png"]) as image:
        assert image.size == (64, 48)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_split_without_objects_cannot_be_learnt(scenes, tmp_path):
    bare = {image.id: Annotation(image) for image in scenes.images}
    with pytest.raises(UsageError, match="has no object with a box"):
        yolov8_layout.write_layout(tmp_path / "x", replace(scenes, annotations=bare), scenes)
