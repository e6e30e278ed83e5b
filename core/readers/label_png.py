"""Label maps as PNG, one file an image: annotations and predictions of pixel classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.errors import UsageError
from core.readers import label_files
from core.readers.faults import Fault, settle
from core.readers.label_dataset import labelled_dataset
from core.readers.label_files import LabelFile
from core.readers.label_values import BINARY, FOREGROUND, Meaning
from core.readers.lazy import LazyPredictions
from core.readers.sources import folder_source
from core.structures import (
    BACKGROUND_NAME,
    Category,
    Dataset,
    Prediction,
)

FORMAT = "label-png"
BINARY_NAMES = (BACKGROUND_NAME, "foreground")
GREATEST_CLASS_COUNT = 65534
GREATEST_VALUE = 65535
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. An image and its "
    "label PNG have the same name, apart from the ending."
)
ADVICE_ON_VALUES = (
    " If one value means that a pixel has no label, name it with --void; name the classes with "
    "--classes."
)


def read_label_png(
    labels: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_names: Sequence[str] | None = None,
    void: int | None = None,
    only: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a folder of label PNGs, and what was left out of it.

    If `void` is not given and all files hold only 0 and 255, they are black and white masks:
    255 is class 1. Otherwise the greatest value of a file's depth, 255 or 65535, is void. Each
    file is checked here, and decoded again when its annotation is asked for. Images have the
    ids 1 to n in the order of their names.

    Args:
        labels: folder of PNGs.
        images_folder: folder of images of the same names, apart from the ending.
        name: of the data set in the store.
        split: such as "val".
        class_names: what value 0, 1, … means; by default "class 0" to the greatest value.
        void: the value of pixels that nobody labelled.
        only: names, without endings, of the images that belong to the split; by default all.
        skip_bad: leave out faulty images, and return their faults.

    Raises:
        UsageError: a folder is missing or empty, or names and values contradict each other.
        FaultyInputError: files have faults; all of them are listed.
    """
    _check_request(void, only)
    faults: list[Fault] = []
    files = label_files.labelled_images(labels, images_folder, only, faults)
    names, meaning = _classes(labels, files, class_names, void)
    files = label_files.with_known_values(files, meaning, faults)
    advice = ADVICE + ADVICE_ON_VALUES
    settled = settle(str(labels), faults, skip_bad=skip_bad, kept=len(files), advice=advice)
    categories = [Category(word, source_id=index) for index, word in enumerate(names)]
    dataset = labelled_dataset(
        name,
        split,
        files,
        meaning,
        categories,
        images_folder=images_folder,
        source=folder_source(FORMAT, labels, {file.path.name: file.digest for file in files}),
    )
    return dataset, settled


def _check_request(void: int | None, only: Sequence[str] | None) -> None:
    if void is not None and not 0 <= void <= GREATEST_VALUE:
        raise UsageError(f"The void value is {void}; expected 0 to {GREATEST_VALUE}.")
    if only is not None and not only:
        raise UsageError("The list of images that belong to the split is empty; give some names.")


def read_label_png_predictions(
    folder: Path, dataset: Dataset, *, skip_bad: bool = False
) -> tuple[LazyPredictions, tuple[Fault, ...]]:
    """Return the predictions of a folder of label PNGs, and what was left out of them.

    Each image of the data set has a PNG of its name and size; further PNGs are left alone.
    Values are class indices, or 255 or 65535 where the system gives no answer. If the data set
    has two classes and all files hold only 0 and 255, 255 is class 1. Each file is checked
    here, and decoded again when its prediction is asked for. Where the data set's own label maps
    are painted from masks, the number after the last class is their background.

    Args:
        folder: holds the PNGs.
        dataset: whose images were predicted.
        skip_bad: leave out images without a sound PNG, and return their faults.

    Raises:
        UsageError: the folder is missing or empty, or image names are not unique.
        FaultyInputError: files have faults; all of them are listed.
    """
    label_files.require_unique_names(dataset)
    faults: list[Fault] = []
    pngs = label_files.files_by_name(folder, {image.name for image in dataset.images}, faults)
    files = []
    for image in dataset.images:
        if image.name in pngs:
            files += label_files.label_file(pngs[image.name], image, faults)
        else:
            message = f"there is no PNG of this name in {folder}"
            faults.append(Fault(f"image {image.name} (id {image.id})", message))
    count = len(dataset.categories)
    held = label_files.values_of_all(files)
    painted = is_painted(dataset)
    voids = frozenset(v for v in (FOREGROUND, GREATEST_VALUE) if v >= count + painted)
    binary = count == 2 and FOREGROUND in held and held <= BINARY
    meaning = Meaning(count, voids, binary=binary, painted=painted)
    files = label_files.with_known_values(files, meaning, faults)
    settled = settle(str(folder), faults, skip_bad=skip_bad, kept=len(files), advice=ADVICE)
    return LazyPredictions([partial(_prediction, file, meaning) for file in files]), settled


def is_painted(dataset: Dataset) -> bool:
    """Tell whether label maps of the data set hold a background after the last class."""
    if dataset.background is not None or not dataset.images:
        return False
    return dataset.annotations[dataset.images[0].id].label_map is None


def _prediction(file: LabelFile, meaning: Meaning) -> Prediction:
    return Prediction(file.image, label_map=file.label_map(meaning))


def _classes(
    labels: Path, files: Sequence[LabelFile], names: Sequence[str] | None, void: int | None
) -> tuple[tuple[str, ...], Meaning]:
    """Return the names of the classes, and what the values of the files mean."""
    held = label_files.values_of_all(files)
    voids = None if void is None else frozenset({void})
    binary = void is None and held <= BINARY
    if names is None:
        names = BINARY_NAMES if binary else _numbered_names(labels, files, voids)
    _check_names(names)
    if binary and FOREGROUND in held and len(names) != len(BINARY_NAMES):
        raise UsageError(
            f"{labels}: all files hold only 0 and 255, as black and white masks of two classes "
            f"do, but {len(names)} class names are given. Name two classes (of 0 and of 255), or "
            "give 255 as the void value."
        )
    return tuple(names), Meaning(len(names), voids, binary=binary and len(names) == 2)


def _numbered_names(
    labels: Path, files: Sequence[LabelFile], voids: frozenset[int] | None
) -> tuple[str, ...]:
    spare = Meaning(0, voids)
    classes = set().union(
        *(set(file.values.tolist()) - spare.voids_of(file.depth) for file in files)
    )
    if files and not classes:
        raise UsageError(f"{labels}: all pixels of all files are void. Check the void value.")
    return tuple(f"class {index}" for index in range(max(classes, default=0) + 1))


def _check_names(names: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated or not names or not all(name.strip() for name in names):
        came = f"{repeated[0]!r} twice" if repeated else "none, or an empty one"
        raise UsageError(f"Of the class names, {came} was given; expected a different name each.")
    if len(names) > GREATEST_CLASS_COUNT:
        raise UsageError(
            f"There are {len(names)} classes; at most {GREATEST_CLASS_COUNT} fit a label map."
        )
