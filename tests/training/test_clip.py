"""CLIP: open_clip's own models from file, regions cut out for it, and learning."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from tests.training.scenes import make_scenes, paint
from training.stages.crops import GREY, cut_out
from training.trainable import Epoch, FitOptions, TrainingData

pytestmark = pytest.mark.torch


def options(folder: Path, epochs: int, resume: Path | None = None) -> FitOptions:
    from training.stages.clip_fit import ClipFitSettings

    return FitOptions(ClipFitSettings(batch=4), epochs, 0, "cpu", folder, resume)


def captions():
    from training.stages.clip import Captions

    return Captions(("disc", "square"), ("background",), ("{}", "a photo of a {}"))


def test_a_region_is_cut_out_around_its_middle() -> None:
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    mask = np.zeros((6, 8), dtype=bool)
    mask[2, 3:7] = mask[3, 4] = True  # a box of 4 x 2 pixels
    square = cut_out(pixels, mask, 0)
    expected = np.full((4, 4, 3), GREY, dtype=np.uint8)
    expected[1, :] = pixels[2, 3:7]
    expected[2, 1] = pixels[3, 4]
    np.testing.assert_array_equal(square, expected)
    np.testing.assert_array_equal(cut_out(pixels, mask, 0, masked=False), pixels[1:5, 3:7])


def test_a_region_at_the_border_is_filled_up_with_grey() -> None:
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    mask = np.zeros((4, 4), dtype=bool)
    mask[0, 3] = True
    square = cut_out(pixels, mask, 2, masked=False)  # 3 x 3 around the corner
    assert square.shape == (3, 3, 3)
    assert (square[0] == GREY).all()
    assert (square[:, 2] == GREY).all()
    assert (square[1:, :2] == 0).all()


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """Return what each epoch of a short training gave, and the weights after it."""
    from training.stages import clip_fit

    folder = tmp_path_factory.mktemp("clip")
    data = TrainingData(make_scenes(folder, 12), make_scenes(folder, 4, "val", seed=1))
    epochs: list[Epoch] = []

    def report(epoch: Epoch) -> bool:
        epochs.append(epoch)
        epoch.save(folder / f"{epoch.number}.safetensors")
        return True

    clip_fit.fit(data, options(folder, epochs=8), report)
    return epochs, folder


def test_it_learns_to_name_what_it_sees(learnt) -> None:
    from training.stages.clip import Clip

    epochs, folder = learnt
    assert epochs[-1].values["loss"] < 0.5 * epochs[0].values["loss"]
    assert epochs[-1].values["val_top1"] >= 0.9
    network = Clip(folder / "8.safetensors", "cpu", captions())
    pixels, masks = paint(64, 64, np.random.default_rng(77))
    found = network.probabilities([cut_out(pixels, mask, 0.15) for mask in masks])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert found.argmax(axis=1).tolist() == [0, 1]
    assert network.probabilities([]).shape == (0, 3)


def test_a_file_answers_as_the_network_that_wrote_it(learnt, tmp_path) -> None:
    import torch

    from training.stages import clip_small

    loaded = clip_small.load(learnt[1] / "8.safetensors")
    clip_small.save(loaded.model, clip_small.SmallClip(), tmp_path / "again.safetensors")
    again = clip_small.load(tmp_path / "again.safetensors")
    pixels = torch.randn((2, 3, 64, 64), generator=torch.Generator().manual_seed(0))
    tokens = again.tokenizer(["a photo of a disc", "background"])
    with torch.inference_mode():
        for one, other in zip(
            loaded.model(pixels, tokens), again.model(pixels, tokens), strict=True
        ):
            assert torch.equal(one, other)


def test_it_is_a_model_of_open_clip_and_its_tokens_are_in_range() -> None:
    import open_clip

    from training.stages import clip_small

    clip = clip_small.build(clip_small.SmallClip())
    assert type(clip.model) is open_clip.CLIP
    tokens = clip.tokenizer(["a zebra crossing, ünïcode & 123"])
    assert tokens.shape == (1, 24)
    assert tokens.max() < clip.model.token_embedding.num_embeddings == 512 + 1500 + 2
    full = open_clip.get_tokenizer("ViT-B-32")
    text = "a photo of the circle"
    assert clip.tokenizer.decode(clip.tokenizer.encode(text)) == full.decode(full.encode(text))


def test_training_sees_what_the_preprocessing_gives(learnt) -> None:
    """Resizing and normalising in the training are open_clip's transforms."""
    import torch
    from PIL import Image

    from training.stages import clip_fit, clip_small
    from training.stages.clip_regions import Region

    pixels = np.random.default_rng(0).integers(0, 256, (37, 37, 3), dtype=np.uint8)
    one = make_scenes(learnt[1], 1)
    trainer = clip_fit._Trainer(TrainingData(one, one), options(learnt[1], 1))
    seen = []
    trainer._model.encode_image = lambda batch, normalize: seen.append(batch)
    trainer._encode_images([Region(pixels, 0)])
    preprocess = clip_small.build(clip_small.SmallClip()).preprocess
    torch.testing.assert_close(seen[0][0], preprocess(Image.fromarray(pixels)))


