"""Cityscapes: photographs in a folder a city, and label maps of ids beside them (gtFine)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.errors import UsageError
from core.readers import label_files
from core.readers.faults import Fault, settle
from core.readers.images import check_path
from core.readers.label_dataset import labelled_dataset
from core.readers.label_files import LabelFile
from core.readers.label_values import Meaning
from core.readers.sources import folder_source
from core.structures import Category, Dataset

FORMAT = "cityscapes"
IMAGE, LABELS = "_leftImg8bit", "_gtFine_labelIds"
# The classes that are evaluated, in the order of their train ids: id, name, category
CLASSES = (
    (7, "road", "flat"),
    (8, "sidewalk", "flat"),
    (11, "building", "construction"),
    (12, "wall", "construction"),
    (13, "fence", "construction"),
    (17, "pole", "object"),
    (19, "traffic light", "object"),
    (20, "traffic sign", "object"),
    (21, "vegetation", "nature"),
    (22, "terrain", "nature"),
    (23, "sky", "sky"),
    (24, "person", "human"),
    (25, "rider", "human"),
    (26, "car", "vehicle"),
    (27, "truck", "vehicle"),
    (28, "bus", "vehicle"),
    (31, "train", "vehicle"),
    (32, "motorcycle", "vehicle"),
    (33, "bicycle", "vehicle"),
)
# Ids that the benchmark leaves out; -1, the licence plate, is 255 in a PNG
IGNORED = frozenset({0, 1, 2, 3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 29, 30, 255})
MEANING = Meaning(
    len(CLASSES), IGNORED, classes={number: index for index, (number, _, _) in enumerate(CLASSES)}
)
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. The labels of "
    f"city/x{IMAGE}.png are city/x{LABELS}.png."
)


def read_cityscapes(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a split of Cityscapes, and what was left out of it.

    The classes are the nineteen that the benchmark evaluates, in the order of their train ids;
    the ids that it leaves out are void. Images have the ids 1 to n in the order of their names,
    and are tagged with their city.

    Args:
        annotations: folder of the cities' folders of labels, such as gtFine/val.
        images_folder: folder of the cities' folders of images, such as leftImg8bit/val.
        name: of the data set in the store.
        split: such as "val".
        skip_bad: leave out faulty images, and return their faults.

    Raises:
        UsageError: there are no such files.
        FaultyInputError: files have faults; all of them are listed.
    """
    faults: list[Fault] = []
    labels = _files(annotations, LABELS, faults)
    photographs = _files(images_folder, IMAGE, faults)
    found = label_files.paired(annotations, labels, images_folder, photographs, None, faults)
    files = [_tagged(file) for file in label_files.with_known_values(found, MEANING, faults)]
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(files), advice=ADVICE)
    digests = {str(each.path.relative_to(annotations)): each.digest for each in files}
    dataset = labelled_dataset(
        name,
        split,
        files,
        MEANING,
        [Category(word, group, number) for number, word, group in CLASSES],
        images_folder=images_folder,
        source=folder_source(FORMAT, annotations, digests),
    )
    return dataset, settled


def _files(folder: Path, ending: str, faults: list[Fault]) -> dict[str, Path]:
    """Return the files of all cities by what their names have in common.

    Raises:
        UsageError: there are none.
    """
    paths = sorted(folder.glob(f"*/*{ending}.png"))
    if not paths:
        raise UsageError(
            f"{folder}: no folder in it holds a file *{ending}.png; expected the folder of a "
            "split, with a folder for each city. Labels are read from their ids, not train ids."
        )
    found: dict[str, Path] = {}
    for path in paths:
        key = f"{path.parent.name}/{path.stem.removesuffix(ending)}"
        fault = check_path(key)
        if fault:
            faults.append(Fault(ascii(path.name)[1:-1], fault))
        else:
            found[key] = path
    return found


def _tagged(file: LabelFile) -> LabelFile:
    return replace(file, image=replace(file.image, tags=(file.path.parent.name,)))
