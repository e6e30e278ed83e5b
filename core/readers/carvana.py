"""Carvana's masking challenge: photographs `x.jpg`, and black and white masks `x_mask.gif`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.readers import images, label_files
from core.readers.faults import Fault, settle
from core.readers.json_file import read_file
from core.readers.label_dataset import labelled_dataset
from core.readers.label_values import Meaning
from core.readers.sources import folder_source
from core.structures import BACKGROUND_NAME, Category, Dataset, LabelMap

FORMAT = "carvana"
ENDING = "_mask"
CAR = "car"
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. The mask of x.jpg is "
    "x_mask.gif."
)


def read_carvana(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    one_class: str = CAR,
    only: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of photographs with masks, and what was left out of it.

    Black is background and white the object, whichever numbers the palette of a GIF has for them.
    Images have the ids 1 to n in the order of their names.

    Args:
        annotations: folder of the masks, such as train_masks.
        images_folder: folder of the photographs, such as train.
        name: of the data set in the store.
        split: such as "train".
        one_class: what white is.
        only: names, without endings, of the images that belong to the split; by default all.
        skip_bad: leave out faulty images, and return their faults.

    Raises:
        UsageError: a folder is missing or holds no masks or images.
        FaultyInputError: files have faults; all of them are listed.
    """
    paths = sorted(annotations.glob(f"*{ENDING}.gif"))
    if not paths:
        raise UsageError(
            f"{annotations}: the folder holds no *{ENDING}.gif. For masks that are PNGs of the "
            "images' names use --format label-png."
        )
    masks = {path.stem.removesuffix(ENDING): path for path in paths}
    faults: list[Fault] = []
    photographs = label_files.files_by_name(images_folder, only, faults)
    files = label_files.paired(
        annotations, masks, images_folder, photographs, only, faults, read_black_and_white
    )
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(files), advice=ADVICE)
    dataset = labelled_dataset(
        name,
        split,
        files,
        Meaning(2, None),
        [Category(BACKGROUND_NAME, source_id=0), Category(one_class, source_id=1)],
        images_folder=images_folder,
        source=folder_source(FORMAT, annotations, {each.path.name: each.digest for each in files}),
    )
    return dataset, settled


def read_black_and_white(path: Path) -> tuple[LabelMap, str]:
    """Return 0 where an image is black and 1 where it is white, (H, W), and the file's SHA-256.

    Raises:
        UsageError: it is no image of these two colours.
    """
    content = read_file(path)
    colours = images.read_colours(content)
    white = (colours == 255).all(axis=2)
    other = int(np.count_nonzero(~white & (colours != 0).any(axis=2)))
    if other:
        raise UsageError(
            f"{other} pixels are neither black nor white; expected a mask of these two colours. "
            "Compression and resizing invent others: save the mask losslessly, unblurred"
        )
    return white.astype(np.uint8), hashlib.sha256(content).hexdigest()
