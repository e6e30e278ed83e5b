"""Histories of trainings: what is written is what is read, in every form; nothing is unpickled."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import FaultyInputError, UsageError
from core.readers.histories import read_history
from training.event_file import EventFile

NAMES = ("loss", "val_loss", "größe, in m")
TABLES = st.lists(
    st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), min_size=1, max_size=6
)
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def expected(table):
    return [(epoch, dict(zip(NAMES, row, strict=True))) for epoch, row in enumerate(table, 1)]


@quick
@given(table=TABLES, first=st.integers(0, 1), counted=st.booleans())
def test_csv_is_read_to_the_last_bit(tmp_path, table, first, counted):
    path = tmp_path / "h.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*(["epoch"] * counted), *NAMES])
        rows.writerows([*([n + first] * counted), *map(repr, row)] for n, row in enumerate(table))
    history, faults = read_history(path)
    assert list(history.points) == expected(table)
    assert (history.form, faults) == ("csv", ())
    assert history.shift == (0 if counted and first else 1)


@quick
@given(table=TABLES, kind=st.sampled_from(["lists", "rows", "wrapped"]))
def test_json_is_read_to_the_last_bit(tmp_path, table, kind):
    lists = {name: [row[i] for row in table] for i, name in enumerate(NAMES)}
    rows = [dict(zip(NAMES, row, strict=True)) for row in table]
    document = {"lists": lists, "rows": rows, "wrapped": {"history": lists}}[kind]
    (tmp_path / "h.json").write_text(json.dumps(document))
    assert list(read_history(tmp_path / "h.json")[0].points) == expected(table)


@quick
@given(table=TABLES)
def test_arrays_are_read_to_the_last_bit(tmp_path, table):
    np.save(tmp_path / "h.npy", np.array(table))
    assert list(read_history(tmp_path / "h.npy", names=NAMES)[0].points) == expected(table)
    np.save(tmp_path / "loss.npy", np.array(table)[:, 0])
    points = read_history(tmp_path / "loss.npy")[0].points
    assert [values for _, values in points] == [{"loss": row[0]} for row in table]


@quick
@given(steps=st.lists(st.integers(0, 2**31 - 2), min_size=1, max_size=6, unique=True),
       value=st.floats(width=32, allow_nan=False, allow_infinity=False))  # fmt: skip
def test_event_files_of_our_own_are_read(tmp_path_factory, steps, value):
    file = EventFile(tmp_path_factory.mktemp("events"))
    for step in steps:
        file.scalars(step, {"loss": value, "größe": -value})
    history, _ = read_history(file.path)
    shift = int(0 in steps)
    assert [epoch - shift for epoch, _ in history.points] == sorted(steps)
    assert all(values == {"loss": value, "größe": -value} for _, values in history.points)


# tensors, as tf.summary.scalar, histogram and text write them, and the simple values that
# TensorFlow 1 and torch write; TensorBoard itself is not asked for
WRITE = """
import sys, tensorflow as tf
for part, factor in (("train", 1.0), ("validation", 2.0)):
    writer = tf.summary.create_file_writer(f"{sys.argv[1]}/{part}")
    with writer.as_default():
        for step in range(3):
            tf.summary.write("epoch_loss", tf.constant(factor / (step + 1)), step)
            tf.summary.write("weights", tf.constant([[0.5, 1.0, 2.0]], tf.float64), step)
            tf.summary.write("note", tf.constant("words"), step)
    writer.close()
with tf.Graph().as_default():
    writer = tf.compat.v1.summary.FileWriter(sys.argv[2])
    for step in (1, 300):
        value = tf.compat.v1.Summary.Value(tag="miou", simple_value=step / 512)
        writer.add_summary(tf.compat.v1.Summary(value=[value]), step)
    writer.close()
