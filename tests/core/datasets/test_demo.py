"""The demo data sets: determinism, honesty of what is written, frequencies."""

import json
from collections import Counter
from hashlib import sha256

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from core.datasets import demo, photos, single
from core.errors import UsageError
from core.geometry import rle
from core.readers.coco import read_coco
from core.readers.digits import DIGIT_NAMES

pytestmark = pytest.mark.filterwarnings(
    # pycocotools decodes run lengths in a way that NumPy 2 frowns upon
    "ignore:__array__ implementation doesn.t accept a copy keyword:DeprecationWarning"
)

COUNTS = {"train": 24, "val": 12, "test": 12}


def contents(folder):
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "demo"
    demo.make_demo(folder, COUNTS)
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "single"
    single.make_single(folder, {"train": 40, "test": 8})
    return folder


def test_same_seed_same_bytes_whatever_the_count(made, tmp_path):
    demo.make_demo(tmp_path / "fewer", {"test": 3, "train": 5})
    fewer, more = contents(tmp_path / "fewer"), contents(made)
    images = [name for name in fewer if name.endswith(".jpg")]
    assert len(images) == 8
    assert {name: fewer[name] for name in images} == {name: more[name] for name in images}
    short, long = (
        json.loads((folder / "test.json").read_text()) for folder in (tmp_path / "fewer", made)
    )
    assert short["images"] == long["images"][:3]
    assert short["annotations"] == long["annotations"][: len(short["annotations"])]


def test_seed_split_and_index_each_change_the_image():
    scenes = [
        demo.demo_scene("val", 0),
        demo.demo_scene("val", 0, seed=1),
        demo.demo_scene("val", 1),
        demo.demo_scene("test", 0),
    ]
    assert len({scene.pixels.tobytes() for scene, _ in scenes}) == 4


def test_an_image_does_not_depend_on_those_made_before():
    first, quality = demo.demo_scene("val", 5)
    demo.demo_scene("train", 9)
    again, same = demo.demo_scene("val", 5)
    assert (first.pixels.tobytes(), quality, first.tags) == (
        again.pixels.tobytes(),
        same,
        again.tags,
    )


@pytest.mark.parametrize("split", COUNTS)
def test_the_reader_takes_it_without_a_fault(made, split):
    dataset, faults = read_coco(made / f"{split}.json", made / split, "demo", split)
    assert faults == ()
    assert [category.name for category in dataset.categories] == list(demo.CLASSES)
    assert len(dataset.images) == COUNTS[split]
    assert dataset.background is None
    for image in dataset.images:
        objects = dataset.annotations[image.id].objects
        assert 1 <= len(objects) <= 9
        masks = np.array([rle.decode(mask) for mask in objects.masks])
        assert masks.sum(axis=0).max() == 1
        assert masks.sum(axis=(1, 2)).tolist() == objects.areas.tolist()


def test_areas_and_boxes_are_those_pycocotools_reads_from_the_file(made):
    coco = COCO(made / "train.json")
    kinds = Counter()
    for annotation in coco.anns.values():
        mask = coco.annToMask(annotation)
        rows, columns = np.nonzero(mask)
        x, y = columns.min(), rows.min()
        assert annotation["area"] == mask.sum()
        assert annotation["bbox"] == [x, y, columns.max() + 1 - x, rows.max() + 1 - y]
        assert 0.3 <= annotation["attributes"]["visible"] <= 1
        kinds[type(annotation["segmentation"])] += 1
    assert min(kinds[list], kinds[dict]) >= 5


def test_labels_of_an_image_are_its_classes(made):
    document = json.loads((made / "train.json").read_text())
    names = {category["id"]: category["name"] for category in document["categories"]}
    found = {image["id"]: set() for image in document["images"]}
    for annotation in document["annotations"]:
        found[annotation["image_id"]].add(names[annotation["category_id"]])
    assert {image["id"]: set(image["labels"]) for image in document["images"]} == found


def test_image_files_have_the_size_and_the_colours_of_their_scene(made):
    for index, path in enumerate(sorted((made / "val").iterdir())):
        scene, _ = demo.demo_scene("val", index)
        pixels = cv2.imread(str(path))[..., ::-1]
        assert pixels.shape == scene.pixels.shape
        # JPEG loses a little; swapped channels would lose much more
        assert np.abs(pixels.astype(float) - scene.pixels).mean() < 12


