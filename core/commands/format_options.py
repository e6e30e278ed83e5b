"""Options of `import` that only some formats have, called as their readers call them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from inspect import signature
from pathlib import Path

from core.commands.frame import require_path
from core.errors import UsageError
from core.readers import DATASET_FORMATS, dataset_reader
from core.readers.array_images import CHANNELS
from core.readers.box_forms import FORMS as BOX_FORMS
from core.readers.class_names import read_class_names


def add_format_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only some formats have."""
    group = parser.add_argument_group("options of single formats")
    group.add_argument(
        "--png",
        dest="png_folder",
        type=Path,
        help="coco-panoptic: folder of the segment PNGs; pascal-voc: SegmentationClass",
    )
    group.add_argument(
        "--object-png",
        dest="object_folder",
        type=Path,
        help="pascal-voc: SegmentationObject, the masks of the objects",
    )
    group.add_argument(
        "--only",
        type=Path,
        help="carvana, label-png, pascal-voc: a text file, an image of the split a line",
    )
    group.add_argument(
        "--zero-based",
        action="store_const",
        const=True,
        help="pascal-voc: corners of boxes count from 0 (LabelImg), not from 1",
    )
    group.add_argument(
        "--classes",
        dest="class_names",
        type=Path,
        help="csv, label-png, labelme, mnist, npy, pascal-voc, via, yolo: a text file, one class "
        "name a line, from index 0; or a data.yaml",
    )
    group.add_argument(
        "--class-attribute", metavar="NAME", help="via: the attribute of regions that is the class"
    )
    group.add_argument(
        "--one-class",
        metavar="NAME",
        help="via: what all regions are, where nothing says it; carvana: what white is (car)",
    )
    group.add_argument("--void", type=int, help="label-png: the value that means not labelled")
    group.add_argument(
        "--no-images",
        dest="require_images",
        action="store_const",
        const=False,
        help="coco, coco-panoptic: take it though photographs are missing",
    )
    group.add_argument("--boxes", type=Path, help="npy: a box an image, (N, 4), in their order")
    group.add_argument(
        "--box-form",
        choices=BOX_FORMS,
        help="npy: what the four numbers of a box mean, in pixels or as fractions of the image",
    )
    group.add_argument(
        "--shape",
        type=_shape,
        metavar="HxW[xC]",
        help="npy: height, width and channels of images saved as vectors; squares need none",
    )


# What argparse calls these options, by the names that the readers give them
FLAGS = {
    "png_folder": "--png",
    "object_folder": "--object-png",
    "only": "--only",
    "zero_based": "--zero-based",
    "class_names": "--classes",
    "class_attribute": "--class-attribute",
    "one_class": "--one-class",
    "void": "--void",
    "require_images": "--no-images",
    "boxes": "--boxes",
    "box_form": "--box-form",
    "shape": "--shape",
}


def format_options(options: argparse.Namespace, reader: Callable[..., object]) -> dict[str, object]:
    """Return the given ones of these options, as the reader takes them.

    Raises:
        UsageError: the format does not have one of them: left unread, it would mislead.
    """
    given = {name: getattr(options, name) for name in FLAGS}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given.keys() - signature(reader).parameters.keys():
        able = (form for form in DATASET_FORMATS if name in _parameters(form))
        raise UsageError(
            f"{FLAGS[name]} belongs to --format {' or '.join(able)}, and the format is "
            f"{options.format}. Leave the option out, or name the other format."
        )
    if "only" in given:
        given["only"] = _listed(options.only)
    if "class_names" in given:
        require_path(options.class_names, folder=False)
        given["class_names"] = read_class_names(options.class_names)
    return given


def _parameters(form: str) -> frozenset[str]:
    return frozenset(signature(dataset_reader(form)).parameters)


def _shape(text: str) -> tuple[int, int, int]:
    """Return height, width and channels (1 unless given) as an option gives them."""
    sides = text.lower().split("x")
    if len(sides) not in (2, 3) or not all(each.isdecimal() and int(each) for each in sides):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape; expected such as 28x28 or 64x64x3")
    height, width, channels = (*map(int, sides), 1)[:3]
    if channels not in CHANNELS:
        raise argparse.ArgumentTypeError(f"{text!r} has {channels} channels; expected 1 or 3")
    return height, width, channels


def _listed(path: Path) -> list[str]:
    """Return the first word of each line: VOC's lists may say more of an image after its name."""
    require_path(path, folder=False)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} could not be read as a list of images: {error}") from error
    names = [line.split()[0] for line in lines if line.strip()]
    if not names:
        raise UsageError(f"{path} names no images; expected a name, without ending, on each line.")
    return names