"""


@pytest.mark.tensorflow
def test_event_files_of_tensorflow_are_read(tmp_path):
    folders = [tmp_path / "two", tmp_path / "one"]
    subprocess.run([sys.executable, "-c", WRITE, *map(str, folders)], check=True)
    history, faults = read_history(folders[0])
    assert not faults
    assert [epoch for epoch, _ in history.points] == [1, 2, 3]
    for epoch, values in history.points:
        assert values == {
            "train/epoch_loss": np.float32(1 / epoch),
            "validation/epoch_loss": np.float32(2 / epoch),
        }
    assert list(read_history(folders[1])[0].points) == [
        (1, {"miou": 1 / 512}), (300, {"miou": 300 / 512})]  # fmt: skip


def test_files_of_known_programs(tmp_path):
    ultralytics = "                  epoch,         train/box_loss,          lr/pg0\n"
    (tmp_path / "results.csv").write_text(ultralytics + "      1,     1.25,  0.5\n 2, 1.0, 0.25\n")
    points = read_history(tmp_path / "results.csv")[0].points
    assert points == ((1, {"train/box_loss": 1.25, "lr/pg0": 0.5}), (2, {"train/box_loss": 1.0, "lr/pg0": 0.25}))  # fmt: skip # noqa: E501
    # Lightning leaves out what was not logged at a step; pandas writes a column of row numbers
    (tmp_path / "metrics.csv").write_text(",epoch,loss,val_loss\n0,0,2.5,\n1,0,,3.5\n2,1,1.5,\n")
    assert read_history(tmp_path / "metrics.csv")[0].points == (
        (1, {"loss": 2.5, "val_loss": 3.5}), (2, {"loss": 1.5}))  # fmt: skip


class Evil:
    def __reduce__(self):
        return (print, ("run!",))


@pytest.mark.parametrize("content", [{"loss": [1.0, 2.0]}, Evil()], ids=["history", "evil"])
def test_a_pickled_array_is_refused_unread(tmp_path, capsys, content):
    np.save(tmp_path / "history.npy", np.array(content, dtype=object), allow_pickle=True)
    with pytest.raises(UsageError, match=r"json\.dump\(history\.history") as caught:
        read_history(tmp_path / "history.npy")
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


def test_every_value_that_is_none_is_a_fault(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("epoch,loss\n1,nan\n2,inf\n3,x\n4,0.5\n4,0.6\n5\nhalf,1\n1.5,1\n-1,1\n")
    with pytest.raises(FaultyInputError) as caught:
        read_history(path)
    assert len(caught.value.faults) == 8
    history, faults = read_history(path, skip_bad=True)
    assert history.points == ((4, {"loss": 0.5}),)
    assert len(faults) == 8


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("h.csv", b"", "different names"),
        ("h.csv", b"a,a\n1,2\n", "different names"),
        ("h.csv", b"loss\n", "no values"),
        ("h.csv", b"\xff\xfe\x00", "cannot be read as a table"),
        ("h.json", b"{", "this is no JSON"),
        ("h.json", b'{"loss": 1}', "expected a list of numbers"),
        ("h.json", b"3", "expected an object of lists"),
        ("h.npy", b"\x93NUMPY", "h.npy"),
        ("x.tfevents.1", b"", "no record"),
        ("x.tfevents.1", b"no events at all here", "no record of an event file"),
    ],
)
def test_what_is_no_history_is_told_in_one_paragraph(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_history(tmp_path / name)


def test_damage_of_an_event_file_is_found(tmp_path):
    file = EventFile(tmp_path)
    file.scalars(1, {"loss": 0.5})
    whole = file.path.read_bytes()
    for at in range(len(whole)):
        file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(UsageError):
            read_history(file.path)
    # cut off: a training may be writing it still
    file.scalars(2, {"loss": 0.25})
    file.path.write_bytes(whole + b"\x20")
    assert read_history(file.path)[0].points == ((1, {"loss": 0.5}),)
    assert math.isclose(read_history(file.path)[0].points[0][1]["loss"], 0.5)
