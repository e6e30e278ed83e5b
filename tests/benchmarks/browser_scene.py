"""Made-up photographs and label maps for the benchmarks in the browser."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.__main__ import main

CLASSES = tuple(f"class {index:02d}" for index in range(20))
VOID = 255
IMAGES = 96
SIZE = (480, 640)  # of stored images, height and width
LARGE = (960, 1280)  # of the image whose frames are timed
HUGE = (3000, 4000)  # 12 megapixels
RUNS = ("first", "second")


def photograph(seed: int, size: tuple[int, int] = SIZE) -> bytes:
    """Return a JPEG of coloured clouds with grain: about as large a file as a photograph."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (size[0] // 40, size[1] // 40, 3), dtype=np.uint8)
    clouds = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 6, (*size, 1))
    pixels = np.clip(clouds + grain, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def label_map(seed: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Return a map of blobs with uneven edges, (H, W), with void in a corner."""
    rng = np.random.default_rng(seed)
    across, down = np.meshgrid(np.arange(size[1]), np.arange(size[0]))
    bent = 12 * np.sin(down / 17 + seed), 12 * np.sin(across / 13 + seed)
    coarse = rng.integers(0, len(CLASSES), (size[0] // 40 + 2, size[1] // 40 + 2), dtype=np.uint8)
    labels = coarse[((down + bent[1]) // 40).astype(int), ((across + bent[0]) // 40).astype(int)]
    labels[: size[0] // 12, : size[1] // 12] = VOID
    return labels


def covered_map(seed: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Return the map of `label_map` with class 0 in four fifths of the image, (H, W)."""
    labels = label_map(seed, size)
    labels[size[0] // 5 :] = np.where(labels[size[0] // 5 :] == VOID, VOID, 0)
    return labels


def write_store(folder: Path) -> Path:
    """Store `IMAGES` images with annotation and two runs, evaluated; return the store's path."""
    for name in ("images", "truth", *RUNS):
        (folder / name).mkdir(parents=True)
    for index in range(IMAGES):
        (folder / "images" / f"{index:03d}.jpg").write_bytes(photograph(index))
        for shift, name in enumerate(("truth", *RUNS)):
            labels = np.roll(label_map(index), 9 * shift, axis=1)
            cv2.imwrite(str(folder / name / f"{index:03d}.png"), labels)
    (folder / "classes.txt").write_text("\n".join(CLASSES))
    store = ["--store", str(folder / "store.duckdb")]
    places = ["--annotations", str(folder / "truth"), "--images", str(folder / "images")]
    meaning = ["--classes", str(folder / "classes.txt"), "--void", str(VOID)]
    commands = [["import", "clouds", "--format", "label-png", *places, *meaning]]
    commands += [
        ["import-run", name, "--dataset", "clouds", "--format", "label-png", str(folder / name)]
        for name in RUNS
    ]
    for command in (*commands, ["evaluate"]):
        if main([*command, *store]):
            raise RuntimeError(f"{' '.join(command)} failed")
    return folder / "store.duckdb"
