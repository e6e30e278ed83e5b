"""The U-Net that ships is found without a name, and sees what it was trained for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.structures import ImageRecord
from training.history import beside
from training.protocol import Photograph
from training.systems.unet_torch import WEIGHTS, UNetSettings, UNetTorchSystem
from training.weights import SHIPPED, find_weights

PATH = SHIPPED / "unet-torch" / WEIGHTS.default


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
