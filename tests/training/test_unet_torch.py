"""The U-Net in PyTorch: learns a handful of images, and answers as it was saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import confidence
from core.structures import (
    Annotation,
    Category,
    Dataset,
    ImageRecord,
    LabelMap,
    Source,
    void_of,
)
from tests.training.courses import Course, photographs, train
from training.protocol import Photograph
from training.systems.unet_torch import UNetSettings, UNetTorchSystem
from training.unet_settings import UNetTorchFitSettings

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

SMALL = UNetTorchFitSettings(
    width=8,
    depth=2,
    crop=24,
    scale=1.0,
    batch=2,
    lr=0.01,
    zoom=1.0,
    shift=0.0,
    brightness=0.0,
    contrast=0.0,
)


def made_up(folder: Path, names: Sequence[str], background: int | None) -> Dataset:
    """Eight images of 24 x 20 or 20 x 24 pixels; each class has its colour."""
    from PIL import Image

    colours = np.array([[30, 30, 30], [220, 40, 40], [40, 220, 40], [40, 40, 220]], np.uint8)
    records, annotations = [], {}
    for index in range(8):
        generator = np.random.default_rng(index)
        height, width = ((24, 20), (20, 24))[index % 2]
        label_map = np.zeros((height, width), np.uint8)
        top, left = generator.integers(2, 8, 2)
        label_map[top : top + 9, left : left + 9] = 1 + index % (len(names) - 1)
        pixels = colours[label_map] + generator.integers(0, 25, (height, width, 1), np.uint8)
        record = ImageRecord(index + 1, str(index), f"{index}.png", height, width)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / record.path)
        records.append(record)
        annotations[record.id] = Annotation(record, label_map=label_map)
    return Dataset(
        name="made up",
        split="train",
        categories=tuple(map(Category, names)),
        images=tuple(records),
        annotations=annotations,
        images_folder=folder,
        source=Source("label-png", "x", ""),
        background=background,
    )


def fit(folder: Path, dataset: Dataset, settings=SMALL, epochs=60, **more) -> Course:
    return train(UNetTorchSystem, folder, dataset, settings, epochs, **more)


def load(weights: Path, categories: Sequence[str], **settings) -> UNetTorchSystem:
    return UNetTorchSystem(UNetSettings(**settings), {"unet-torch": weights}, categories, "cpu")


def share_right(dataset: Dataset, maps: Sequence[LabelMap]) -> float:
    truth = [dataset.annotations[record.id].label_map for record in dataset.images]
    right = [(one == other).mean() for one, other in zip(truth, maps, strict=True)]
    return float(np.mean(right))


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> Dataset:
    return made_up(tmp_path_factory.mktemp("three"), ("nothing", "red", "green", "blue"), 0)


@pytest.fixture(scope="module")
def trained(three, tmp_path_factory) -> Course:
    return fit(tmp_path_factory.mktemp("trained"), three)


def test_it_learns_a_handful_of_images(trained, three):
    assert trained.losses[-1] < trained.losses[0] / 3
    system = load(trained.weights, [each.name for each in three.categories])
    predicted = system.predict(photographs(three))
    assert share_right(three, [each.label_map for each in predicted]) > 0.95
    assert trained.values[-1]["val_miou"] > 0.8


def test_it_tells_how_images_are_drawn(trained, three):
    ((counts, weights),) = trained.sampled
    for record, row in zip(three.images, counts, strict=True):
        label_map = three.annotations[record.id].label_map
        assert row.tolist() == [(label_map == each).sum() for each in range(4)]
    # of eight images three are red, three green, two blue
    assert weights / weights[2] == pytest.approx(
        np.sqrt([2 / 3, 2 / 3, 1, 2 / 3, 2 / 3, 1, 2 / 3, 2 / 3])
    )


def test_a_prediction_has_the_size_classes_and_certainty_of_its_image(trained, three):
    system = load(trained.weights, [each.name for each in three.categories])
    assert system.outputs.label_maps
    assert not system.outputs.boxes
    assert system.device == "cpu"
    assert system.notes == ()
    for record, each in zip(three.images, system.predict(photographs(three)), strict=True):
        assert each.image == record
        assert each.label_map.shape == (record.height, record.width)
        assert each.label_map.dtype == np.uint8
        assert set(np.unique(each.label_map)) <= {0, 1, 2, 3}
        assert each.confidence.shape == confidence.cells_of(record.height, record.width)
        # of four classes the winning one has at least a quarter
        assert each.confidence.min() >= 255 // 4


def test_an_answer_does_not_depend_on_the_other_images(trained, three):
    system = load(trained.weights, [each.name for each in three.categories])
    together = system.predict(photographs(three))
    for alone, one in zip(photographs(three), together, strict=True):
        (again,) = system.predict([alone])
        np.testing.assert_array_equal(again.label_map, one.label_map)
        np.testing.assert_array_equal(again.confidence, one.confidence)


def test_saved_and_loaded_it_says_the_same(trained, tmp_path):
    from training.stages import unet_torch

    network, architecture = unet_torch.load(trained.weights)
    unet_torch.save(network, architecture, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == trained.weights.read_bytes()
    other, same = unet_torch.load(tmp_path / "again.safetensors")
    assert same == architecture
    pixels = np.random.default_rng(0).integers(0, 256, (21, 30, 3), dtype=np.uint8)
    first, second = (unet_torch.logits_of(each, same, pixels) for each in (network, other))
    assert first.shape == (4, 21, 30)
    np.testing.assert_array_equal(first.numpy(), second.numpy())


def test_half_precision_moves_hardly_a_pixel(trained, three):
    """The network of the last epoch, in full precision, against its checkpoint."""
    import torch

    from training.stages import unet_torch

    saved, architecture = unet_torch.load(trained.weights)
    full = unet_torch.UNet(architecture)
    full.load_state_dict(torch.load(trained.state(60), weights_only=True)["network"])
    full.eval()
    for photograph in photographs(three):
        logits = [
            unet_torch.logits_of(each, architecture, photograph.pixels) for each in (saved, full)
        ]
        labels = [unet_torch.choose(each, architecture, 0.5)[0] for each in logits]
        assert (labels[0] == labels[1]).float().mean() > 0.995


def test_a_training_that_went_on_ends_where_the_other_did(trained, three, tmp_path):
    first = fit(tmp_path / "a", three, stop_after=5)
    assert len(first.losses) == 5
    second = fit(tmp_path / "b", three, resume=first.state(5))
    assert first.losses + second.losses == trained.losses
    assert second.weights.read_bytes() == trained.weights.read_bytes()


def test_another_seed_is_another_training(trained, three, tmp_path):
    assert fit(tmp_path / "x", three, seed=4, stop_after=1).losses[0] != trained.losses[0]
    same = fit(tmp_path / "y", three, stop_after=1)
    assert same.losses[0] == trained.losses[0]


def test_one_class_and_background_make_a_binary_network(tmp_path):
    from training.stages import unet_torch

    dataset = made_up(tmp_path, ("thing", "nothing"), 1)
    for record in dataset.images:  # class 1 is what made_up calls the square
        swapped = 1 - dataset.annotations[record.id].label_map
        dataset.annotations[record.id] = Annotation(record, label_map=swapped)
    course = fit(tmp_path / "out", dataset)
    network, architecture = unet_torch.load(course.weights)
    assert architecture.binary
    assert network.classify.out_channels == 1
    names = [each.name for each in dataset.categories]
    maps = [each.label_map for each in load(course.weights, names).predict(photographs(dataset))]
    assert share_right(dataset, maps) > 0.95
    for threshold, certain in ((0.0, 8 * 24 * 20), (1.0, 0)):
        system = load(course.weights, names, threshold=threshold)
        maps = [each.label_map for each in system.predict(photographs(dataset))]
        assert sum((one == 0).sum() for one in maps) == certain


@pytest.mark.parametrize(
    ("categories", "expected", "note"),
    [
        (("blue", "Green", "nothing", "red"), {1: 3, 2: 1, 3: 0, 0: 2}, ""),
        (("nothing", "red"), {0: 0, 1: 1}, "2 of the weights' 4 classes"),
    ],
    ids=["in another order", "fewer"],
)
def test_classes_are_matched_by_name(trained, three, categories, expected, note):
    system = load(trained.weights, categories)
    assert note in " ".join(system.notes)
    own = load(trained.weights, [each.name for each in three.categories])
    both = zip(own.predict(photographs(three)), system.predict(photographs(three)), strict=True)
    for mine, other in both:
        known = np.isin(mine.label_map, list(expected))
        wanted = np.vectorize(lambda value: expected.get(value, 99))(mine.label_map)
        np.testing.assert_array_equal(other.label_map[known], wanted[known])
        assert other.label_map.max() < len(categories)


def test_painted_background_is_the_index_after_the_last_class(tmp_path):
    from training.stages import unet_torch

    architecture = unet_torch.Architecture(("a", "b", "background"), 2, 4, 1, 8, 1.0)
    weights = tmp_path / "w.safetensors"
    unet_torch.save(unet_torch.UNet(architecture), architecture, weights)
    image = ImageRecord(1, "x", "x.png", 9, 7)
    photograph = Photograph(image, np.zeros((9, 7, 3), np.uint8))
    for categories, allowed in (
        (("a", "b"), {0, 1, 2}),
        (("b", "c", "a"), {2, 0, 3}),
        (("background", "a"), {0, 1}),
    ):
        system = load(weights, categories)
        assert set(system._classes.indices.tolist()) - {-1} == allowed
        label_map = system.predict([photograph])[0].label_map
        assert set(np.unique(label_map)) <= allowed
        assert void_of(label_map) not in label_map


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"\x80\x04nonsense", "cannot be loaded as a checkpoint of unet-torch"), (b"", "unet-torch")],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, told):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        load(path, ["a"])


def test_weights_of_another_system_are_refused(tmp_path):
    import torch
    from safetensors.torch import save_file

    from training.stages import unet_torch

    path = tmp_path / "w.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(UsageError, match="it says nothing of overlook unet-torch 1"):
        load(path, ["a"])
    save_file({"a": torch.zeros(1)}, path, metadata={unet_torch.KIND.format: "{}"})
    with pytest.raises(UsageError, match="does not say what network"):
        load(path, ["a"])
    architecture = unet_torch.Architecture(("a", "b"), 1, 4, 1, 8, 1.0)
    unet_torch.save(unet_torch.UNet(architecture), replace(architecture, width=5), path)
    with pytest.raises(UsageError, match="not those of the network it names"):
        load(path, ["a"])
