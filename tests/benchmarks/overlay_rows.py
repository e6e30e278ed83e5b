"""Rows of the table: one image with its annotation and three runs, to bytes for the browser."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image

from core.geometry import label_runs
from pages.ui.layers import Layer
from pages.ui.palette import class_colours
from pages.ui.payload import pack_view
from tests.benchmarks.map_scene import CLASSES, HEIGHT, WIDTH, Maps, smooth_pair
from tests.benchmarks.race import Timing, race

PANELS = 4
OPACITY = 0.5
Pixels = NDArray[np.uint8]


def rows(folder: Path, images: int) -> Iterator[Timing]:
    """Yield the row; nothing is written to the folder, and one image is enough."""
    maps = [smooth_pair(index)[place] for index in range(2) for place in range(2)]
    blobs = [label_runs.encode(each) for each in maps]
    photograph, jpeg = _photograph()
    colours = class_colours(CLASSES)
    classes = [(index, f"class {index}", colour) for index, colour in enumerate(colours)]
    table = np.array([_channels(colour or "#000000") for colour in colours], np.uint8)

    def ours() -> bytes:
        layers = [
            Layer(f"run {index}", "#000000", label_runs.decode(blob, HEIGHT, WIDTH))
            for index, blob in enumerate(blobs)
        ]
        return pack_view(jpeg, WIDTH, HEIGHT, classes, layers)

    def theirs() -> list[bytes]:
        return [_png(_blended(photograph, each, table)) for each in maps]

    def same(payload: bytes, pictures: list[bytes]) -> bool:
        return all(
            np.array_equal(_blended(photograph, label_map, table), _pixels(picture))
            for label_map, picture in zip(_unpacked(payload), pictures, strict=True)
        )

    yield race(
        f"overlays of {WIDTH}x{HEIGHT} pixels, annotation and {PANELS - 1} runs, to bytes",
        ours,
        f"blend with numpy, PNG by Pillow {PIL.__version__}",
        theirs,
        agree=same,
        target=10.0,
        turns=5,
        repeats=5,
        note=f"{len(ours()) / 1000:.0f} kB against {sum(map(len, theirs())) / 1000:.0f} kB",
    )


def _photograph() -> tuple[Pixels, bytes]:
    """Return smooth noise as a JPEG has it, and the JPEG."""
    generator = np.random.default_rng(5)
    noise = generator.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(cv2.resize(noise, (WIDTH, HEIGHT))).save(file, "JPEG", quality=90)
    return _pixels(file.getvalue()), file.getvalue()


def _blended(photograph: Pixels, label_map: Maps, table: Pixels) -> Pixels:
    mixed = (1 - OPACITY) * photograph + OPACITY * table[label_map]
    return np.where(label_map[:, :, np.newaxis] > 0, mixed, photograph).astype(np.uint8)


def _png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _pixels(picture: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(picture)))


def _unpacked(payload: bytes) -> list[Maps]:
    """Return the label maps of a payload, as the browser reads it."""
    (length,) = struct.unpack_from("<I", payload)
    header, body = json.loads(payload[4 : 4 + length]), payload[4 + length :]
    found = []
    for layer in header["layers"]:
        start, size = layer["map"]["part"]
        labels = np.frombuffer(zlib.decompress(body[start : start + size]), np.uint8)
        found.append(labels.reshape(layer["map"]["height"], layer["map"]["width"]))
    return found


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
