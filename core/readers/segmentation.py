"""COCO's three ways to write a mask, as one."""

from __future__ import annotations

from core.errors import UsageError
from core.geometry import polygon, rle
from core.readers.faults import shown
from core.readers.json_file import Record
from core.structures import Rle


def is_given(fields: dict[str, object]) -> bool:
    """Tell whether a record has a segmentation; sets of boxes only write null or []."""
    return fields.get("segmentation") not in (None, [])


def mask_of(record: Record, height: int, width: int) -> Rle | None:
    """Return the mask of a record's segmentation; None, with the fault noted, if it is bad.

    Args:
        record: has a segmentation: polygons, compressed or uncompressed run lengths.
        height: rows of its image, in pixels.
        width: columns of its image, in pixels.
    """
    segmentation = record.fields["segmentation"]
    record.note_repeats(segmentation, "'segmentation'")
    try:
        if isinstance(segmentation, list):
            return polygon.rasterise(segmentation, height, width)
        if isinstance(segmentation, dict):
            return _run_lengths(segmentation, height, width)
    except UsageError as error:
        record.fault(f"'segmentation': {error}")
        return None
    record.fault(
        f"'segmentation' is {shown(segmentation)}; "
        "expected polygons [[x1, y1, …], …] or run lengths {size, counts}"
    )
    return None


def check_polygons(record: Record, height: int, width: int) -> None:
    """Note the fault of a record's polygons, if they have one; paint nothing.

    Args:
        record: its segmentation is a list.
        height: rows of its image, in pixels.
        width: columns of its image, in pixels.
    """
    fault = polygon.check_polygons(record.fields["segmentation"], height, width)
    if fault:
        record.fault(f"'segmentation': the polygons cannot be painted: {fault}")


def _run_lengths(segmentation: dict[str, object], height: int, width: int) -> Rle:
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not isinstance(size, list) or [type(side) for side in size] != [int, int]:
        raise UsageError(f"the size is {shown(size)}; expected [{height}, {width}]")
    if size != [height, width]:
        swapped = "; height comes first" if size == [width, height] else ""
        raise UsageError(f"the size is {size}, but the image's is [{height}, {width}]{swapped}")
    if isinstance(counts, list):
        return rle.from_runs(counts, height, width)
    if isinstance(counts, str):
        return rle.from_counts(counts, height, width)
    raise UsageError(f"the counts are {shown(counts)}; expected a string or a list of runs")
