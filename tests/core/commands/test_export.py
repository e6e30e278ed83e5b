"""python -m core export: what comes out goes in again, the same to the last bit."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.__main__ import main
from core.commands.import_dataset import PaintedAnnotations
from core.evaluate import evaluate_run
from core.readers.coco_results import read_coco_results
from core.readers.label_png import read_label_png_predictions
from core.readers.yolo import read_yolo_predictions
from core.store.connection import Store
from core.store.rows import load_dataset
from core.structures import Dataset, Prediction
from core.writers import object_parquet
from tests.drive import COCO_RUNS
from tests.factories import make_dataset, make_predictions
from tests.filling import put, put_run

MAPS = {"has_boxes": False, "has_masks": False, "has_label_maps": True}


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EVALUATION_STORE", str(tmp_path / "store.duckdb"))

    def called(*arguments: object) -> tuple[int, str]:
        status = main([str(each) for each in arguments])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return called


def scene(tmp_path: Path, **parts: bool) -> tuple[Store, Dataset, list[Prediction]]:
    dataset = make_dataset(label_maps=parts.get("label_maps", False))
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    return store, dataset, make_predictions(dataset, **parts)


def entries(path: Path) -> list[dict]:
    """The detections of a COCO result file in an order of their own."""
    return sorted(json.loads(path.read_text()), key=lambda entry: json.dumps(entry, sort_keys=True))


@pytest.mark.parametrize("kind", ["box", "mask", "both"])
def test_coco_results_come_out_as_they_went_in(call, tmp_path, kind):
    _, dataset, predictions = scene(tmp_path)
    given = tmp_path / "given.json"
    ids = [category.source_id for category in dataset.categories]
    document = [
        {
            "image_id": each.image.id,
            "category_id": ids[each.objects.categories[i]],
            "score": each.objects.scores[i],
            **({} if kind == "mask" else {"bbox": each.objects.boxes[i].tolist()}),
            **(
                {}
                if kind == "box"
                else {
                    "segmentation": {
                        "size": [each.image.height, each.image.width],
                        "counts": each.objects.masks[i].counts.decode(),
                    }
                }
            ),
        }
        for each in predictions
        for i in range(len(each.objects))
    ]
    given.write_text(json.dumps(document))
    place = ("--dataset", "shapes", "--split", "val", "--format", "coco-results")
    assert call("import-run", "net", *place, given)[0] == 0
    out = tmp_path / "out.json"
    status, printed = call("export", "net", "--format", "coco-results", "--out", out)
    assert status == 0, printed
    assert entries(out) == entries(given)
    for before, after in zip(
        *(read_coco_results(path, dataset)[0] for path in (given, out)), strict=True
    ):
        assert np.array_equal(before.objects.areas, after.objects.areas)


@pytest.mark.parametrize("classes", [3, 300])
def test_label_pngs_come_out_as_they_went_in(call, tmp_path, classes):
    names = [f"class {i}" for i in range(classes)]
    dataset = make_dataset(classes=names, label_maps=True, objects=False)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    predictions = make_predictions(dataset, objects=False, label_maps=True)
    void = np.iinfo(predictions[0].label_map.dtype).max
    predictions[0].label_map[0, :3] = void
    put_run(store, dataset, predictions, "net", **MAPS)
    out = tmp_path / "maps"
    assert call("export", "net", "--format", "label-png", "--out", out)[0] == 0
    again, faults = read_label_png_predictions(out, dataset)
    assert not faults
    for before, after in zip(predictions, again, strict=True):
        stored = np.asarray(Image.open(out / f"{before.image.name}.png"))
        assert stored.dtype == before.label_map.dtype
        assert np.array_equal(stored, before.label_map)
        assert np.array_equal(after.label_map, before.label_map)


def test_masks_go_out_as_the_maps_their_pixels_were_counted_from(call, tmp_path):
    store, _, predictions = scene(tmp_path, label_maps=False)
    with_maps = make_dataset("other", label_maps=True, background=0)
    put(store, with_maps)
    put_run(store, with_maps, predictions, "net")
    assert call("export", "net", "--format", "label-png", "--out", tmp_path / "maps")[0] == 2
    evaluate_run(store, "net")
    status, printed = call("export", "net", "--format", "label-png", "--out", tmp_path / "maps")
    assert status == 0, printed
    maps = {path.stem: np.asarray(Image.open(path)) for path in (tmp_path / "maps").iterdir()}
    with store.read() as cursor:
        counted = cursor.execute(
            "SELECT i.name, predicted, sum(pixels)::INT FROM pixel_count JOIN image i USING "
            "(image_id) GROUP BY ALL"
        ).fetchall()
    truth = {i.name: with_maps.annotations[i.id].label_map for i in with_maps.images}
    for name, index, pixels in counted:
        assert np.sum((maps[name] == index) & (truth[name] != 255)) == pixels


@pytest.mark.parametrize("classes", [2, 255])
@pytest.mark.parametrize("given", [False, True], ids=["painted", "given"])
def test_painted_maps_come_in_again_and_count_the_same(call, tmp_path, classes, given):
    """With a background after the last class where the truth has it, else without an answer."""
    names = [f"class {i}" for i in range(classes)]
    dataset = make_dataset(classes=names, label_maps=given)
    store = Store.at(tmp_path / "store.duckdb")
    stored = dataset if given else replace(dataset, annotations=PaintedAnnotations(dataset))
    put(store, stored, painted=not given)
    put_run(store, dataset, make_predictions(dataset), "net")
    evaluate_run(store, "net")
    out = tmp_path / "maps"
    assert call("export", "net", "--format", "label-png", "--out", out)[0] == 0
    place = ("--dataset", "shapes", "--split", "val", "--format", "label-png")
    status, printed = call("import-run", "again", *place, out)
    assert status == 0, printed
    evaluate_run(store, "again")
    counts = [sorted(rows_of(store, "pixel_count", name)) for name in ("net", "again")]
    assert counts[0] == counts[1]
    assert {predicted for *_, predicted, _ in counts[0]} >= {-1 if given else classes}
    twice = tmp_path / "twice"
    assert call("export", "again", "--format", "label-png", "--out", twice)[0] == 0
    for before in out.iterdir():
        assert np.array_equal(Image.open(before), Image.open(twice / before.name))


def rows_of(store: Store, table: str, run: str) -> list[tuple]:
    with store.read() as cursor:
        return cursor.execute(
            f"SELECT t.* EXCLUDE run_id FROM {table} t JOIN run USING (run_id) WHERE name = ?",
            [run],
        ).fetchall()


def test_yolo_comes_in_again(call, tmp_path):
    store, dataset, predictions = scene(tmp_path, masks=False)
    put_run(store, dataset, predictions, "net", has_masks=False)
    assert call("export", "net", "--format", "yolo", "--out", tmp_path / "labels")[0] == 0
    again, _ = read_yolo_predictions(tmp_path / "labels", dataset)
    for before, after in zip(predictions, again, strict=True):
        assert np.array_equal(before.objects.categories, after.objects.categories)
        assert np.array_equal(before.objects.scores, after.objects.scores)
        assert np.allclose(before.objects.boxes, after.objects.boxes, rtol=0, atol=1e-9)


def test_instances_come_in_as_a_data_set(call, tmp_path):
    store, dataset, predictions = scene(tmp_path)
    put_run(store, dataset, predictions, "net")
    out = tmp_path / "instances.json"
    assert call("export", "net", "--format", "coco-instances", "--out", out)[0] == 0
    options = ("--format", "coco", "--annotations", out, "--images", tmp_path, "--no-images")
    status, printed = call("import", "pseudo", "--split", "val", *options)
    assert status == 0, printed
    pseudo = load_dataset(store, "pseudo", "val")
    assert [c.name for c in pseudo.categories] == [c.name for c in dataset.categories]
    for each in predictions:
        found = pseudo.annotations[each.image.id].objects
        assert np.array_equal(found.boxes, each.objects.boxes)
        assert [m.counts for m in found.masks or ()] == [m.counts for m in each.objects.masks]
        assert np.array_equal(found.areas, each.objects.areas)


def test_csv_has_a_row_an_object_whatever_classes_are_called(call, tmp_path):
    names = ('a,"b"\n', "<b>", "=1+1")
    dataset = make_dataset(classes=names)
    store = Store.at(tmp_path / "store.duckdb")
    put(store, dataset)
    predictions = make_predictions(dataset)
    put_run(store, dataset, predictions, "net")
    out = tmp_path / "objects.csv"
    assert call("export", "net", "--format", "csv", "--out", out)[0] == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = [
        (each.image.id, each.objects, i) for each in predictions for i in range(len(each.objects))
    ]
    assert len(rows) == len(expected)
    for row, (image, objects, i) in zip(rows, expected, strict=True):
        assert int(row["image_id"]) == image
        assert row["class"] == names[objects.categories[i]]
        box = [float(row[name]) for name in ("x", "y", "width", "height")]
        assert box == objects.boxes[i].tolist()
        assert float(row["score"]) == objects.scores[i]
        assert float(row["area"]) == objects.areas[i]


def test_parquet_holds_the_rows_of_the_csv_in_types(call, tmp_path, monkeypatch):
    monkeypatch.setattr(object_parquet, "ROWS_AT_ONCE", 7)
    store, dataset, predictions = scene(tmp_path)
    put_run(store, dataset, predictions, "net")
    for form in ("csv", "parquet"):
        assert call("export", "net", "--format", form, "--out", tmp_path / form)[0] == 0
    table = pq.read_table(tmp_path / "parquet")
    assert table.schema.equals(object_parquet.SCHEMA)
    kinds = {"image_id": "int64", "class_id": "int64", "class": "string", "score": "double"}
    assert {name: str(table.schema.field(name).type) for name in kinds} == kinds
    with (tmp_path / "csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert table.column_names == header
    assert len(rows) > 14
    assert [[str(cell) for cell in row.values()] for row in table.to_pylist()] == rows


def test_what_cannot_be_written_is_told_and_nothing_is_left(call, tmp_path):
    store, dataset, predictions = scene(tmp_path)
    put_run(store, dataset, predictions, "net")
    same = tuple(replace(image, name="../twice") for image in dataset.images)
    twins = replace(
        dataset,
        name="twins",
        images=same,
        annotations={i.id: replace(dataset.annotations[i.id], image=i) for i in same},
    )
    put(store, twins)
    found = [replace(p, image=i) for p, i in zip(predictions, same, strict=True)]
    put_run(store, twins, found, "twin")
    for run, form, said in (
        ("net", "label-png", "has no label maps"),
        ("twin", "yolo", "several images named"),
        ("nobody", "csv", "no run named"),
    ):
        status, printed = call("export", run, "--format", form, "--out", tmp_path / "out")
        assert status == 2
        assert said in printed
        assert not (tmp_path / "out").exists()
        assert not list(tmp_path.glob(".unfinished*"))


def test_targets_are_kept_unless_forced(call, tmp_path):
    store, dataset, predictions = scene(tmp_path)
    put_run(store, dataset, predictions, "net")
    out = tmp_path / "out.json"
    out.write_text("mine")
    export = ("export", "net", "--format", "coco-results", "--out", out)
    assert call(*export)[0] == 2
    assert out.read_text() == "mine"
    assert call(*export, "--force")[0] == 0
    assert json.loads(out.read_text())


@pytest.mark.shared
def test_real_results_come_out_as_they_went_in(coco_store, shared_data, tmp_path):
    for name, file in COCO_RUNS.items():
        given = shared_data / "coco_val2017" / "results" / file
        out = tmp_path / f"{name}.json"
        arguments = ["export", name, "--format", "coco-results", "--out", str(out)]
        assert main([*arguments, "--store", str(coco_store)]) == 0
        keys = ("image_id", "category_id", "score", "bbox", "segmentation")
        wanted = [
            {key: entry[key] for key in keys if key in entry}
            for entry in json.loads(given.read_text())
        ]
        assert entries(out) == sorted(wanted, key=lambda entry: json.dumps(entry, sort_keys=True))
