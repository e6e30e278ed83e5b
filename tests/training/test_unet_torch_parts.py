"""The parts of the U-Net's training and prediction, each against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UsageError
from training.unet_settings import UNetTorchFitSettings

pytestmark = pytest.mark.torch


class Recorder:
    """Stands for a network: keeps what it is given, and returns it."""

    def __call__(self, given):
        self.given = given
        return given

    def parameters(self):
        import torch

        yield torch.zeros(1)


def test_an_image_is_filled_up_at_its_end_with_its_edge_and_cut_again():
    from training.stages import unet_torch

    architecture = unet_torch.Architecture(("a", "b", "c"), 2, 4, 2, 8, 1.0)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    network = Recorder()
    logits = unet_torch.logits_of(network, architecture, pixels).numpy()
    expected = pixels.transpose(2, 0, 1) / 127.5 - 1
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    given = network.given[0].numpy()
    assert given.shape == (3, 8, 8)
    assert (given[:, 5:, :6] == given[:, 4:5, :6]).all()
    assert (given[:, :, 6:] == given[:, :, 5:6]).all()


@pytest.mark.parametrize("background", [0, 1])
def test_a_binary_network_is_certain_of_background_where_the_object_is_unlikely(background):
    import torch

    from training.stages import unet_torch

    names = ("nothing", "thing") if background == 0 else ("thing", "nothing")
    architecture = unet_torch.Architecture(names, background, 4, 1, 8, 1.0)
    logits = torch.tensor([[[np.log(9.0), -np.log(9.0), np.log(0.6 / 0.4)]]])
    labels, certainty = unet_torch.choose(logits, architecture, 0.7)
    assert labels.tolist() == [[1 - background, background, background]]
    np.testing.assert_allclose(certainty.numpy(), [[0.9, 0.9, 0.4]], atol=1e-6)


def test_what_nobody_labelled_is_not_learnt(tmp_path):
    """Where truth is void the network may say anything: its loss counts the rest alone."""
    import torch

    from training.stages import unet_torch_training as lessons

    logits = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    targets = torch.randint(0, 3, (2, 4, 4), generator=torch.Generator().manual_seed(1))
    targets[:, :2] = lessons.IGNORED
    changed = logits.clone()
    changed[:, :, :2] += 5 * torch.randn(2, 3, 2, 4)
    weights = torch.tensor([1.0, 2.0, 0.5])
    for loss in (
        lambda x: lessons.cross_entropy(x, targets, weights),
        lambda x: lessons.dice_loss(x, targets),
    ):
        assert torch.allclose(loss(logits), loss(changed), atol=1e-6)
    single, binary = logits[:, :1], targets.clamp(max=1)
    for loss in (
        lambda x: lessons.cross_entropy(x, binary, weights),
        lambda x: lessons.dice_loss(x, binary),
    ):
        assert torch.allclose(loss(single), loss(changed[:, :1]), atol=1e-6)


def test_losses_are_those_of_their_definitions():
    import torch

    from training.stages import unet_torch_training as lessons

    generator = torch.Generator().manual_seed(4)
    logits = torch.randn(2, 3, 5, 6, generator=generator)
    targets = torch.randint(0, 3, (2, 5, 6), generator=generator)
    weights = np.array([1.0, 2.0, 0.5])
    scores = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(axis=1, keepdims=True)
    truth = np.eye(3)[targets.numpy()].transpose(0, 3, 1, 2)
    expected = -(truth * np.log(scores) * weights[None, :, None, None]).sum(axis=1).mean()
    found = lessons.cross_entropy(logits, targets, torch.tensor(weights, dtype=torch.float32))
    assert float(found) == pytest.approx(expected, rel=1e-5)
    shared, both = ((scores * truth).sum((0, 2, 3)), (scores + truth).sum((0, 2, 3)))
    expected = (1 - (2 * shared + 1) / (both + 1)).mean()
    assert float(lessons.dice_loss(logits, targets)) == pytest.approx(expected, rel=1e-5)
    binary = (targets > 0).long()
    odds = 1 / (1 + np.exp(-logits[:, 0].numpy()))
    expected = -np.where(binary == 1, np.log(odds), np.log(1 - odds)).mean()
    found = lessons.cross_entropy(logits[:, :1], binary, torch.ones(2))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_learning_rate_rises_and_falls_once():
    from training.schedule import FINAL_RATE, WARM_UP, one_cycle

    rates = [one_cycle(step / 200) for step in range(201)]
    peak = int(np.argmax(rates))
    assert peak == round(200 * WARM_UP)
    assert rates[peak] == pytest.approx(1)
    assert rates[0] == rates[-1] == pytest.approx(FINAL_RATE)
    assert (np.diff(rates[: peak + 1]) > 0).all()
    assert (np.diff(rates[peak:]) < 0).all()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"crop": 50}, "crop is 50; expected a multiple of 16 with depth 4"),
        ({"zoom": 0.5}, "--zoom is 0.5"),
        ({"scale": 0}, "--scale is 0"),
        ({"batch": 0}, "--batch is 0"),
        ({"lr": float("nan")}, "--lr is nan"),
    ],
)
def test_settings_out_of_range_are_refused(arguments, told):
    with pytest.raises(UsageError, match=told):
        UNetTorchFitSettings(**arguments)
