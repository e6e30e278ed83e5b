"""Images of one object each in .npy files, with labels and perhaps boxes in .npy or CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.readers import npy_images
from core.readers.array_files import digest
from core.readers.box_forms import faults_of, in_pixels, require_form
from core.readers.faults import Fault, settle, shown
from core.readers.labelled_images import LabelledImage, labelled_dataset
from core.readers.npy_images import NpyImage, Shape
from core.readers.npy_labels import Label, Labels, category_of, read_boxes, read_labels
from core.readers.sources import folder_source
from core.structures import Category, Dataset

FORMAT = "npy"
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. Labels are class "
    "numbers from 0, or names given by --classes."
)
Images = Mapping[object, NpyImage | None]


def read_npy(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    boxes: Path | None = None,
    box_form: str | None = None,
    shape: Shape | None = None,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of arrays, and what was left out of it.

    Args:
        annotations: labels, see `npy_labels.read_labels`.
        images_folder: the .npy file of all images, or the folder with a .npy file each.
        name: of the data set in the store.
        split: such as "val".
        boxes: .npy file (N, 4) in the order of the labels, or None.
        box_form: what its four numbers mean, one of `box_forms.FORMS`.
        shape: height, width, channels of images that come as vectors; squares need none.
        class_names: what label 0, 1, … means; by default "class 0" to the greatest label.
        skip_bad: leave out faulty images, and return their faults.

    Raises:
        UsageError: a file is missing or unsound, or the files do not go together.
        FaultyInputError: images, labels or boxes have faults; all of them are listed.
    """
    faults: list[Fault] = []
    images = _images(images_folder, shape, faults)
    labels = _paired(read_labels(annotations, faults), images, images_folder, faults)
    names = _class_names(labels.entries, class_names)
    numbers, form = _boxes(labels, boxes, box_form, images)
    found = _labelled(labels.entries, numbers, form, images, names, faults)
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(found), advice=ADVICE)
    files = [annotations, *({images_folder} if images_folder.is_file() else ()), boxes]
    digests = {path.name: digest(path) for path in files if path is not None}
    if images_folder.is_dir():
        digests |= {f"images/{file}": digest(images_folder / str(file)) for file in images}
    dataset = labelled_dataset(
        name,
        split,
        found,
        [Category(word, source_id=index) for index, word in enumerate(names)],
        images_folder=images_folder if images_folder.is_dir() else images_folder.parent,
        source=folder_source(FORMAT, annotations, digests),
    )
    return dataset, settled


def _images(path: Path, shape: Shape | None, faults: list[Fault]) -> Images:
    """Return the images by their index, or, of a folder, by the name of their file."""
    if path.is_dir():
        found = npy_images.images_of_folder(path, shape, faults)
        return {file: found[file] for file in found}
    return dict(enumerate(npy_images.images_of_file(path, shape, faults)))


def _paired(labels: Labels, images: Images, path: Path, faults: list[Fault]) -> Labels:
    """Return the labels, each with the key of its image; what has no partner is a fault.

    Raises:
        UsageError: labels and images cannot be paired at all.
    """
    entries = labels.entries
    if labels.files is None:
        order = _order(path, list(images)) if path.is_dir() else list(images)
        if labels.count != len(order):
            raise UsageError(
                f"{path} holds {len(order)} images, but there are {labels.count} labels; expected "
                "one an image, in the same order. Give files that belong together."
            )
        if path.is_dir():
            # an index beyond the images stays one, and becomes a fault below
            entries = tuple(
                replace(each, file=str(order[each.index])) if each.index < len(order) else each
                for each in entries
            )
    counts = Counter(map(_key, entries))
    kept = []
    for entry in entries:
        if _key(entry) not in images:
            faults.append(Fault(entry.place, f"there is no image {shown(_key(entry))} in {path}"))
        elif counts[_key(entry)] > 1:
            faults.append(Fault(entry.place, f"image {shown(_key(entry))} has several labels"))
        else:
            kept.append(entry)
    if labels.files is not None:
        unnamed = [str(key) for key in images if key not in labels.files]
        faults += [Fault(key, "the image has no label") for key in unnamed]
    return replace(labels, entries=tuple(kept))