def test_classes_fall_off_as_their_ranks_and_tags_tell():
    objects, tags, sizes = Counter(), Counter(), Counter()
    scenes = [demo.demo_scene("train", index)[0] for index in range(160)]
    for scene in scenes:
        objects.update(each.category for each in scene.objects)
        tags.update(scene.tags)
        sizes[scene.pixels.shape[:2]] += 1
        if "easy" in scene.tags:
            assert scene.tags == ("easy",)
            assert len(scene.objects) <= 3
            assert all(each.visible == 1 for each in scene.objects)
    expected = demo.class_weights() * objects.total()
    found = np.array([objects[index] for index in range(len(demo.CLASSES))])
    # within four standard deviations of a Poisson count
    assert (np.abs(found - expected) < 4 * np.sqrt(expected)).all()
    assert found[:4].sum() > found[4:8].sum() > found[8:].sum() > 0
    assert set(sizes) == set(demo.SIZES)
    assert set(tags) == {"easy", "hard", "occluded", "blurred", "dark"}
    assert min(tags.values()) >= 6


def test_weights_fall_and_sum_to_one():
    weights = demo.class_weights()
    assert (np.diff(weights) < 0).all()
    assert weights.sum() == pytest.approx(1)
    assert weights[0] / weights[-1] == pytest.approx(12**0.75)


def test_occluded_means_hidden_by_another_object():
    for index in range(40):
        scene, _ = demo.demo_scene("train", index)
        if "occluded" in scene.tags:
            assert min(each.visible for each in scene.objects) < 0.9


def test_dark_images_are_darker():
    brightness = {True: [], False: []}
    for index in range(100):
        scene, _ = demo.demo_scene("train", index)
        brightness["dark" in scene.tags].append(scene.pixels.mean())
    assert np.mean(brightness[True]) < 0.6 * np.mean(brightness[False])


@pytest.mark.parametrize(
    ("make_scene", "own"), [(demo.demo_scene, demo), (single.single_scene, single)]
)
def test_scenes_use_photographs_and_digits_of_their_split(monkeypatch, make_scene, own):
    asked = []
    for name in ("photos", "digits"):
        given = getattr(photos, name)
        monkeypatch.setattr(own, name, lambda split, f=given: (asked.append(split), f(split))[1])
    for split in photos.SPLITS:
        make_scene(split, 0)
    assert asked == ["train", "train", "val", "val", "test", "test"]


def test_single_digits_are_one_an_image_in_ten_classes(digits):
    dataset, faults = read_coco(digits / "train.json", digits / "train", "single", "train")
    assert faults == ()
    assert [category.name for category in dataset.categories] == list(DIGIT_NAMES)
    assert {(image.height, image.width) for image in dataset.images} == {(64, 64)}
    objects = [annotation.objects for annotation in dataset.annotations.values()]
    assert {len(each) for each in objects} == {1}
    assert len({int(each.categories[0]) for each in objects}) >= 9
    # tall enough to read
    assert min(each.boxes[0, 3] for each in objects) >= 20


def test_the_two_data_sets_draw_different_numbers(monkeypatch):
    drawn = []
    for own in (demo, single):
        monkeypatch.setattr(own, "compose", lambda ingredients, rng: drawn.append(rng.random()))
    demo.demo_scene("val", 3)
    single.single_scene("val", 3)
    assert drawn[0] != drawn[1]


def test_single_digits_are_the_digits_they_are_called():
    """A nearest neighbour among the samples recognises the masks, though they are turned."""
    samples = [
        (number, cv2.resize(ink[:, ink.any(axis=0)], (16, 16)))
        for number, group in enumerate(photos.digits("test"))
        for ink in group
    ]
    known = np.array([sample.ravel() for _, sample in samples])
    right = 0
    for index in range(60):
        scene, _ = single.single_scene("test", index)
        (digit,) = scene.objects
        rows, columns = np.nonzero(digit.mask)
        cut = digit.mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        seen = cv2.resize(cut.astype(np.float32), (16, 16), interpolation=cv2.INTER_AREA)
        nearest = ((known - seen.ravel()) ** 2).sum(axis=1).argmin()
        right += samples[nearest][0] == digit.category
    assert right >= 45


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already and is no empty folder"):
        demo.make_demo(tmp_path, {"val": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    demo.make_demo(tmp_path / "out", {"val": 1})
    assert sorted(contents(tmp_path / "out")) == ["val.json", "val/val-000001.jpg"]


def test_nothing_half_done_stays(tmp_path):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.make_demo(tmp_path / "out", {"val": 2}, on_image=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("images", "seed", "message"),
    [
        pytest.param({"val": 0}, 0, "0 images are asked for the split val", id="no image"),
        pytest.param({"val": 10**6}, 0, "expected a number from 1 to 999999", id="too many"),
        pytest.param({"val": 1}, -1, "The seed is -1; expected", id="negative seed"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, images, seed, message):
    with pytest.raises(UsageError, match=message):
        demo.make_demo(tmp_path / "out", images, seed)
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file/out cannot be written"):
        demo.make_demo(tmp_path / "file" / "out", {"val": 1})
