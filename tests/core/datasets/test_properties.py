"""What photographs are like: measured against plain arithmetic, stored once, never lost."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.datasets.properties import figures_of, measure_split
from core.scoring.properties import PROPERTIES, image_properties, images_within
from core.store.connection import Store
from core.store.image_properties import put_properties
from core.store.queries import explore
from tests.core.commands.test_commands import folder, import_pets  # noqa: F401 - a fixture

SEED = np.random.default_rng(5)


def saved(tmp_path, pixels, mode=None, name="a.png"):
    file = tmp_path / name
    Image.fromarray(pixels, mode).save(file) if mode else Image.fromarray(pixels).save(file)
    return file


@pytest.mark.parametrize("shape", [(7, 5, 3), (64, 48, 3), (9, 9), (5, 6, 4)])
def test_figures_are_those_of_the_formula_of_luma(tmp_path, shape):
    pixels = SEED.integers(0, 256, shape, dtype=np.uint8)
    coloured = pixels[..., None] if pixels.ndim == 2 else pixels[..., :3]
    # ITU-R BT.601, in the fixed point that Pillow documents for its mode L
    weights = [65536] if coloured.shape[2] == 1 else [19595, 38470, 7471]
    luma = (coloured.astype(np.int64) @ np.array(weights) + 0x8000) >> 16
    brightness, contrast = figures_of(saved(tmp_path, pixels))
    assert brightness == pytest.approx(luma.mean(), abs=0.051)
    assert contrast == pytest.approx(luma.std(), abs=0.051)
    assert (10 * brightness) == pytest.approx(round(10 * brightness))


def test_extremes_are_exact(tmp_path):
    white = np.full((8, 8, 3), 255, np.uint8)
    half = white.copy()
    half[:4] = 0
    assert figures_of(saved(tmp_path, white)) == (255.0, 0.0)
    assert figures_of(saved(tmp_path, half)) == (127.5, 127.5)


def test_sixteen_bit_grey_counts_by_its_high_bytes(tmp_path):
    deep = np.full((4, 4), 200 * 256 + 77, np.uint16)
    assert figures_of(saved(tmp_path, deep)) == (200.0, 0.0)


@pytest.mark.parametrize("content", [None, b"", b"no image", b"\x89PNG\r\n\x1a\n broken"])
def test_a_photograph_that_cannot_be_read_has_no_figures(tmp_path, content):
    file = tmp_path / "a.png"
    if content is not None:
        file.write_bytes(content)
    assert figures_of(file) is None


@pytest.fixture
def pets(folder, capsys):  # noqa: F811
    """Three photographs of 40 x 40, the second of them missing when it was imported."""
    grey = np.full((40, 40, 3), 100, np.uint8)
    Image.fromarray(grey).save(folder / "images" / "2.png")
    import_pets(folder)
    store = Store.at(folder / "store" / "evaluation.duckdb")
    return folder, store, capsys.readouterr().out


def known(store) -> list[tuple]:
    with store.read() as cursor:
        frame = image_properties(cursor, 1, "val")
    frame = frame.astype(object).where(frame.notna(), None)
    return [tuple(row) for row in frame[["brightness", *PROPERTIES][1:]].to_numpy().tolist()]


def test_an_import_measures_every_photograph(pets):
    _, store, told = pets
    assert "3 more photographs measured, 3 of 3 are known" in told
    assert known(store) == [(0, 0, 40, 1, 100), (0, 0, 40, 2, 100), (100, 0, 40, 0, None)]


def test_a_missing_photograph_is_told_and_measured_when_it_is_there(pets, capsys):
    folder, store, _ = pets  # noqa: F811
    with store.write() as cursor:
        cursor.execute("DELETE FROM image_property")
    away = folder / "images" / "1.png"
    away.rename(folder / "1.png")
    assert main(["properties", "pets"]) == 0
    told = capsys.readouterr().out
    assert "2 more photographs measured, 2 of 3 are known. 1 could not be read" in told
    assert "python -m core properties pets --split val" in told
    assert [row[:2] for row in known(store)] == [(0, 0), (None, None), (100, 0)]
    (folder / "1.png").rename(away)
    assert main(["properties", "pets"]) == 0
    assert "1 more photograph measured, 3 of 3" in capsys.readouterr().out
    assert [row[:2] for row in known(store)] == [(0, 0), (0, 0), (100, 0)]
    assert measure_split(store, 1, "val") == (0, 0)


def test_an_unknown_data_set_is_refused_with_those_there(pets, capsys):
    assert main(["properties", "dogs"]) == 2
    assert "There is no data set dogs" in (told := capsys.readouterr().err)
    assert "pets · val" in told
    assert main(["properties", "pets", "--split", "train"]) == 2


def test_figures_of_a_removed_image_are_not_stored(pets):
    _, store, _ = pets
    with store.write() as cursor:
        put_properties(cursor, {1: (7.0, 1.0), 99: (1.0, 1.0)})
        kept = cursor.execute("SELECT image_id, brightness FROM image_property ORDER BY 1")
        assert kept.fetchall() == [(1, 7.0), (2, 0.0), (3, 100.0)]
    with store.read() as cursor:
        assert explore.unmeasured_images(cursor, 1, "val").empty


def test_ranges_take_both_ends_and_leave_out_what_is_unknown(pets):
    _, store, _ = pets
    with store.write() as cursor:
        put_properties(cursor, {1: (70.1, 1.0), 2: (70.3, 1.0), 3: None})
    with store.read() as cursor:
        frame = image_properties(cursor, 1, "val")
    assert images_within(frame, {}) == (1, 2, 3)
    assert images_within(frame, {"brightness": (70.1, 70.3)}) == (1, 2)
    assert images_within(frame, {"brightness": (70.2, 255.0)}) == (2,)
    assert images_within(frame, {"brightness": (0.0, 70.2)}) == (1,)
    assert images_within(frame, {"brightness": (0, 255), "object_count": (2, 9)}) == (2,)
    assert images_within(frame, {"small_share": (0, 100)}) == (1, 2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [("area = 1024", (1, 100)), ("area = 1024.5", (1, 0)), ("crowd = true", (0, None))],
)
def test_small_is_by_cocos_limit_and_crowd_regions_are_no_objects(pets, change, expected):
    _, store, _ = pets
    with store.write() as cursor:
        cursor.execute(f"UPDATE annotation_object SET {change} WHERE image_id = 1")
    assert known(store)[0][3:] == expected