def _key(entry: Label) -> object:
    return entry.index if entry.file is None else entry.file


def _order(folder: Path, keys: Sequence[object]) -> list[str]:
    """Return the files of a folder in the order that labels by position follow.

    Raises:
        UsageError: as numbers and as texts the names have different orders.
    """
    as_texts = sorted(map(str, keys))
    stems = {file: file.rsplit(".", 1)[0] for file in as_texts}
    if all(stem.isdecimal() and stem.isascii() for stem in stems.values()):
        as_numbers = sorted(as_texts, key=lambda file: int(stems[file]))
        differing = [each for each in zip(as_numbers, as_texts, strict=True) if each[0] != each[1]]
        if differing:
            first, other = differing[0]
            raise UsageError(
                f"{folder}: its files have one order as numbers and another as texts ({first} or "
                f"{other} first), so labels by position are ambiguous. Give the labels as a CSV "
                "file with the columns file,label."
            )
    return as_texts


def _class_names(entries: Sequence[Label], names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None:
        return tuple(names)
    greatest = max((each.category for each in entries if isinstance(each.category, int)), default=0)
    return tuple(f"class {index}" for index in range(greatest + 1))


def _boxes(
    labels: Labels, path: Path | None, form: str | None, images: Images
) -> tuple[NDArray[np.float64] | None, str]:
    """Return the numbers of the boxes of all labels, (N, 4), and what they mean."""
    if path is None:
        if labels.box_form is None:
            return None, ""
        numbers = np.array([each.box for each in labels.entries], np.float64)
        return numbers.reshape(-1, 4), labels.box_form
    if labels.box_form is not None:
        raise UsageError("Boxes are given twice: by --boxes and in the labels. Give one of them.")
    if labels.files is not None:
        raise UsageError(
            f"{path} gives boxes by position, but the labels name files. Put the boxes into the "
            "CSV file as x,y,width,height or x1,y1,x2,y2."
        )
    numbers = read_boxes(path, len(images))
    chosen = np.array([each.index for each in labels.entries], np.int64)
    return numbers[chosen], require_form(numbers[chosen], form, _sizes(labels.entries, images))


def _sizes(entries: Sequence[Label], images: Images) -> NDArray[np.float64]:
    """Return width and height of each label's image, (N, 2); 1 where the image has a fault."""
    found = (images[_key(entry)] for entry in entries)
    sizes = [(1, 1) if image is None else (image.shape[1], image.shape[0]) for image in found]
    return np.array(sizes, np.float64).reshape(-1, 2)


def _labelled(
    entries: Sequence[Label],
    numbers: NDArray[np.float64] | None,
    form: str,
    images: Images,
    names: Sequence[str],
    faults: list[Fault],
) -> list[LabelledImage]:
    sizes = _sizes(entries, images)
    wrong = [None] * len(entries) if numbers is None else faults_of(numbers, form, sizes)
    boxes = None if numbers is None else in_pixels(numbers, form, sizes).tolist()
    white = npy_images.white_of([image for image in images.values() if image is not None])
    ids = {key: number for number, key in enumerate(images)}
    found = []
    for position, (entry, fault) in enumerate(zip(entries, wrong, strict=True)):
        image, category = images[_key(entry)], category_of(entry, names, faults)
        if fault and image is not None:
            faults.append(Fault(entry.place, fault))
        if image is None or fault or category is None:
            continue
        record = image.record(ids[_key(entry)], white)
        box = None if boxes is None else tuple(boxes[position])
        found.append(LabelledImage(record, category, box))
    return sorted(found, key=lambda each: each.image.id)
