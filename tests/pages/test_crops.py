"""Parts of images around objects, against a plain look at every pixel."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from core.geometry import rle
from core.structures import Objects
from pages.ui import thumbnails
from pages.ui.crops import Window, cropped, window_around

HOSTILE_BOXES = [
    [(10, 10, 20, 30)],  # at the upper left
    [(0, 0, 97, 61)],  # the whole image
    [(90, 55, 7, 6)],  # at the lower right corner
    [(-40, 20, 30, 10)],  # left of the image
    [(200, 300, 50, 50)],  # beyond the lower right corner
    [(-500, -500, 2000, 2000)],  # around the image
    [(40.25, 30.5, 0, 0)],  # of no size
    [(96.9, 60.9, 1e9, 1e9)],
    [(5, 5, 10, 10), (70, 40, 12.5, 3)],  # two: the part shows both
]


def touched(low: float, high: float, side: int) -> list[int]:
    """Pixels from a low to a high place on one axis, at least 32 of those that there are."""
    margin = max(0.25 * (high - low), 16)
    inside = [i for i in range(side) if i + 1 > low - margin and i < high + margin]
    if len(inside) >= min(32, side):
        return inside
    return list(range(side))[:32] if low < side / 2 else list(range(side))[-32:]


@pytest.mark.parametrize("boxes", HOSTILE_BOXES)
@pytest.mark.parametrize("size", [(97, 61), (640, 480), (20, 9), (1, 1)])
def test_window_holds_the_boxes_and_their_surroundings(boxes, size):
    window = window_around(np.array(boxes, float), *size)
    for axis, (start, length) in enumerate([(window.left, window.width), (window.top, window[3])]):
        low = min(box[axis] for box in boxes)
        high = max(box[axis] + box[axis + 2] for box in boxes)
        assert list(range(start, start + length)) == touched(low, high, size[axis])


def test_random_windows_lie_in_the_image():
    random = np.random.default_rng(3)
    for _ in range(300):
        width, height = random.integers(1, 300, 2).tolist()
        corner, extent = random.uniform(-400, 400, 2), random.uniform(0, 400, 2)
        window = window_around(np.array([[*corner, *extent]]), width, height)
        assert 0 <= window.left < window.left + window.width <= width
        assert 0 <= window.top < window.top + window.height <= height
        assert window.width >= min(32, width)
        assert window.height >= min(32, height)


def objects_of(masks: list[np.ndarray], boxes: list[tuple[float, ...]]) -> Objects:
    return Objects(
        boxes=np.array(boxes, float),
        categories=np.arange(len(boxes), dtype=np.int32),
        areas=np.array([mask.sum() for mask in masks], float),
        crowd=np.zeros(len(boxes), bool),
        scores=np.linspace(0.1, 0.9, len(boxes)),
        masks=tuple(rle.encode(mask) for mask in masks),
    )


@pytest.mark.parametrize(
    "window", [(0, 0, 40, 30), (7, 3, 20, 11), (39, 29, 1, 1), (0, 20, 40, 10)]
)
def test_masks_and_boxes_are_in_the_pixels_of_the_part(window):
    random = np.random.default_rng(7)
    masks = [random.random((30, 40)) < share for share in (0, 0.3, 0.7, 1)]
    boxes = [(-3.5, 2, 10, 10), (0, 0, 40, 30), (38, 28, 9, 9), (7, 3, 0, 0)]
    part = cropped(objects_of(masks, boxes), Window(*window))
    left, top, width, height = window
    for mask, own in zip(masks, part.masks, strict=True):
        shown = rle.decode(own)
        assert shown.shape == (height, width)
        for y in range(height):
            for x in range(width):
                assert shown[y, x] == mask[top + y, left + x]
    assert [tuple(box) for box in part.boxes] == [(x - left, y - top, w, h) for x, y, w, h in boxes]
    assert part.scores.tolist() == np.linspace(0.1, 0.9, 4).tolist()


def test_objects_without_masks_stay_so():
    objects = objects_of([np.ones((4, 4), bool)], [(0, 0, 4, 4)])
    boxes = Objects(**{**vars(objects), "masks": None})
    assert cropped(boxes, Window(1, 1, 2, 2)).masks is None


@pytest.fixture
def photograph(tmp_path) -> str:
    """Red tells the column, green the row."""
    pixels = np.zeros((200, 250, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(250), np.arange(200)[:, None]
    path = tmp_path / "place.png"
    Image.fromarray(pixels).save(path)
    return str(path)


@pytest.mark.parametrize(
    "window", [(60, 20, 160, 120), (0, 0, 32, 32), (218, 168, 32, 32), (0, 150, 250, 50)]
)
def test_crop_shows_the_part(photograph, window):
    left, top, width, height = window
    jpeg = thumbnails.crop(photograph, Window(*window), 250, 200)
    shown = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(float)
    scale = 160 / max(width, height)
    assert shown.shape[:2] == (round(height * scale), round(width * scale))
    down, across = np.indices(shown.shape[:2]) + 0.5
    assert np.abs(shown[..., 0] - (left + across / scale - 0.5)).mean() < 2
    assert np.abs(shown[..., 1] - (top + down / scale - 0.5)).mean() < 2


def test_photographs_that_do_not_fit_have_no_crop(photograph, tmp_path):
    window = Window(0, 0, 32, 32)
    assert thumbnails.crop(photograph, window, 200, 250) is None
    assert thumbnails.crop(str(tmp_path / "none.png"), window, 250, 200) is None
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    assert thumbnails.crop(str(tmp_path / "bad.jpg"), window, 250, 200) is None


def test_a_page_of_noise_is_small(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    path = str(tmp_path / "noise.png")
    cv2.imwrite(path, noise)
    assert 48 * len(thumbnails.crop(path, Window(0, 0, 160, 160), 200, 200)) < 1_500_000
