"""Answers to single images, held against what `training predict` stores of the same images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np

from core.__main__ import main as core_main
from core.exchange import Message
from core.store.connection import Store
from core.store.prediction_bytes import from_bytes
from core.store.predictions import load_predictions
from core.store.rows import load_dataset
from core.structures import Objects, Prediction
from training.__main__ import main
from training.answering import Answering
from training.presets import Preset, framework_of, presets_of
from training.systems import system_type

GIB = 2**30
IMAGES = 2


def make_store(folder: Path, dataset: str, make: object) -> Store:
    """A store with two images of one of the demo's data sets."""
    make(folder / dataset, {"test": IMAGES})
    files = ["--annotations", folder / dataset / "test.json", "--images", folder / dataset / "test"]
    place = ["--store", folder / "evaluation.duckdb", "--split", "test"]
    words = ["import", dataset, "--format", "coco", *files, *place]
    assert core_main(list(map(str, words))) == 0
    return Store.at(folder / "evaluation.duckdb")


def requests(store: Store, system: str, dataset: str) -> Iterator[tuple[dict, bytes, Prediction]]:
    """Yield a request for each image, its bytes, and what `predict` says of it."""
    preset = presets_of(system, system_type(system))[0]
    assert main(["predict", system, *_options(preset), *_place(store, system, dataset)]) == 0
    said, split = _stored(store, system, dataset), load_dataset(store, dataset, "test")
    assert len(said) == IMAGES
    for image in split.images:
        header = {
            "ask": "answer",
            "system": system,
            "weights": preset.weights,
            "settings": preset.settings,
            "classes": [each.name for each in split.categories],
            "image": {name: getattr(image, name) for name in ("id", "name", "height", "width")},
        }
        yield header, (split.images_folder / image.path).read_bytes(), said[image.id]


def assert_answers_are_those_of_predict(store: Store, system: str, dataset: str) -> None:
    answering = Answering(framework_of(system_type(system)), 2, 99 * GIB)
    for header, content, expected in requests(store, system, dataset):
        reply = answering.reply(Message(header, content), lambda _: None)
        assert reply.header["reply"] == "answered", reply.header
        answer = from_bytes(reply.body, expected.image)
        _assert_same(answer, expected)
        assert answer.seconds > 0


def _assert_same(one: Prediction, other: Prediction) -> None:
    """Assert that two predictions say the same, to the last bit; times may differ."""
    for name in ("label_map", "confidence", "probabilities"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.objects is None) == (other.objects is None)
    if one.objects is not None:
        for each in fields(Objects):
            ours, theirs = getattr(one.objects, each.name), getattr(other.objects, each.name)
            assert np.array_equal(ours, theirs) if each.name != "masks" else ours == theirs


def _options(preset: Preset) -> list[str]:
    pairs = [("--weights", "=".join(pair)) for pair in preset.weights.items()]
    pairs += [("--imgsz", str(size)) for name, size in preset.settings.items() if name == "imgsz"]
    return [word for pair in pairs for word in pair]


def _place(store: Store, system: str, dataset: str) -> list[str]:
    words = {"--dataset": dataset, "--split": "test", "--run": system, "--store": str(store.path)}
    return [word for pair in words.items() for word in pair]


def _stored(store: Store, run: str, dataset: str) -> dict[int, Prediction]:
    """What a run says, by the id of the image."""
    images = {image.id: image for image in load_dataset(store, dataset, "test").images}
    with store.read() as cursor:
        keys = cursor.execute(
            "SELECT run_id, image_id, source_id FROM prediction_image JOIN image USING (image_id) "
            "JOIN run USING (run_id) WHERE run.name = ?",
            [run],
        ).fetchall()
        wanted = {key: images[source] for _, key, source in keys}
        found = load_predictions(cursor, keys[0][0], wanted)
    return {each.image.id: each for each in found.values()}
