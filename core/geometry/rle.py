"""Masks as COCO's run lengths: checked, encoded, decoded, measured.

pycocotools answers malformed run lengths with a crash, a hang or garbage, so no string
reaches it before `check_counts` has found it sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from core.errors import UsageError
from core.geometry import kernels
from core.structures import Rle

MAX_SIDE = 65_500
# What Pillow agrees to decode; larger images it takes for a decompression bomb.
MAX_PIXELS = 178_956_970


def check_size(height: object, width: object) -> str | None:
    """Say what is wrong with an image size in pixels, or return None if it is sound."""
    for name, side in (("height", height), ("width", width)):
        if type(side) is not int or not 1 <= side <= MAX_SIDE:
            return f"{name} is {str(side)[:40]}; expected a whole number from 1 to {MAX_SIDE}"
    if height * width > MAX_PIXELS:  # type: ignore[operator]  # both are int by now
        return f"the size is {height} x {width} pixels; at most {MAX_PIXELS} can be read"
    return None


def check_counts(counts: bytes | str, height: int, width: int) -> str | None:
    """Say what is wrong with compressed counts, or return None if they are sound.

    Sound counts hold COCO's characters only, end with a complete number, and decode to runs
    of 0 or more pixels that sum to exactly `height` times `width`.

    Args:
        counts: COCO's compressed string.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
    """
    fault = check_size(height, width)
    if fault:
        return fault
    text = counts.encode("utf-8", "surrogatepass") if isinstance(counts, str) else counts
    return _parse(text, height, width)[1]


def check_runs(runs: Sequence[object], height: int, width: int) -> str | None:
    """Say what is wrong with uncompressed counts, or return None if they are sound.

    Args:
        runs: lengths in pixels, in columns from the top left, the first of them background.
        height: rows of the image, in pixels.
        width: columns of the image, in pixels.
    """
    fault = check_size(height, width)
    if fault:
        return fault
    total = 0
    for index, run in enumerate(runs):
        if type(run) is not int or run < 0:
            return f"counts[{index}] is {str(run)[:40]}; expected whole numbers from 0"
        total += run
    if total != height * width:
        return f"the counts sum to {total} pixels; expected {_pixels(height, width)}"
    return None


def from_counts(counts: bytes | str, height: int, width: int) -> Rle:
    """Return compressed counts as a checked mask.

    Raises:
        UsageError: `check_counts` finds a fault.
    """
    _refuse(check_counts(counts, height, width))
    return Rle(height, width, counts.encode("ascii") if isinstance(counts, str) else counts)


def from_runs(runs: Sequence[int], height: int, width: int) -> Rle:
    """Return uncompressed counts as a mask.

    Raises:
        UsageError: `check_runs` finds a fault.

    Example:
        >>> from_runs([1, 2, 3], height=2, width=3).counts
        b'123'
    """
    _refuse(check_runs(runs, height, width))
    text = kernels.write_counts(np.array(runs, dtype=np.int64))
    return Rle(height, width, text.tobytes())


def runs_of(rle: Rle) -> NDArray[np.int64]:
    """Return the run lengths in pixels, shape (R,): background first, then in turn.

    Raises:
        UsageError: the counts are malformed.
    """
    _refuse(check_size(rle.height, rle.width))
    runs, fault = _parse(rle.counts, rle.height, rle.width)
    _refuse(fault)
    return runs


def encode(mask: NDArray[np.bool_]) -> Rle:
    """Return a mask of shape (H, W) as run lengths.

    Raises:
        UsageError: the mask has no pixels or too many.
    """
    height, width = mask.shape
    _refuse(check_size(height, width))
    pixels = np.asfortranarray(mask, dtype=np.uint8)
    return Rle(height, width, bytes(coco_mask.encode(pixels)["counts"]))


def decode(rle: Rle) -> NDArray[np.bool_]:
    """Return the mask as an array of shape (H, W), in column order as pycocotools' `decode`.

    Raises:
        UsageError: the counts are malformed.
    """
    runs = runs_of(rle)
    pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return pixels.reshape(rle.height, rle.width, order="F")


def as_coco(masks: Iterable[Rle]) -> list[dict[str, Any]]:
    """Return masks in the form that pycocotools takes them in."""
    return [{"size": [mask.height, mask.width], "counts": mask.counts} for mask in masks]


def union(masks: Sequence[Rle]) -> Rle:
    """Return the pixels that any of some sound masks of one size covers.

    Args:
        masks: at least one.
    """
    height, width = masks[0].height, masks[0].width
    merged = coco_mask.merge([{"size": [height, width], "counts": m.counts} for m in masks])
    return Rle(height, width, bytes(merged["counts"]))


def area(rle: Rle) -> int:
    """Return the number of pixels of the mask."""
    return int(runs_of(rle)[1::2].sum())


def box(rle: Rle) -> tuple[int, int, int, int]:
    """Return the tight x, y, width, height in pixels; all 0 for an empty mask.

    Equal to pycocotools' `toBbox`, except where the counts hold foreground runs of length 0:
    pycocotools widens the box to them, though they cover no pixel.
    """
    x, y, width, height = kernels.box_of_runs(runs_of(rle), rle.height)
    return int(x), int(y), int(width), int(height)


def _parse(counts: bytes, height: int, width: int) -> tuple[NDArray[np.int64], str | None]:
    runs = np.empty(len(counts), dtype=np.int64)
    text = np.frombuffer(counts, dtype=np.uint8)
    state, position, count, total = kernels.parse_counts(text, height * width, runs)
    if state == kernels.SOUND:
        return runs[:count], None
    faults = {
        kernels.BAD_CHARACTER: f"counts hold the byte {counts[position : position + 1]!r} at "
        f"position {position}; COCO's compressed counts use the characters '0' to 'o' only",
        kernels.CUT_OFF: f"counts are cut off inside the number at position {position}",
        kernels.TOO_LONG: f"counts hold a number of more than {kernels.MOST_GROUPS} characters "
        f"at position {position}, longer than any run of pixels",
        kernels.NEGATIVE_RUN: f"run {position} of the counts has a negative length; "
        "expected 0 or more",
        kernels.TOO_MANY_PIXELS: f"the counts reach {total} pixels at run {position}; "
        f"expected {_pixels(height, width)} in all",
        kernels.TOO_FEW_PIXELS: f"the counts sum to {total} pixels; "
        f"expected {_pixels(height, width)}",
    }
    return runs[:0], faults[state]


def _pixels(height: int, width: int) -> str:
    return f"{height} x {width} = {height * width}"


def _refuse(fault: str | None) -> None:
    if fault:
        raise UsageError(f"the mask cannot be read: {fault}")
