"""One bad image costs no other, and is recorded with the reason."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from core.structures import ImageRecord
from tests.training import fake
from training import images, job
from training.images import read_photograph
from training.protocol import Photograph

REJECTED = (
    "SELECT place, stage, message, image.path FROM rejected JOIN image USING (image_id) "
    "WHERE run_id = $run ORDER BY image_id"
)


def spoil(bench, index: int, corner: tuple[int, int, int]) -> None:
    pixels = fake.colours(index)
    pixels[0, 0] = corner
    Image.fromarray(pixels).save(bench.images / f"{index}.png")


def png_header(height: int, width: int) -> bytes:
    """A PNG that promises a size, and has hardly a pixel."""
    chunks = [
        b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"IDAT" + zlib.compress(b"\0"),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each))
        for each in chunks
    )


def test_each_kind_of_bad_image_is_recorded_and_the_rest_is_as_ever(bench, capsys) -> None:
    bench.predict("--run", "clean")
    (bench.images / "1.png").unlink()
    whole = (bench.images / "2.png").read_bytes()
    (bench.images / "2.png").write_bytes(whole[: len(whole) // 2])
    (bench.images / "3.png").write_text("not an image")
    Image.new("RGB", (fake.HEIGHT, fake.WIDTH)).save(bench.images / "4.png")
    spoil(bench, 5, fake.POISON)
    spoil(bench, 6, fake.OVERFLOW)
    spoil(bench, 7, fake.TOO_LARGE)
    (bench.images / "8.png").write_bytes(png_header(60_000, 60_000))
    capsys.readouterr()
    assert bench.predict() == 0
    assert bench.status() == "done_with_rejects"
    rejected = bench.ask(REJECTED)
    assert [(place, stage) for place, stage, _, _ in rejected] == [
        ("1.png", "open"),
        ("2.png", "decode"),
        ("3.png", "open"),
        ("4.png", "open"),
        ("5.png", "infer"),
        ("6.png", "infer"),
        ("7.png", "infer"),
        ("8.png", "open"),
    ]
    assert all(place == path for place, _, _, path in rejected)
    messages = [message for _, _, message, _ in rejected]
    for message, part in zip(
        messages,
        [
            "does not exist: ",
            "cannot be decoded",
            "its content is none of JPEG",
            "it is 16 x 12 pixels (height x width), but the data set says 12 x 16",
            "the system failed on it (ValueError: poison)",
            "a score outside 0 to 1",
            "not enough memory",
            "exceeds limit of 178956970 pixels",
        ],
        strict=True,
    ):
        assert part in message
        assert "\n" not in message
    good = {"0.png", "9.png"}
    assert {path for path, _ in bench.answers()[0]} == good
    clean = [row for row in bench.answers("clean")[1] if row in bench.answers()[1]]
    assert clean == bench.answers()[1]
    said = capsys.readouterr().out
    assert "8 images could not be answered" in said
    assert "… and 3 more" in said


def test_mended_images_are_answered_when_the_command_is_given_again(bench) -> None:
    kept = (bench.images / "3.png").read_bytes()
    (bench.images / "3.png").unlink()
    spoil(bench, 4, fake.POISON)
    bench.predict()
    assert len(bench.ask(REJECTED)) == 2
    (bench.images / "3.png").write_bytes(kept)
    bench.predict()
    assert bench.status() == "done_with_rejects"
    assert [place for place, *_ in bench.ask(REJECTED)] == ["4.png"]
    Image.fromarray(fake.colours(4)).save(bench.images / "4.png")
    bench.predict()
    assert bench.status() == "done"
    bench.predict("--run", "clean")
    assert bench.answers() == bench.answers("clean")


def test_no_image_at_all_is_a_failure(bench, capsys) -> None:
    for path in bench.images.iterdir():
        path.unlink()
    assert bench.predict() == 1
    assert bench.status() == "done_with_rejects"
    assert "no image was answered" in capsys.readouterr().out


def test_a_system_that_always_fails_ends_the_job(bench, monkeypatch, capsys) -> None:
    monkeypatch.setattr(job, "MOST_FAILURES_IN_A_ROW", 3)
    for index in range(3, 10):
        spoil(bench, index, fake.POISON)
    assert bench.predict("--batch", 1) == 1
    assert "3 images in a row could not be answered; the last of them, 5.png" in (
        capsys.readouterr().err
    )
    assert bench.status() == "failed"
    assert len(bench.answers()[0]) == 3
    for index in range(3, 10):
        Image.fromarray(fake.colours(index)).save(bench.images / f"{index}.png")
    assert bench.predict("--batch", 1) == 0
    assert bench.status() == "done"


def test_failures_that_are_not_in_a_row_do_not_end_it(bench, monkeypatch) -> None:
    monkeypatch.setattr(job, "MOST_FAILURES_IN_A_ROW", 2)
    for index in (1, 3, 5, 7):
        spoil(bench, index, fake.POISON)
    assert bench.predict("--batch", 1) == 0
    assert bench.status() == "done_with_rejects"


def test_images_that_a_system_leaves_out_of_its_answer_are_tried_again(bench, monkeypatch) -> None:
    original = fake.FakeSystem.predict
    monkeypatch.setattr(fake.FakeSystem, "predict", lambda self, given: original(self, given)[:2])
    bench.predict()
    assert [path for path, _ in bench.answers()[0]] == [f"{index}.png" for index in range(10)]


def test_rotation_is_told_once_and_not_applied(bench, capsys) -> None:
    exif = Image.Exif()
    exif[images.ORIENTATION] = 6
    for index in (2, 5):
        Image.fromarray(fake.colours(index)).save(bench.images / f"{index}.png", exif=exif)
    bench.predict()
    said = capsys.readouterr().err
    assert said.count("carries an EXIF rotation") == 1
    assert "2.png carries" in said
    bench_clean = bench.answers()
    for index in (2, 5):
        Image.fromarray(fake.colours(index)).save(bench.images / f"{index}.png")
    bench.predict("--run", "upright")
    assert bench.answers("upright") == bench_clean


def record_of(path: str, height: int = 4, width: int = 6) -> ImageRecord:
    return ImageRecord(1, "one", path, height, width)


def saved(folder, image: Image.Image, name: str = "one.png") -> Photograph:
    image.save(folder / name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = read_photograph(folder, record_of(name))
    assert isinstance(read, Photograph)
    return read


GREY = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(Image.fromarray(GREY), GREY, id="grey"),
        pytest.param(Image.fromarray(GREY.astype(np.uint16) * 256 + 99), GREY, id="16 bits"),
        pytest.param(Image.fromarray(GREY > 100), 255 * (GREY > 100), id="1 bit"),
        pytest.param(Image.fromarray(np.dstack([GREY, GREY])), GREY, id="grey and alpha"),
        pytest.param(
            Image.fromarray(np.dstack([GREY, GREY, GREY, 0 * GREY])), GREY, id="transparent"
        ),
        pytest.param(Image.fromarray(GREY).convert("P"), GREY, id="palette"),
    ],
)
def test_all_kinds_of_pixel_become_three_colours(tmp_path, image, expected) -> None:
    pixels = saved(tmp_path, image).pixels
    assert pixels.dtype == np.uint8
    assert (pixels == expected[:, :, np.newaxis]).all()
    assert pixels.shape == (4, 6, 3)


def test_colours_are_red_green_blue(tmp_path) -> None:
    assert (saved(tmp_path, Image.new("RGB", (6, 4), (10, 20, 30))).pixels == [10, 20, 30]).all()


def test_pixels_of_32_bits_are_refused(tmp_path) -> None:
    Image.fromarray(GREY.astype(np.float32)).save(tmp_path / "one.tif")
    rejected = read_photograph(tmp_path, record_of("one.tif"))
    assert rejected.stage == "decode"
    assert "32 bits (mode F)" in rejected.message


@pytest.mark.parametrize("path", ["../secret.png", "{}/secret.png", "a/../../secret.png"])
def test_no_path_leads_out_of_the_folder(tmp_path, path) -> None:
    (tmp_path / "images" / "a").mkdir(parents=True)
    Image.fromarray(GREY).save(tmp_path / "secret.png")
    rejected = read_photograph(tmp_path / "images", record_of(path.format(tmp_path)))
    assert rejected.stage == "open"
    assert "out of the folder" in rejected.message or "is absolute" in rejected.message


def test_a_folder_is_no_image(tmp_path) -> None:
    (tmp_path / "one.png").mkdir()
    assert "is no file" in read_photograph(tmp_path, record_of("one.png")).message


def test_no_framework_opens_photographs_in_the_place_of_pillow(tmp_path, monkeypatch) -> None:
    # as ultralytics does, whose opener looks for a package to download
    monkeypatch.setattr(Image, "open", None)
    (tmp_path / "one.jpg").write_bytes(b"no image")
    assert "its content is none of" in read_photograph(tmp_path, record_of("one.jpg")).message


def test_any_bytes_end_in_an_answer(tmp_path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(fake.colours(0)).save(buffer, "JPEG")
    rng = np.random.default_rng(0)
    for _ in range(150):
        content = np.frombuffer(buffer.getvalue(), np.uint8).copy()
        content[rng.integers(2, len(content), 5)] = rng.integers(0, 256, 5)
        (tmp_path / "one.jpg").write_bytes(content[: rng.integers(1, len(content))].tobytes())
        read_photograph(tmp_path, record_of("one.jpg", fake.HEIGHT, fake.WIDTH))


def test_images_come_in_order_and_reading_stops_when_told(tmp_path, monkeypatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(images, "read_photograph", lambda folder, each: seen.append(each.path))
    ahead = images.read_ahead(tmp_path, [record_of(str(number)) for number in range(100)], 5)
    next(ahead)
    ahead.close()
    assert len(seen) <= 7
    whole = images.read_ahead(tmp_path, [record_of(str(number)) for number in range(20)], 5)
    assert len(list(whole)) == 20
