"""python -m core import: a data set into the store, after checking all of it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.commands.format_options import add_format_options, format_options
from core.commands.frame import add_reading_options, require_path, tell_left_out, telling_faults
from core.commands.properties import measured
from core.commands.watched import (
    CountedAnnotations,
    Watched,
    WatchedBar,
    add_progress_option,
    watching,
)
from core.fusion import paint_annotation
from core.readers import DATASET_FORMATS, dataset_reader
from core.readers.faults import Fault
from core.readers.orientation import told_turned
from core.store.connection import Store, store_path
from core.store.rows import insert_dataset
from core.structures import Annotation, Dataset, LabelMap
from core.words import counted

DESCRIPTION = "read a data set into the store, after checking all of it"
EXAMPLE = (
    "python -m core import coco-val --format coco --annotations instances_val2017.json "
    "--images val2017 --split val"
)
# Formats whose annotations are a folder, and those whose images may lie in a file
LABEL_FOLDERS = ("carvana", "cityscapes", "label-png", "labelme", "pascal-voc", "yolo")
ARRAY_FORMATS = ("mnist", "npy")
STORING, MEASURING = "storing", "measuring photographs"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("dataset", metavar="DATASET", help="what to call the data set")
    parser.add_argument("--format", required=True, choices=sorted(DATASET_FORMATS))
    parser.add_argument(
        "--annotations",
        required=True,
        type=Path,
        help=f"the file; {', '.join(LABEL_FOLDERS)}: the folder",
    )
    parser.add_argument(
        "--images",
        required=True,
        type=Path,
        help="folder of the photographs; mnist, npy: the file of all images, or (npy) a folder",
    )
    parser.add_argument("--split", default="val", help="train, val, test … (default: val)")
    add_format_options(parser)
    add_reading_options(parser)
    add_progress_option(parser)


def run(options: argparse.Namespace) -> int:
    """Read, check and store the data set; print what came of it."""
    with watching(options.progress) as watched:
        return _imported(options, watched)


def _imported(options: argparse.Namespace, watched: Watched) -> int:
    started = time.perf_counter()
    with telling_faults(every=options.all_faults):
        dataset, faults = read_dataset(options)
    summary = summary_of(dataset)
    if options.dry_run:
        print(f"{summary}. Sound; nothing was written (--dry-run).")
        _tell_turned(dataset)
        return 0
    watched.steps(dict.fromkeys((STORING, MEASURING), len(dataset.images)))
    _, masks, maps = _contents(dataset)
    annotations = CountedAnnotations(dataset.annotations, watched, STORING)
    dataset = replace(dataset, annotations=annotations)
    if masks and not maps:
        dataset = replace(dataset, annotations=PaintedAnnotations(dataset))
    store = Store.at(store_path(options.store))
    with store.write() as cursor:
        key = insert_dataset(cursor, dataset, rejected=faults, painted=masks and not maps)
    print(f"{summary}, stored in {time.perf_counter() - started:.1f} s.")
    bar = WatchedBar(watched, MEASURING)
    print(measured(store, key, dataset.name, dataset.split, len(dataset.images), bar.update))
    _tell_turned(dataset)
    tell_left_out(faults, every=options.all_faults)
    return 0


def _tell_turned(dataset: Dataset) -> None:
    told = told_turned(dataset)
    if told:
        print(told)


def summary_of(dataset: Dataset) -> str:
    """Return what a data set holds, in a line."""
    return (
        f"{dataset.name} · {dataset.split}: {counted(len(dataset.images), 'image')}, "
        f"{counted(len(dataset.categories), 'class', 'classes')}, "
        f"{counted(_contents(dataset)[0], 'object')}"
    )


def read_dataset(options: argparse.Namespace) -> tuple[Dataset, Sequence[Fault]]:
    """Return the data set that the options of this command name, and what was left out of it.

    Raises:
        UsageError: options contradict each other, or nothing can be read.
        FaultyInputError: it has faults; all of them are listed.
    """
    reader = dataset_reader(options.format)
    specific = format_options(options, reader)
    require_path(options.annotations, folder=options.format in LABEL_FOLDERS)
    if options.format not in ARRAY_FORMATS:
        require_path(options.images, folder=True)
    dataset, faults = reader(
        options.annotations,
        options.images,
        options.dataset,
        options.split,
        skip_bad=options.skip_bad,
        **specific,
    )
    return dataset, faults


def _contents(dataset: Dataset) -> tuple[int, bool, bool]:
    """Return the number of objects, whether they have masks, and whether there are label maps."""
    objects, masks, maps = 0, False, False
    for index, image in enumerate(dataset.images):
        annotation = dataset.annotations[image.id]
        if annotation.objects is not None:
            objects += len(annotation.objects)
            masks = masks or annotation.objects.masks is not None
        if annotation.label_map is not None:
            maps = True
            if index == 0 and annotation.objects is None:
                # a folder of label maps: the first tells for all, decoding the rest is for later
                break
    return objects, masks, maps


class PaintedAnnotations(Mapping[int, Annotation]):
    """Annotations of a data set, each with the label map painted from its objects."""

    def __init__(self, dataset: Dataset) -> None:
        """Paint on access, so that the maps never sit in memory together."""
        self._annotations = dataset.annotations
        self._class_count = len(dataset.categories)
        self._background = dataset.background

    def __getitem__(self, image_id: int) -> Annotation:
        """Return the annotation with its painted label map."""
        annotation = self._annotations[image_id]
        return replace(annotation, label_map=self._paint(annotation))

    def __iter__(self) -> Iterator[int]:
        """Iterate over the image ids."""
        return iter(self._annotations)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._annotations)

    def _paint(self, annotation: Annotation) -> LabelMap | None:
        if annotation.objects is None:
            return None
        image = annotation.image
        return paint_annotation(
            annotation.objects, image.height, image.width, self._class_count, self._background
        )
