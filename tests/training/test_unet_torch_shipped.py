"""The U-Net that ships: what its card says is what is there, and it reads digits and shapes."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from core.structures import ImageRecord
from training.history import beside, read_history
from training.protocol import Photograph
from training.systems.unet_torch import WEIGHTS, UNetSettings, UNetTorchSystem
from training.weights import SHIPPED, find_weights

PATH = SHIPPED / "unet-torch" / WEIGHTS.default


def test_the_card_is_of_these_weights():
    card = json.loads(beside(PATH, "card").read_text())
    assert card["checkpoint"] == PATH.name
    assert card["sha256"] == hashlib.sha256(PATH.read_bytes()).hexdigest()
    history = read_history(beside(PATH, "history"))
    assert history.best().epoch == card["best_epoch"]
    assert dict(history.plan.settings) == card["settings"]
    assert history.best().values == card["scores"]


def test_it_is_found_without_a_name_and_needs_no_trust(monkeypatch, tmp_path):
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(tmp_path))
    assert find_weights(WEIGHTS, None, UNetTorchSystem.download, trust=False).path == PATH


@pytest.mark.torch
def test_it_sees_a_circle_on_a_plain_ground():
    classes = json.loads(beside(PATH, "card").read_text())["classes"]
    system = UNetTorchSystem(UNetSettings(), {WEIGHTS.stage: PATH}, classes, "cpu")
    rows, columns = np.mgrid[:160, :192]
    disc = (rows - 80) ** 2 + (columns - 100) ** 2 < 30**2
    pixels = np.full((160, 192, 3), (150, 140, 130), np.uint8)
    pixels[disc] = (40, 60, 200)
    record = ImageRecord(1, "disc", "disc.png", 160, 192)
    (prediction,) = system.predict([Photograph(record, pixels)])
    circle = prediction.label_map == classes.index("circle")
    assert (circle & disc).sum() / (circle | disc).sum() > 0.8
    assert (prediction.label_map[~disc] == len(classes)).mean() > 0.97
    assert prediction.confidence.mean() > 0.9 * 255