def test_training_goes_on_where_it_stopped(tmp_path) -> None:
    import torch

    from training.stages import clip_fit, clip_small

    data = TrainingData(make_scenes(tmp_path, 8), make_scenes(tmp_path, 2, "val", seed=1))
    weights = []

    def report(epoch: Epoch) -> bool:
        path = tmp_path / f"{len(weights)}.safetensors"
        epoch.save(path)
        weights.append(clip_small.load(path).model.state_dict())
        if len(weights) == 1:
            epoch.save_state(tmp_path / "state")
        return epoch.number < 2

    clip_fit.fit(data, options(tmp_path, epochs=4), report)
    clip_fit.fit(data, options(tmp_path, epochs=4, resume=tmp_path / "state"), report)
    assert len(weights) == 3
    for name, values in weights[1].items():
        assert torch.equal(weights[2][name], values), name


def test_the_last_batch_is_told_too(tmp_path) -> None:
    from training.stages import clip_fit

    data = TrainingData(make_scenes(tmp_path, 5), make_scenes(tmp_path, 1, "val", seed=1))
    steps = []
    watched = replace(options(tmp_path, epochs=1), step=lambda *each: steps.append(each))
    clip_fit.fit(data, watched, lambda epoch: False)
    assert steps == [(4, 5), (5, 5)]


def test_the_loss_of_shared_captions_counted_by_hand() -> None:
    import torch

    from training.stages.clip_fit import contrastive_loss

    logits = torch.tensor([[2.0, 0, 0], [2.0, 0, 0], [0.0, 2, 0]])
    found = contrastive_loss(logits, torch.tensor([0, 0, 1]), torch.ones(3))
    picks = np.log(np.exp(2) + 2) - 2
    first = -0.5 * 2 * (2 - np.log(2 * np.exp(2) + 1))
    second = -(2 - np.log(np.exp(2) + 2))
    assert found.item() == pytest.approx(picks + 0.2 * (first + second) / 2, rel=1e-5)


def test_files_that_are_no_clip_are_refused(tmp_path) -> None:
    import torch
    from safetensors.torch import save_file

    from training.stages import clip, clip_small

    (tmp_path / "noise.safetensors").write_bytes(b"noise" * 40)
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "RN50--mine.safetensors")
    shape = {"kind": clip_small.KIND, "shape": json.dumps({"width": 8})}
    save_file({"a": torch.zeros(1)}, tmp_path / "empty.safetensors", shape)
    for name, words in (
        ("noise.safetensors", "its name does not start with a configuration"),
        ("other.safetensors", "its name does not start with a configuration"),
        ("absent.safetensors", "its name does not start with a configuration"),
        ("RN50--mine.safetensors", "cannot be loaded as a RN50"),
        ("empty.safetensors", "cannot be loaded as a small CLIP"),
    ):
        with pytest.raises(UsageError, match=words):
            clip.load(tmp_path / name)


@pytest.mark.slow
def test_a_release_of_open_clip_is_told_by_its_name(tmp_path) -> None:
    import open_clip
    import torch
    from safetensors.torch import save_file

    from training.stages import clip

    torch.manual_seed(3)
    model = open_clip.create_model("ViT-S-32-alt", load_weights=False)
    path = tmp_path / "ViT-S-32-alt--mine.safetensors"
    save_file(model.state_dict(), path)
    network = clip.Clip(path, "cpu", captions())
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    assert network.probabilities([pixels]).shape == (1, 3)
    assert torch.equal(network._model.state_dict()["visual.proj"], model.visual.proj)
