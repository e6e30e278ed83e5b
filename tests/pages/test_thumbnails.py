"""Thumbnails show the stored pixels, whatever the file."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from pages.ui import thumbnails

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width, height):
    """Left half red, right half blue, top and bottom alike."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    return Image.fromarray(pixels)


def shown(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)


def write(path, image, **options):
    image.save(path, **options)
    return str(path)


@pytest.mark.parametrize("size", [(4000, 3000), (641, 479), (300, 2000), (240, 180)])
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_thumbnail_fits_and_looks_alike(tmp_path, size, ending):
    path = write(tmp_path / f"a.{ending}", picture(*size))
    pixels = shown(thumbnails.thumbnail(path))
    assert pixels.shape[1::-1] == thumbnails.fitted(*size, 240, 180)
    middle = pixels[pixels.shape[0] // 2]
    assert np.abs(middle[5] - RED).max() < 20
    assert np.abs(middle[-5] - BLUE).max() < 20


def test_thumbnail_matches_area_resampling_of_the_full_image(tmp_path):
    noise = np.random.default_rng(5).integers(0, 255, (45, 60), np.uint8)
    full = cv2.resize(noise, (1920, 1440), interpolation=cv2.INTER_CUBIC)
    path = write(tmp_path / "a.jpg", Image.fromarray(full), quality=95)
    expected = cv2.resize(full, (240, 180), interpolation=cv2.INTER_AREA).astype(int)[:, :, None]
    assert np.abs(shown(thumbnails.thumbnail(path)) - expected).mean() < 6


def test_thumbnail_is_the_mean_of_what_it_covers(tmp_path):
    stripes = np.zeros((720, 960), np.uint8)
    stripes[:, ::2] = 255
    path = write(tmp_path / "a.png", Image.fromarray(stripes))
    assert np.abs(shown(thumbnails.thumbnail(path)) - 127.5).max() < 4


def test_orientation_in_exif_is_ignored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write(tmp_path / "a.jpg", picture(400, 300), exif=exif)
    assert shown(thumbnails.thumbnail(path)).shape == (180, 240, 3)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "I;16"])
def test_other_pixel_formats(tmp_path, mode):
    image = (
        Image.fromarray(np.full((30, 40), 900, np.uint16))
        if mode == "I;16"
        else picture(40, 30).convert(mode)
    )
    assert shown(thumbnails.thumbnail(write(tmp_path / "a.png", image))).shape == (30, 40, 3)


def test_missing_empty_and_broken_files_have_no_thumbnail(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing of an image")
    for name in ("missing.jpg", "empty.jpg", "broken.jpg", "."):
        assert thumbnails.thumbnail(str(tmp_path / name)) is None
    assert thumbnails.photograph(str(tmp_path / "missing.jpg")) is None
    (tmp_path / "broken.tif").write_bytes(b"II*\0")
    assert thumbnails.photograph(str(tmp_path / "broken.tif")) is None


def test_photograph_is_the_file_or_a_png_of_it(tmp_path):
    jpeg = write(tmp_path / "a.jpg", picture(40, 30))
    assert thumbnails.photograph(jpeg) == (tmp_path / "a.jpg").read_bytes()
    tiff = thumbnails.photograph(write(tmp_path / "a.tif", picture(40, 30)))
    assert tiff.startswith(b"\x89PNG")
    np.testing.assert_array_equal(shown(tiff), np.asarray(picture(40, 30)))
