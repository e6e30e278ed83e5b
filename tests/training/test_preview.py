"""python -m training preview: what a training sees, drawn without training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import previews
from core.fusion import paint_annotation
from core.jobs import FAILED, only_one, read_job
from core.previews import GAP, Preview, grid_path, preview_job, previews_folder, read_previews
from core.store.connection import Store
from core.store.rows import insert_dataset
from core.structures import Annotation, Dataset
from tests.training.scenes import make_scenes
from training.__main__ import main
from training.augmentation import GREY, Augmentation
from training.preview_grid import is_previewed, keep_preview
from training.systems import trainable_types
from training.unet_settings import UNetFitSettings

STILL = ("zoom=1", "shift=0", "brightness=0", "contrast=0")


class Studio:
    """Where a test draws."""

    def __init__(self, folder: Path, scenes: Dataset) -> None:
        self.scenes = scenes
        self.store = folder / "store.duckdb"
        with Store.at(self.store).write() as cursor:
            insert_dataset(cursor, scenes)

    def draw(self, system: str, *settings: str, more: tuple[object, ...] = ()) -> int:
        given = [word for each in settings for word in ("--set", each)]
        command = ["preview", system, "--dataset", "scenes", "--store", self.store, *given, *more]
        return main(list(map(str, command)))

    def found(self) -> list[Preview]:
        return read_previews(previews_folder(self.store), "scenes", "train")

    def grids(self, preview: Preview) -> list[np.ndarray]:
        folder = previews_folder(self.store)
        return [np.asarray(Image.open(grid_path(folder, preview, k))) for k in ("photos", "labels")]

    def cells(self, grid: np.ndarray, preview: Preview) -> list[list[np.ndarray]]:
        step, side = preview.side + GAP, preview.side
        return [
            [grid[i * step :][:side, j * step :][:, :side] for j in range(preview.draws + 1)]
            for i in range(len(preview.images))
        ]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return make_scenes(tmp_path_factory.mktemp("scenes"), 6)


@pytest.fixture
def studio(tmp_path, scenes):
    return Studio(tmp_path, scenes)


def truth(scenes: Dataset, name: str) -> np.ndarray:
    (record,) = (each for each in scenes.images if each.name == name)
    objects = scenes.annotations[record.id].objects
    return paint_annotation(objects, record.height, record.width, 2, None)


@pytest.mark.parametrize(
    ("system", "settings"),
    [("unet-torch", (*STILL, "scale=1", "crop=64")), ("retinanet", STILL)],
)
def test_what_is_not_changed_is_drawn_as_it_is(studio, scenes, system, settings):
    assert studio.draw(system, *settings, more=("--images", 3, "--draws", 2)) == 0
    (preview,) = studio.found()
    assert (len(preview.images), preview.draws, preview.side) == (3, 2, 64)
    assert preview.classes == ("disc", "square", "background")
    photos, labels = (studio.cells(grid, preview) for grid in studio.grids(preview))
    for name, pictures, maps in zip(preview.images, photos, labels, strict=True):
        expected = truth(scenes, name)
        height, width = expected.shape
        assert (maps[0][:height, :width] == expected).all()
        with Image.open(scenes.images_folder / f"{name}.png") as image:
            assert (pictures[0][:height, :width, :3] == np.asarray(image)).all()
        # what is no part of the image is transparent
        assert (pictures[0][..., 3] == 255).sum() == height * width
        if expected.shape == (64, 64):
            for picture, label_map in zip(pictures, maps, strict=True):
                assert (label_map == expected).all()
                assert (picture == pictures[0]).all()


@pytest.mark.parametrize("system", ["unet-torch", "mask-rcnn"])
def test_pixels_and_classes_move_together(studio, system):
    assert studio.draw(system, "zoom=1.5", "shift=0.3", "brightness=0", "contrast=0") == 0
    (preview,) = studio.found()
    photos, labels = studio.grids(preview)
    # discs are red and squares green, on dim noise
    red, green = (photos[..., channel].astype(int) > 150 for channel in (0, 1))
    assert (labels[red & ~green] == 0).mean() > 0.9
    assert (labels[green & ~red] == 1).mean() > 0.9
    first, *drawn = studio.cells(labels, preview)[0]
    assert all((each != first).any() for each in drawn)


def test_outside_of_an_image_nothing_is_learnt(studio):
    assert studio.draw("unet-torch", *STILL, "scale=1", "crop=96", more=("--images", 6)) == 0
    (preview,) = studio.found()
    photos, labels = (studio.cells(grid, preview) for grid in studio.grids(preview))
    for pictures, maps in zip(photos, labels, strict=True):
        inside = int((pictures[0][..., 3] == 255).sum())
        for picture, label_map in zip(pictures[1:], maps[1:], strict=True):
            assert (label_map != 65535).sum() == inside
            # along the edge a pixel is a mixture of both
            grey = (picture[label_map == 65535] == (GREY, GREY, GREY, 255)).all(axis=1)
            assert grey.mean() > 0.9


@pytest.mark.torch
@pytest.mark.usefixtures("one_thread")
def test_a_training_keeps_what_it_sees(studio, scenes):
    with Store.at(studio.store).write() as cursor:
        insert_dataset(cursor, replace(scenes, split="val"))
    small = ("width=4", "depth=2", "crop=32", "zoom=1.5")
    command = ["fit", "unet-torch", "--dataset", "scenes", "--epochs", "1", "--seed", "7"]
    command += ["--store", str(studio.store), *(word for each in small for word in ("--set", each))]
    assert main(command) == 0
    (preview,) = studio.found()
    assert (preview.trained, preview.seed, preview.settings["zoom"]) == (True, 7, 1.5)
    assert main([*command, "--resume"]) == 0
    assert studio.found() == [preview]


def test_the_same_again_replaces_its_preview_and_another_seed_is_another(studio):
    for seed in (1, 1, 2):
        assert studio.draw("unet-tf", more=("--seed", seed)) == 0
    newest, oldest = studio.found()
    assert (newest.seed, oldest.seed) == (2, 1)
    assert (studio.grids(newest)[0] != studio.grids(oldest)[0]).any()
    before = studio.grids(oldest)
    assert studio.draw("unet-tf", more=("--seed", 1)) == 0
    assert [each.seed for each in studio.found()] == [1, 2]
    for one, other in zip(before, studio.grids(studio.found()[0]), strict=True):
        assert (one == other).all()


def test_boxes_are_shown_where_there_are_no_masks(tmp_path, scenes):
    bare = {
        key: Annotation(each.image, replace(each.objects, masks=None))
        for key, each in scenes.annotations.items()
    }
    studio = Studio(tmp_path, replace(scenes, annotations=bare))
    assert studio.draw("retinanet", *STILL, more=("--images", 1, "--draws", 1)) == 0
    (preview,) = studio.found()
    (record,) = (each for each in scenes.images if each.name == preview.images[0])
    expected = np.full((record.height, record.width), 2)
    for index, box in enumerate(bare[record.id].objects.boxes.astype(int).tolist()):
        expected[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] = index
    labels = studio.grids(preview)[1]
    assert (labels[: record.height, : record.width] == expected).all()


def test_what_cannot_be_drawn_is_told_and_kept_with_the_job(studio, capsys):
    assert studio.draw("unet-torch", "zoom=0.5") == 2
    told = capsys.readouterr().err
    assert "zoom is 0.5" in told
    job = read_job(preview_job(studio.store))
    assert (job.status, "zoom is 0.5" in job.note) == (FAILED, True)
    assert studio.draw("unet-torch", more=("--images", 0)) == 2
    with only_one(preview_job(studio.store)):
        assert studio.draw("unet-torch") == 2
    assert "is drawing a preview already" in capsys.readouterr().err
    assert studio.found() == []


def test_the_systems_with_previews_are_those_that_share_the_augmentation():
    kinds = trainable_types()
    there = [name for name, kind in kinds.items() if is_previewed(kind.fit_settings_type)]
    assert tuple(there) == previews.SYSTEMS
    assert set(previews.SETTINGS) == set(Augmentation.__dataclass_fields__)


def test_files_of_something_else_are_no_previews(studio, scenes):
    store = Store.at(studio.store)
    kept = keep_preview(store, "unet-tf", scenes, UNetFitSettings(), seed=0, trained=True)
    folder = previews_folder(studio.store)
    (folder / "a.json").write_text("[]")
    (folder / f"{kept.key}0.json").write_text((folder / f"{kept.key}.json").read_text())
    assert studio.found() == [kept]
    assert read_previews(folder, "scenes", "val") == []
