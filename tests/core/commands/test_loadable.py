"""export --format fiftyone | lightly: the folder is exact, and its script gives all of it over.

Neither program is installed here: stand-ins take what `load.py` says to them, and refuse what
FiftyOne 1.22 and LightlyStudio 1.2 refuse (docs/ci.md: what these gave back of real data).
"""

from __future__ import annotations

import json
import runpy
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from core.geometry.rle import decode
from core.store.rows import load_dataset
from core.writers.loadable import field_names
from tests.core.commands.test_bundle import CHOSEN, RUNS, call, filled, predictions_of

__all__ = ["call"]
FIELDS = ["run_net_of_b", "run_net_of_b_2", "run_boxes", "run_run"]


class Given(SimpleNamespace):
    """What is made with names, kept with them; entries like those of a FiftyOne sample."""

    def __setitem__(self, name, value):
        setattr(self, name, value)


class Sample:
    """As LightlyStudio keeps an image: absolute path, tags, metadata, annotations by source."""

    def __init__(self, path):
        self.file_path_abs, self.tags, self.metadata, self.given = path, set(), {}, {}

    def add_tag(self, name):
        self.tags.add(name)

    def add_annotations(self, annotations, annotation_source):
        self.given.setdefault(annotation_source, []).extend(annotations)


@pytest.fixture
def fiftyone(monkeypatch):
    """A module in place of FiftyOne; returns the samples it is given."""
    samples: list[Given] = []
    module = ModuleType("fiftyone")
    for name in ("Sample", "ImageMetadata", "Detection", "Detections"):
        setattr(module, name, Given)
    module.dataset_exists = "known".__eq__
    module.Dataset = lambda name, persistent: SimpleNamespace(add_samples=samples.extend)
    monkeypatch.setitem(sys.modules, "fiftyone", module)
    return samples


@pytest.fixture
def lightly(monkeypatch):
    """Modules in place of LightlyStudio; returns its samples."""
    samples: list[Sample] = []

    class Dataset:
        @staticmethod
        def create(name):
            return Dataset()

        @staticmethod
        def load(name):
            if name != "known":
                raise ValueError(f"Dataset with name '{name}' not found.")

        def add_samples_from_coco(
            self, annotations_json, images_path, embed=True, embed_annotations=True
        ):
            assert not embed_annotations
            if embed:  # it downloads the network that embeds
                raise ConnectionError
            document = json.loads(annotations_json.read_text())
            assert document["annotations"] == []
            # photographs that are not there are left out without an error
            paths = [images_path / i["file_name"] for i in document["images"]]
            samples.extend(Sample(str(path)) for path in paths if path.is_file())

        def __iter__(self):
            return iter(samples)

    made = ModuleType("lightly_studio.core.annotation")
    made.CreateObjectDetection = Given
    made.CreateSegmentationMask = SimpleNamespace(from_binary_mask=Given)
    studio = ModuleType("lightly_studio")
    studio.ImageDataset = Dataset
    for module in (studio, ModuleType("lightly_studio.core"), made):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return samples


@pytest.fixture
def store(tmp_path):
    """A filled store whose photographs are there."""
    store = filled(tmp_path)
    for image in load_dataset(store, "shapes", "val").images:
        (tmp_path / image.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / image.path).touch()
    return store


def exported(call, tmp_path, form, *options):
    out = tmp_path / form
    status, printed = call("export", "--format", form, "--out", out, *options)
    assert status == 0, printed
    return out


def loaded(folder, *arguments):
    runpy.run_path(str(folder / "load.py"))["main"]([*map(str, arguments), "--no-app"], folder)


def expected(objects, categories):
    """Class, score and mask of each object of an image, in their order."""
    for i in range(len(objects)):
        score = None if objects.scores is None else objects.scores[i]
        rle = None if objects.masks is None else objects.masks[i]
        mask = None if rle is None else decode(rle)
        mask = mask if mask is not None and mask.any() else None
        yield categories[objects.categories[i]].name, score, mask, objects.boxes[i]


def pixels(detection, image):
    """A FiftyOne detection's mask on the whole image."""
    whole = np.zeros((image.height, image.width), bool)
    x, y, width, height = np.multiply(
        detection.bounding_box, [image.width, image.height, image.width, image.height]
    )
    x, y, width, height = (round(each) for each in (x, y, width, height))
    assert np.allclose(np.multiply(detection.bounding_box[0], image.width), x)
    whole[y : y + height, x : x + width] = detection.mask
    return whole


def test_fiftyone_gets_every_object_of_every_run(call, tmp_path, store, fiftyone):
    folder = exported(call, tmp_path, "fiftyone")
    about = json.loads((folder / "contents.json").read_text())
    assert {each["run"]: each["field"] for each in about["runs"]} == dict(
        zip(RUNS, FIELDS, strict=True)
    )
    loaded(folder, "--images", tmp_path)
    dataset = load_dataset(store, "shapes", "val")
    of_runs = {
        field: predictions_of(store, run, "val") for run, field in zip(RUNS, FIELDS, strict=True)
    }
    of_runs["annotation"] = {key: each.objects for key, each in dataset.annotations.items()}
    assert [sample.coco_id for sample in fiftyone] == [image.id for image in dataset.images]
    seen = 0
    assert any(image.tags for image in dataset.images)
    assert [sample.tags for sample in fiftyone] == [list(image.tags) for image in dataset.images]
    for image, sample in zip(dataset.images, fiftyone, strict=True):
        assert sample.filepath == str(tmp_path / image.path)
        assert (sample.metadata.height, sample.metadata.width) == (image.height, image.width)
        for field, of_images in of_runs.items():
            wanted = list(expected(of_images[image.id], dataset.categories))
            found = getattr(sample, field).detections
            assert [each.label for each in found] == [name for name, *_ in wanted]
            assert [each.confidence for each in found] == [score for _, score, *_ in wanted]
            for each, (_, _, mask, box) in zip(found, wanted, strict=True):
                seen += 1
                if mask is None:
                    size = [image.width, image.height] * 2
                    assert np.allclose(each.bounding_box, np.divide(box, size), rtol=1e-15)
                    assert not hasattr(each, "mask")
                else:
                    assert np.array_equal(pixels(each, image), mask)
    assert seen > 20


