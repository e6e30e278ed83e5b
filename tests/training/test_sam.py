"""SAM: against segment_anything's own predictor and generator, from file, and learning."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageError
from core.geometry import rle
from tests.training.scenes import make_scenes, objects_of, paint
from training.trainable import Epoch, FitOptions, TrainingData
from training.weights import SHIPPED

pytestmark = pytest.mark.torch
SIDE = 64


@pytest.fixture(scope="module")
def weights() -> Path:
    """The small network that ships."""
    return SHIPPED / "sam" / "sam-demo.safetensors"


@pytest.fixture(scope="module")
def sam(weights: Path):
    from training.stages.sam import Sam

    return Sam(weights, "cpu")


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return paint(64, 48, np.random.default_rng(5))[0]


def options(folder: Path, epochs: int, resume: Path | None = None) -> FitOptions:
    from training.stages.sam_fit import SamFitSettings

    settings = SamFitSettings(side=SIDE, batch=4, prompts=4, learning_rate=0.003)
    return FitOptions(settings, epochs, 0, "cpu", folder, resume)


CORNERS = np.array([[2.0, 10, 24, 34], [20, 12, 44, 40], [0, 0, 48, 64]])


def test_masks_in_boxes_are_those_of_the_library_box_by_box(sam, weights, picture) -> None:
    from segment_anything import SamPredictor

    from training.stages import sam_small

    reference = SamPredictor(sam_small.load(weights))
    reference.set_image(picture)
    ours = sam.masks_in_boxes(picture, CORNERS)
    for mask, quality, corners in zip(ours.masks, ours.qualities, CORNERS, strict=True):
        expected, iou, _ = reference.predict(box=corners, multimask_output=False)
        assert (rle.decode(mask) != expected[0]).mean() < 1e-3
        assert quality == pytest.approx(np.clip(iou[0], 0, 1), abs=1e-5)


def test_everything_is_what_the_library_finds(sam, weights, picture) -> None:
    from segment_anything import SamAutomaticMaskGenerator

    from training.stages import sam_small
    from training.stages.sam import Everything

    reference = SamAutomaticMaskGenerator(
        sam_small.load(weights),
        points_per_side=10,
        pred_iou_thresh=0.02,
        stability_score_thresh=0.1,
        box_nms_thresh=0.6,
    ).generate(picture)
    ours = sam.everything(picture, Everything(10, 0.02, 0.1, 0.6))
    assert len(ours.masks) == len(reference) > 3
    for mask, quality, theirs in zip(ours.masks, ours.qualities, reference, strict=True):
        np.testing.assert_array_equal(rle.decode(mask), theirs["segmentation"])
        assert quality == pytest.approx(min(theirs["predicted_iou"], 1), abs=1e-6)


def test_where_nothing_is_good_enough_there_is_nothing(sam, picture) -> None:
    from training.stages.sam import Everything

    nothing = sam.everything(picture, Everything(4, 5.0, 0.9, 0.7))
    assert nothing.masks == ()
    assert sam.masks_in_boxes(picture, np.empty((0, 4))).qualities.shape == (0,)


def test_the_image_is_encoded_once_and_kept_to_the_last_bit(
    weights, picture, tmp_path, monkeypatch
) -> None:
    from training.stages.sam import Sam

    plain = Sam(weights, "cpu").masks_in_boxes(picture, CORNERS)
    monkeypatch.setenv("OVERLOOK_EMBEDDINGS", str(tmp_path))
    Sam(weights, "cpu").masks_in_boxes(picture, CORNERS)
    second = Sam(weights, "cpu")
    monkeypatch.setattr(second._predictor, "set_image", None)  # calling it would fail
    kept = second.masks_in_boxes(picture, CORNERS)
    assert kept.masks == plain.masks
    assert kept.qualities.tolist() == plain.qualities.tolist()
    (owner,) = tmp_path.iterdir()
    assert owner.name.endswith("-cpu")
    assert len(list(owner.iterdir())) == 2  # of the warm-up, and of the picture


def test_an_embedding_that_was_cut_off_is_computed_again(tmp_path, picture) -> None:
    from training.stages.sam_embeddings import Embeddings

    value = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    Embeddings("owner", tmp_path).of(picture, lambda: value)
    (path,) = (tmp_path / "owner").iterdir()
    path.write_bytes(path.read_bytes()[:90])
    again = Embeddings("owner", tmp_path).of(picture, lambda: value + 1)
    np.testing.assert_array_equal(again, value + 1)
    other = Embeddings("owner", tmp_path).of(picture[::-1], lambda: value + 2)
    np.testing.assert_array_equal(other, value + 2)


def test_only_the_last_images_stay_in_memory(picture) -> None:
    from training.stages.sam_embeddings import KEPT_IN_MEMORY, Embeddings

    embeddings, calls = Embeddings("owner"), []
    images = [picture + np.uint8(shift) for shift in range(KEPT_IN_MEMORY + 1)]
    for image in [*images, images[-1], images[0]]:
        embeddings.of(image, lambda: calls.append(1) or np.zeros(1, np.float32))
    assert len(calls) == len(images) + 1


def test_learning_decodes_as_the_library_does(weights, picture) -> None:
    import torch

    from training.stages import sam_small
    from training.stages.sam_learning import decode_masks, embed_points

    network = sam_small.load(weights)
    generator = torch.Generator().manual_seed(0)
    grid = network.image_encoder.img_size // sam_small.STRIDE
    embedding = torch.randn((1, 128, grid, grid), generator=generator)
    corners = torch.tensor([[3.0, 4, 30, 40], [8, 8, 20, 50]])
    points = torch.tensor([[[9.0, 12]], [[40, 33]]])
    ones = torch.ones((2, 1), dtype=torch.int64)
    with torch.inference_mode():
        for given, prompts, labels in (
            ({"points": None, "boxes": corners}, corners.reshape(2, 2, 2), [2, 3]),
            (
                {"points": (points, ones), "boxes": None},
                torch.cat([points, torch.zeros_like(points)], dim=1),
                [1, -1],
            ),
        ):
            sparse, dense = network.prompt_encoder(**given, masks=None)
            ours = embed_points(network, prompts, torch.tensor([labels, labels]))
            torch.testing.assert_close(ours, sparse)
            expected = network.mask_decoder.predict_masks(
                embedding, network.prompt_encoder.get_dense_pe(), sparse, dense
            )
            found = decode_masks(network, embedding.expand(2, -1, -1, -1), ours)
            torch.testing.assert_close(found, expected)


def test_losses_of_masks_counted_by_hand() -> None:
    import torch

    from training.stages.sam_learning import iou_of, losses

    targets = torch.zeros((3, 4, 4))
    targets[:2, :2] = 1  # the third asks for nothing
    right = torch.where(targets[:2] > 0, 20.0, -20.0)
    logits = torch.stack([-right, -right, right, -right], dim=1)  # only the third answer is right
    logits = torch.cat([logits, torch.full((1, 4, 4, 4), 20.0)])  # which costs no mask
    assert iou_of(logits, targets)[:2].tolist() == [[0, 0, 1, 0]] * 2
    quality = torch.tensor([[0.0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    found = losses(logits, quality, targets, torch.tensor([True, False, False]))
    assert found["quality_loss"].item() == pytest.approx(0, abs=1e-6)
    # a wrong mask costs 2 * 4 * 20 and a dice of 1 - 1 / 17; a point is spared half of the first
    wrong = 160 + 16 / 17
    expected = (1.5 * wrong + 0.05 * 2 * 2 / 3 * wrong) / 3
    assert found["loss"].item() == pytest.approx(expected, rel=1e-3)


def test_it_learns_and_goes_on_where_it_stopped(tmp_path) -> None:
    import torch

    from training.stages import sam_fit, sam_small

    data = TrainingData(make_scenes(tmp_path, 8), make_scenes(tmp_path, 2, "val", seed=1))
    epochs: list[Epoch] = []
    states = []

    def report(epoch: Epoch) -> bool:
        epochs.append(epoch)
        path = tmp_path / f"{len(epochs)}.safetensors"
        epoch.save(path)
        states.append(sam_small.load(path).state_dict())
        if epoch.number == 2 and len(epochs) == 2:
            epoch.save_state(tmp_path / "state")
        return epoch.number < 4

    sam_fit.fit(data, options(tmp_path, epochs=8), report)
    sam_fit.fit(data, options(tmp_path, epochs=8, resume=tmp_path / "state"), report)
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4, 3, 4]
    assert epochs[3].values["loss"] < 0.8 * epochs[0].values["loss"]
    for name, values in states[3].items():
        assert torch.equal(states[5][name], values), name


def test_the_shipped_network_draws_what_is_in_a_box(sam) -> None:
    overlaps = []
    for seed in range(4):
        pixels, masks = paint(192, 160, np.random.default_rng(seed))
        boxes = objects_of(masks).boxes
        corners = boxes + np.pad(boxes[:, :2], ((0, 0), (2, 0)))
        for mask, true in zip(sam.masks_in_boxes(pixels, corners).masks, masks, strict=True):
            found = rle.decode(mask)
            overlaps.append((found & true).sum() / (found | true).sum())
    assert np.mean(overlaps) > 0.75


def test_without_masks_there_is_nothing_to_learn(tmp_path) -> None:
    from dataclasses import replace

    from training.stages import sam_fit

    dataset = make_scenes(tmp_path, 2)
    bare = {
        key: replace(each, objects=replace(each.objects, masks=None))
        for key, each in dataset.annotations.items()
    }
    data = TrainingData(replace(dataset, annotations=bare), dataset)
    with pytest.raises(UsageError, match="has no object with a mask"):
        sam_fit.fit(data, options(tmp_path, epochs=1), lambda epoch: True)


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_files_that_are_no_sam_are_refused_and_no_code_runs(tmp_path, monkeypatch) -> None:
    import torch

    from training.stages import sam_weights

    monkeypatch.chdir(tmp_path)
    torch.save({"image_encoder": Bomb()}, "bomb.pth")
    Path("pickle.pth").write_bytes(pickle.dumps(Bomb()))
    torch.save({"a": torch.zeros(2)}, "other.pth")
    torch.save([1, 2], "list.pth")
    Path("noise.safetensors").write_bytes(b"noise" * 40)
    for name in ("bomb.pth", "pickle.pth", "other.pth", "list.pth", "noise.safetensors", "absent"):
        with pytest.raises(UsageError, match=rf"{name} (cannot be loaded as a|is no small) SAM"):
            sam_weights.load(Path(name))
    assert not Path("exploded").exists()


def test_mobile_sam_is_the_network_of_ultralytics(tmp_path) -> None:
    import torch

    from training.stages import sam_weights

    torch.manual_seed(0)
    torch.save(sam_weights.build_mobile().state_dict(), tmp_path / "mobile_sam.pt")
    ours = sam_weights.load(tmp_path / "mobile_sam.pt")
    from ultralytics.models.sam.build import build_mobile_sam

    theirs = build_mobile_sam(str(tmp_path / "mobile_sam.pt"))
    assert repr(ours.image_encoder) == repr(theirs.image_encoder)
    for name, values in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], values), name


@pytest.mark.slow
def test_the_official_architecture_from_file(tmp_path, picture) -> None:
    import torch

    from training.stages import sam_weights
    from training.stages.sam import Sam

    torch.save(sam_weights.build_official("vit_b").state_dict(), tmp_path / "vit.pth")
    answer = Sam(tmp_path / "vit.pth", "cpu").masks_in_boxes(picture, CORNERS)
    assert [(mask.height, mask.width) for mask in answer.masks] == [(64, 48)] * 3


def test_the_kind_of_a_file_is_told_by_its_tensors() -> None:
    import torch

    from training.stages import sam_weights

    network = sam_weights._empty({sam_weights.PATCHES: torch.zeros((768, 3, 16, 16))})
    assert network.image_encoder.img_size == 1024
    assert len(network.image_encoder.blocks) == 12
