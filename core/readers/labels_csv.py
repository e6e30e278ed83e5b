"""A CSV of labels: one class an image file, and perhaps its box."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import UsageError
from core.readers.array_files import digest
from core.readers.box_forms import faults_of, in_pixels
from core.readers.faults import Fault, settle, shown
from core.readers.image_list import ImageList
from core.readers.json_file import Box
from core.readers.labelled_images import LabelledImage, labelled_dataset
from core.readers.npy_labels import Label, category_of, read_csv
from core.structures import Category, Dataset, ImageRecord, Source

FORMAT = "csv"
ADVICE = (
    "Mend the file, or import with --skip-bad to leave out what is faulty. Images are looked for "
    "in the images folder, by the column file."
)


def read_labels_csv(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a CSV file, and what was left out of it.

    Each image shows one object. Without boxes its class is known, not its place. Images have the
    ids 1 to n in the order of the file.

    Args:
        annotations: CSV with the columns file and label, a class number from 0 or a name; and,
            where boxes are known, x, y, width, height or x1, y1, x2, y2 in pixels.
        images_folder: where the file names start.
        name: of the data set in the store.
        split: such as "val".
        class_names: the classes in their order; by default the names that occur, sorted, or
            "class 0" to the greatest number.
        skip_bad: leave out faulty rows, and return their faults.

    Raises:
        UsageError: the file cannot be read, or names no files.
        FaultyInputError: rows have faults; all of them are listed.
    """
    faults: list[Fault] = []
    labels = read_csv(annotations, faults)
    if labels.files is None:
        raise UsageError(
            f"{annotations}: the labels have no column file, by which to find the images. Images "
            "inside an array come in by --format npy."
        )
    names = tuple(class_names or _class_names(annotations, labels.entries))
    images = ImageList(images_folder, faults)
    found = []
    for number, entry in enumerate(labels.entries, start=1):
        category = category_of(entry, names, faults)
        image = images.add(number, str(entry.file), entry.place)
        if image is None or category is None:
            continue
        box, fault = _box(entry, image, labels.box_form)
        if fault:
            faults.append(Fault(entry.place, fault))
        else:
            found.append(LabelledImage(image, category, box))
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(found), advice=ADVICE)
    if not found:
        raise UsageError(f"{annotations}: no row follows the first. Expected a row an image.")
    dataset = labelled_dataset(
        name,
        split,
        found,
        [Category(word, source_id=index) for index, word in enumerate(names)],
        images_folder=images_folder,
        source=Source(FORMAT, str(annotations), digest(annotations)),
    )
    return dataset, settled


def _class_names(path: Path, entries: Sequence[Label]) -> list[str]:
    given = {entry.category for entry in entries}
    numbers = {each for each in given if isinstance(each, int)}
    if numbers and numbers != given:
        raise UsageError(
            f"{path}: some labels are numbers, such as {min(numbers)}, and others names, such as "
            f"{shown(min(map(str, given - numbers)))}. Say by --classes what each number means."
        )
    if numbers:
        return [f"class {index}" for index in range(max(numbers) + 1)]
    return sorted(map(str, given))


def _box(entry: Label, image: ImageRecord, form: str | None) -> tuple[Box | None, str | None]:
    """Return the box of an image, or what is wrong with it; neither where none is given."""
    if entry.box is None or form is None:
        return None, None
    numbers, size = np.array([entry.box]), np.array([[image.width, image.height]], np.float64)
    (fault,) = faults_of(numbers, form, size)
    x, y, width, height = in_pixels(numbers, form, size)[0].tolist()
    return (x, y, width, height), fault
