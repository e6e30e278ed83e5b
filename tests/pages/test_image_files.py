"""EXIF goes, pixels stay."""

import io

import numpy as np
import pytest
from PIL import Image

from pages.ui.image_files import jpeg_size, without_exif

PIXELS = np.random.default_rng(2).integers(0, 255, (30, 41, 3), np.uint8)


def file(kind, orientation=6, **options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = io.BytesIO()
    if orientation:
        options["exif"] = exif
    Image.fromarray(PIXELS).save(stored, kind, **options)
    return stored.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_goes_and_pixels_stay(kind):
    stored = file(kind)
    before, after = (Image.open(io.BytesIO(each)) for each in (stored, without_exif(stored)))
    assert before.getexif().get(0x0112) == 6
    assert after.getexif().get(0x0112) is None
    np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_files_without_exif_stay_as_they_are(kind):
    stored = file(kind, orientation=None)
    assert without_exif(stored) == stored


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_files_cut_anywhere_are_taken(kind):
    stored = file(kind)
    for end in range(0, len(stored), 3):
        assert len(without_exif(stored[:end])) <= end


def test_webp_chunks_of_odd_size_are_padded():
    def chunk(name, content):
        return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)

    stored = b"RIFF\x2a\0\0\0WEBP" + chunk(b"ICCP", b"abc") + chunk(b"EXIF", b"Exif")
    assert without_exif(stored) == stored.replace(b"EXIF", b"none")


def test_size_of_a_jpeg_without_decoding_it():
    assert jpeg_size(file("JPEG")) == (41, 30)
    assert jpeg_size(file("JPEG", progressive=True)) == (41, 30)
    assert jpeg_size(b"\xff\xd8\xff" + file("JPEG")[2:]) == (41, 30)
    assert jpeg_size(file("PNG")) is None
    assert jpeg_size(file("JPEG")[:40]) is None


@pytest.mark.shared
def test_size_of_every_coco_photograph(shared_data):
    for path in sorted((shared_data / "coco_val2017" / "images").glob("*.jpg")):
        with Image.open(path) as image:
            assert jpeg_size(path.read_bytes()) == image.size
