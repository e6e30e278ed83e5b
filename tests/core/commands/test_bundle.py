"""export --format coco-bundle: some images, what is annotated and what every run says, exactly."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO

from core.__main__ import main
from core.notes import TAG, Entry, Notes, Place
from core.store.connection import Store
from core.store.rows import load_dataset, load_predictions
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

RUNS = {"net/of <b>": "net_of_b", "net of b": "net_of_b_2", "boxes": "boxes", "..": "run"}
CHOSEN = (3, 5, 13)
DERIVED = {"empty", "crowd", "many objects"}


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "store.duckdb"))

    def called(*arguments: object) -> tuple[int, str]:
        status = main([str(each) for each in arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


def filled(tmp_path: Path, *, masks: bool = True, **of_dataset) -> Store:
    """A data set with crowds, an image without objects, and four runs of all kinds of name."""
    store = Store.at(tmp_path / "store.duckdb")
    dataset = make_dataset(masks=masks, **of_dataset)
    put(store, dataset)
    for seed, name in enumerate(RUNS):
        masked = masks and name != "boxes"
        predictions = make_predictions(dataset, masks=masked, seed=seed)
        put_run(store, dataset, predictions, name, has_masks=masked)
    return store


def unpacked(archive: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        opened.extractall(archive.with_suffix(""))
    return archive.with_suffix("")


def same(one, other) -> None:
    for part in ("boxes", "areas", "crowd", "scores"):
        before, after = getattr(one, part), getattr(other, part)
        assert (before is None) == (after is None)
        assert before is None or np.array_equal(before, after), part
    assert np.array_equal(one.categories, other.categories)
    assert one.masks == other.masks


def predictions_of(store: Store, run: str, split: str) -> dict[int, object]:
    """The objects of a run by the id of the image in files."""
    with store.read() as cursor:
        ((key, dataset),) = cursor.execute(
            "SELECT run_id, dataset_id FROM run WHERE name = ?", [run]
        ).fetchall()
        keys = dict(
            cursor.execute(
                "SELECT image_id, source_id FROM image WHERE dataset_id = ? AND split = ?",
                [dataset, split],
            ).fetchall()
        )
        images = {i.id: i for i in load_dataset(store, *_name(cursor, dataset, split)).images}
        found = load_predictions(cursor, key, {k: images[file_id] for k, file_id in keys.items()})
    return {each.image.id: each.objects for each in found.values()}


def _name(cursor, dataset: int, split: str) -> tuple[str, str]:
    ((name,),) = cursor.execute(
        "SELECT name FROM dataset WHERE dataset_id = ?", [dataset]
    ).fetchall()
    return name, split


@pytest.mark.parametrize("masks", [True, False])
def test_read_back_into_a_store_all_is_the_same(call, tmp_path, masks):
    store = filled(tmp_path, masks=masks)
    Notes.beside(store.path).add([Entry(TAG, Place("shapes", "val", i), "look") for i in CHOSEN])
    out = tmp_path / "some.zip"
    place = ("--dataset", "shapes", "--split", "val", "--tag", "look")
    status, printed = call("export", "--format", "coco-bundle", "--out", out, *place)
    assert status == 0, printed
    assert "on 3 images, results of 4 runs, of shapes · val." in printed
    folder = unpacked(out)
    about = json.loads((folder / "contents.json").read_text())
    assert {each["run"]: each["file"] for each in about["runs"]} == {
        run: f"results/{name}.json" for run, name in RUNS.items()
    }
    given = ("--annotations", folder / "annotations.json", "--images", tmp_path, "--no-images")
    status, printed = call("import", "back", "--format", "coco", "--split", "val", *given)
    assert status == 0, printed
    before, after = (load_dataset(store, name, "val") for name in ("shapes", "back"))
    assert [image.id for image in after.images] == list(CHOSEN)
    assert after.categories == before.categories
    # a reader adds tags that it finds out by itself
    known = [replace(i, tags=tuple(t for t in i.tags if t not in DERIVED)) for i in after.images]
    assert known == [i for i in before.images if i.id in CHOSEN]
    for image in CHOSEN:
        same(before.annotations[image].objects, after.annotations[image].objects)
    for run in RUNS:
        back = f"{run} back"
        file = folder / f"results/{RUNS[run]}.json"
        target = ("--dataset", "back", "--split", "val", "--format", "coco-results")
        status, printed = call("import-run", back, *target, file)
        assert status == 0, printed
        found, again = (predictions_of(store, name, "val") for name in (run, back))
        for image in CHOSEN:
            if len(found[image]):
                same(found[image], again[image])
            else:
                assert image not in again or not len(again[image])
        assert set(again) <= set(CHOSEN)


def test_pycocotools_reads_it(call, tmp_path, capsys):
    filled(tmp_path)
    out = tmp_path / "some.zip"
    ids = ("--ids", "2,5,8", "--where", "object_count=1:")
    assert call("export", "net of b", "--format", "coco-bundle", "--out", out, *ids)[0] == 0
    folder = unpacked(out)
    assert sorted(each.name for each in (folder / "results").iterdir()) == ["net_of_b.json"]
    truth = COCO(str(folder / "annotations.json"))
    dataset = make_dataset()
    known = [key for key in (2, 5, 8) if (~dataset.annotations[key].objects.crowd).any()]
    assert sorted(truth.imgs) == known
    assert min(truth.anns) == 1
    truth.loadRes(str(folder / "results/net_of_b.json"))
    capsys.readouterr()
    for key in known:
        boxes = [each["bbox"] for each in truth.loadAnns(truth.getAnnIds([key]))]
        assert boxes == dataset.annotations[key].objects.boxes.tolist()


def test_photographs_come_along_if_they_are_small_enough(call, tmp_path):
    store = filled(tmp_path)
    with store.write() as cursor:
        cursor.execute("UPDATE split SET images_folder = ?", [str(tmp_path / "photographs")])
    (tmp_path / "photographs" / "folder").mkdir(parents=True)
    for image in (2, 3):
        place = tmp_path / "photographs" / "folder" / f"image {image:03d}.jpg"
        place.write_bytes(bytes([image]) * 400_000)
    out = tmp_path / "some.zip"
    what = ("export", "--format", "coco-bundle", "--out", out, "boxes", "--ids", "2,3,5")
    status, printed = call(*what, "--photographs", "0.7")
    assert status == 2
    assert "have 0.8 MB together; at most 0.7 MB" in printed
    assert not out.exists()
    status, printed = call(*what, "--photographs", "0.8")
    assert status == 0, printed
    folder = unpacked(out)
    assert (folder / "images/folder/image 003.jpg").read_bytes() == bytes([3]) * 400_000
    about = json.loads((folder / "contents.json").read_text())
    assert about["photographs_missing"] == ["folder/image 005.jpg"]
    assert call(*what, "--force")[0] == 0
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if name.startswith("images/")]


def test_one_run_goes_out_on_some_images_too(call, tmp_path):
    filled(tmp_path)
    out = tmp_path / "some.json"
    what = ("export", "boxes", "--format", "coco-results", "--out", out, "--ids", "5,13")
    assert call(*what)[0] == 0
    predictions = {each.image.id: each for each in make_predictions(make_dataset(), seed=2)}
    entries = json.loads(out.read_text())
    assert [entry["score"] for entry in entries] == [
        score for key in (5, 13) for score in predictions[key].objects.scores.tolist()
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "csv"], "0 runs are named"),
        (["boxes", "..", "--format", "csv"], "2 runs are named"),
        (
            ["boxes", "--format", "csv", "--split", "val"],
            "--split is of coco-bundle, fiftyone, lightly alone",
        ),
        (["--format", "coco-bundle"], "must mean one split together"),
        (["boxes", "--format", "coco-bundle", "--split", "no"], "must mean one split together"),
        (["boxes", "elsewhere", "--format", "coco-bundle"], "must mean one split together"),
        (["elsewhere", "--format", "coco-bundle", "--tag", "x"], "Tags there: "),
    ],
)
def test_what_cannot_be_meant_is_told(call, tmp_path, arguments, said):
    store = filled(tmp_path)
    other = make_dataset("others")
    put(store, other)
    put_run(store, other, make_predictions(other), "elsewhere")
    status, printed = call("export", *arguments, "--out", tmp_path / "out")
    assert status == 2
    assert said in printed
    assert not (tmp_path / "out").exists()


def test_label_maps_cannot_be_instances(call, tmp_path):
    dataset = make_dataset(objects=False, label_maps=True)
    put(Store.at(tmp_path / "store.duckdb"), dataset)
    out = tmp_path / "out.zip"
    status, printed = call("export", "--format", "coco-bundle", "--out", out)
    assert status == 2
    assert "annotated by label maps" in printed
