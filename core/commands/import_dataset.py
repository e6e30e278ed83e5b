"""python -m core import: a data set into the store, after checking all of it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.commands.frame import add_reading_options, require_path, tell_left_out, telling_faults
from core.errors import UsageError
from core.fusion import paint_annotation
from core.readers import DATASET_FORMATS, dataset_reader
from core.readers.faults import Fault
from core.store.connection import Store, store_path
from core.store.rows import insert_dataset
from core.structures import Annotation, Dataset, LabelMap

DESCRIPTION = "read a data set into the store, after checking all of it"
EXAMPLE = (
    "python -m core import coco-val --format coco --annotations instances_val2017.json "
    "--images val2017 --split val"
)
# options that only some formats know, by the name that argparse gives them
OWN_OPTIONS = {
    "png": ("coco-panoptic",),
    "classes": ("label-png",),
    "void": ("label-png",),
    "no_images": ("coco",),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("dataset", metavar="DATASET", help="what to call the data set")
    parser.add_argument("--format", required=True, choices=sorted(DATASET_FORMATS))
    parser.add_argument(
        "--annotations", required=True, type=Path, help="the JSON file, or folder of label PNGs"
    )
    parser.add_argument("--images", required=True, type=Path, help="folder of the photographs")
    parser.add_argument("--split", default="val", help="train, val, test … (default: val)")
    parser.add_argument("--png", type=Path, help="coco-panoptic: folder of the segment PNGs")
    parser.add_argument(
        "--classes", type=Path, help="label-png: a text file, one class name a line, from index 0"
    )
    parser.add_argument("--void", type=int, help="label-png: the value that means not labelled")
    parser.add_argument(
        "--no-images", action="store_true", help="coco: take it though photographs are missing"
    )
    add_reading_options(parser)


def run(options: argparse.Namespace) -> int:
    """Read, check and store the data set; print what came of it."""
    started = time.perf_counter()
    with telling_faults(every=options.all_faults):
        dataset, faults = _read(options)
    objects, masks, maps = _contents(dataset)
    summary = (
        f"{dataset.name} · {dataset.split}: {len(dataset.images)} images, "
        f"{len(dataset.categories)} classes, {objects} objects"
    )
    if options.dry_run:
        print(f"{summary}. Sound; nothing was written (--dry-run).")
        return 0
    if masks and not maps:
        dataset = replace(dataset, annotations=PaintedAnnotations(dataset))
    store = Store.at(store_path(options.store))
    with store.write() as cursor:
        insert_dataset(cursor, dataset, rejected=faults, painted=masks and not maps)
    print(f"{summary}, stored in {time.perf_counter() - started:.1f} s.")
    tell_left_out(faults, every=options.all_faults)
    return 0


def _read(options: argparse.Namespace) -> tuple[Dataset, Sequence[Fault]]:
    _refuse_misplaced(options)
    require_path(options.annotations, folder=options.format == "label-png")
    require_path(options.images, folder=True)
    specific: dict[str, object] = {}
    if options.format == "coco":
        specific = {"require_images": not options.no_images}
    elif options.format == "coco-panoptic":
        specific = {"png_folder": options.png}
    elif options.format == "label-png":
        specific = {"class_names": _class_names(options.classes), "void": options.void}
    dataset, faults = dataset_reader(options.format)(
        options.annotations,
        options.images,
        options.dataset,
        options.split,
        skip_bad=options.skip_bad,
        **specific,
    )
    return dataset, faults


def _refuse_misplaced(options: argparse.Namespace) -> None:
    """Refuse an option that the format does not know: left unread, it would mislead."""
    for name, formats in OWN_OPTIONS.items():
        given = getattr(options, name)  # not whether it is truthy: --void 0 is given too
        if given is not None and given is not False and options.format not in formats:
            raise UsageError(
                f"--{name.replace('_', '-')} belongs to --format {' or '.join(formats)}, and the "
                f"format is {options.format}. Leave the option out, or name the other format."
            )


def _class_names(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    require_path(path, folder=False)
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} could not be read as a list of class names: {error}") from error
    names = [name for name in names if name]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{path} names the class {twice!r} twice; class names must be unique.")
    return names


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