def test_lightly_studio_gets_every_object_of_every_run(call, tmp_path, store, lightly):
    loaded(exported(call, tmp_path, "lightly"), "--images", tmp_path)
    dataset = load_dataset(store, "shapes", "val")
    of_runs = {run: predictions_of(store, run, "val") for run in RUNS}
    of_runs["annotation"] = {key: each.objects for key, each in dataset.annotations.items()}
    assert [sample.metadata["coco_id"] for sample in lightly] == [i.id for i in dataset.images]
    assert [sample.tags for sample in lightly] == [set(image.tags) for image in dataset.images]
    for source, of_images in of_runs.items():
        for image, sample in zip(dataset.images, lightly, strict=True):
            assert sample.file_path_abs == str(tmp_path / image.path)
            wanted = list(expected(of_images[image.id], dataset.categories))
            found = sample.given[source]
            assert [(each.class_name, each.confidence) for each in found] == [
                (name, score) for name, score, *_ in wanted
            ]
            for each, (_, _, mask, box) in zip(found, wanted, strict=True):
                if mask is not None:
                    assert np.array_equal(each.binary_mask.astype(bool), mask)
                else:
                    assert abs(each.x - box[0]) <= 0.5
                    assert abs(each.x + each.width - box[0] - box[2]) <= 0.5
                    assert abs(each.y + each.height - box[1] - box[3]) <= 0.5


@pytest.mark.usefixtures("store", "lightly")
def test_a_network_is_downloaded_only_when_asked_for(call, tmp_path):
    folder = exported(call, tmp_path, "lightly")
    with pytest.raises(ConnectionError):
        loaded(folder, "--images", tmp_path, "--embed")


@pytest.mark.usefixtures("store", "fiftyone")
def test_a_photograph_that_is_not_there_is_named(call, tmp_path, fiftyone):
    folder = exported(call, tmp_path, "fiftyone")
    first, second = sorted(tmp_path.rglob("*.jpg"))[:2]
    second.unlink()
    with pytest.raises(SystemExit, match=f"lacks 1 .* of 5 .*{second.name}"):
        loaded(folder, "--images", tmp_path)
    assert first.is_file()
    assert fiftyone == []


def test_some_images_and_one_run_go_alone(call, tmp_path, store, fiftyone):
    ids = ",".join(map(str, CHOSEN))
    folder = exported(call, tmp_path, "fiftyone", "--ids", ids)
    loaded(folder, "--images", tmp_path, "--run", "boxes")
    assert [sample.coco_id for sample in fiftyone] == list(CHOSEN)
    assert all(hasattr(sample, "run_boxes") for sample in fiftyone)
    assert not any(hasattr(sample, "run_run") for sample in fiftyone)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--run", "nobody"], "There is no run 'nobody' here. Runs: net/of <b>, net of b"),
        (["--images", "/nowhere at all"], "/nowhere at all is no folder.*--images"),
        (["--images", "/"], "/ lacks 5 of the photographs, of 5 in all; the first is .*--images"),
        (["--name", "known"], "There is a data set 'known' already.*--name"),
        (["--name", "known", "--into", "fiftyone"], "There is a data set 'known' already"),
    ],
)
@pytest.mark.usefixtures("store", "fiftyone", "lightly")
def test_the_script_says_what_is_missing(call, tmp_path, arguments, told):
    folder = exported(call, tmp_path, "lightly")
    with pytest.raises(SystemExit, match=told):
        loaded(folder, "--images", tmp_path, *arguments)


def test_a_folder_is_replaced_only_when_told_to(call, tmp_path, store):
    folder = exported(call, tmp_path, "fiftyone", "--split", "val")
    arguments = ("export", "--format", "fiftyone", "--out", folder)
    assert "not empty" in call(*arguments)[1]
    assert call(*arguments, "--force")[0] == 0
    (folder / "mine.txt").write_text("mine")
    status, printed = call(*arguments, "--force")
    assert (status, "mine.txt" in printed, ".json and .py files" in printed) == (2, True, True)
    status, printed = call("export", "--format", "lightly", "--out", "x", "--photographs", "5")
    assert (status, "--photographs is of coco-bundle alone" in printed) == (2, True)


def test_no_two_runs_share_a_field():
    names = {"a": "net.v1", "b": "net-v1", "c": "Net_v1", "d": "net_v1_2"}
    assert list(field_names(names).values()) == [
        *("run_net_v1", "run_net_v1_2", "run_Net_v1_3", "run_net_v1_2_2"),
    ]
