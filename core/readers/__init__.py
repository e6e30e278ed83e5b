"""Readers: one file format each, checked in one pass, every fault reported.

A new format is its module and a line here. Modules are imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from core.errors import UsageError

# Formats of data sets: (annotations, images_folder, name, split, …) -> (Dataset, faults)
DATASET_FORMATS: dict[str, str] = {
    "carvana": "core.readers.carvana:read_carvana",
    "cityscapes": "core.readers.cityscapes:read_cityscapes",
    "coco": "core.readers.coco:read_coco",
    "coco-panoptic": "core.readers.coco_panoptic:read_coco_panoptic",
    "csv": "core.readers.labels_csv:read_labels_csv",
    "label-png": "core.readers.label_png:read_label_png",
    "labelme": "core.readers.labelme:read_labelme",
    "mnist": "core.readers.mnist:read_mnist",
    "npy": "core.readers.npy:read_npy",
    "pascal-voc": "core.readers.pascal_voc:read_pascal_voc",
    "svhn": "core.readers.svhn:read_svhn",
    "via": "core.readers.via:read_via",
    "yolo": "core.readers.yolo:read_yolo",
}
# Formats of runs: (path, dataset, …) -> (predictions, faults)
RUN_FORMATS: dict[str, str] = {
    "coco-panoptic": "core.readers.coco_panoptic_run:read_coco_panoptic_predictions",
    "coco-results": "core.readers.coco_results:read_coco_results",
    "label-png": "core.readers.label_png:read_label_png_predictions",
    "yolo": "core.readers.yolo:read_yolo_predictions",
}


def dataset_reader(name: str) -> Callable[..., Any]:
    """Return the function that reads data sets of a format.

    Raises:
        UsageError: there is no such format.
    """
    return _reader(DATASET_FORMATS, name, "data sets")


def run_reader(name: str) -> Callable[..., Any]:
    """Return the function that reads runs of a format.

    Raises:
        UsageError: there is no such format.
    """
    return _reader(RUN_FORMATS, name, "runs")


def _reader(formats: Mapping[str, str], name: str, what: str) -> Callable[..., Any]:
    if name not in formats:
        known = ", ".join(sorted(formats))
        raise UsageError(f"There is no format {name!r} for {what}. Known formats: {known}.")
    module, function = formats[name].split(":")
    reader: Callable[..., Any] = getattr(import_module(module), function)
    return reader
