"""The weights that ship: what each card says is what is there, and all of it stays small."""

from __future__ import annotations

import hashlib
import json

import pytest

from training.history import beside, read_history
from training.systems import SYSTEMS, system_type, trainable_types
from training.weights import SHIPPED, find_weights

CHECKPOINTS = sorted(SHIPPED.glob("*/*.safetensors"))
TRAINABLE = trainable_types()
MOST_BYTES = 40_000_000


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_the_card_is_of_these_weights(path):
    card = json.loads(beside(path, "card").read_text())
    assert card["checkpoint"] == path.name
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["system"] == path.parent.name
    assert card["system"] in TRAINABLE


@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_the_history_led_to_the_card(path):
    card = json.loads(beside(path, "card").read_text())
    history = read_history(beside(path, "history"))
    assert history.best().epoch == card["best_epoch"]
    assert dict(history.plan.settings) == card["settings"]
    assert history.best().values == card["scores"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_shipped_weights_are_found_by_name_and_need_no_trust(name, monkeypatch, tmp_path):
    monkeypatch.setenv("OVERLOOK_WEIGHTS", str(tmp_path))
    kind = system_type(name)
    for need in kind.weights:
        for known in [file for file in need.known if (SHIPPED / need.stage / file).exists()]:
            found = find_weights(need, SHIPPED / need.stage / known, kind.download, trust=False)
            assert found.path == SHIPPED / need.stage / known


def test_every_network_that_can_be_trained_ships():
    assert {path.parent.name for path in CHECKPOINTS} == set(TRAINABLE)


def test_together_they_stay_small():
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
