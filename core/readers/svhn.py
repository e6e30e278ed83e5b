"""Street View House Numbers (Netzer et al. 2011), format 1: photographs with a box a digit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from core.errors import UsageError
from core.readers.array_files import digest
from core.readers.digit_struct import FIELDS, DigitEntry, read_digit_struct
from core.readers.digits import digit_categories
from core.readers.faults import Fault, settle, shown
from core.readers.images import check_path, header_size
from core.readers.json_file import GREATEST_COORDINATE
from core.readers.object_rows import ObjectRow, objects_of, tags_of
from core.structures import Annotation, Dataset, ImageRecord, Source

FORMAT = "svhn"
ZERO = 10  # SVHN's label of the digit 0
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. Images are looked for "
    "in the images folder, by the names that digitStruct gives."
)


def read_svhn(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of an SVHN folder, and what was left out of it.

    Boxes are taken as the file has them; some reach beyond their image. Images have the ids 1 to
    n in the order of the file, as their names in the published folders. They are tagged by their
    number of digits.

    Args:
        annotations: digitStruct.mat, or its translation to JSON.
        images_folder: where the photographs are.
        name: of the data set in the store.
        split: such as "train".
        skip_bad: leave out faulty images, and return their faults.

    Raises:
        UsageError: a file cannot be read.
        FaultyInputError: images or boxes have faults; all of them are listed.
    """
    if not images_folder.is_dir():
        raise UsageError(f"{images_folder}: there is no such folder. Check the path.")
    faults: list[Fault] = []
    found: dict[int, Annotation] = {}
    files: set[str] = set()
    for entry in read_digit_struct(annotations, faults):
        number = entry.index + 1
        own = list(_faults_of(entry, files))
        files.add(entry.file)
        image = None if own else _image(number, entry, images_folder, own)
        if image is None:
            faults += own
        else:
            found[number] = _annotation(image, entry)
    settled = settle(str(annotations), faults, skip_bad=skip_bad, kept=len(found), advice=ADVICE)
    dataset = Dataset(
        name=name,
        split=split,
        categories=digit_categories(ZERO),
        images=tuple(annotation.image for annotation in found.values()),
        annotations=found,
        images_folder=images_folder,
        source=Source(FORMAT, str(annotations), digest(annotations)),
    )
    return dataset, settled


def _faults_of(entry: DigitEntry, files: set[str]) -> Iterator[Fault]:
    fault = check_path(entry.file)
    if fault:
        yield Fault(entry.place, fault)
    elif entry.file in files:
        yield Fault(entry.place, f"{shown(entry.file)} occurred before; expected one entry a file")
    for digit in entry.digits:
        *box, label = digit
        if label not in range(1, ZERO + 1):
            yield Fault(
                entry.place, f"a label is {label:g}; expected 1 to 9, or 10 for the digit 0"
            )
        sound = all(math.isfinite(each) and abs(each) <= GREATEST_COORDINATE for each in box)
        if not sound or min(box[2:]) < 0:
            given = ", ".join(f"{each:g}" for each in box)
            names = ", ".join(FIELDS[:4])
            yield Fault(entry.place, f"a box is {given}; expected {names}, finite, sides from 0")


def _image(number: int, entry: DigitEntry, folder: Path, faults: list[Fault]) -> ImageRecord | None:
    try:
        height, width = header_size(folder / entry.file)
    except UsageError as error:
        faults.append(Fault(entry.place, f"{entry.file}: {error}"))
        return None
    return ImageRecord(number, Path(entry.file).stem, entry.file, height, width)


def _annotation(image: ImageRecord, entry: DigitEntry) -> Annotation:
    rows = [
        ObjectRow(int(label) % ZERO, (left, top, width, height), width * height)
        for left, top, width, height, label in entry.digits
    ]
    count = f"{len(rows)} digit{'s' * (len(rows) != 1)}"
    tags = tags_of([row.crowd for row in rows], [count], empty=not rows)
    tagged = ImageRecord(image.id, image.name, image.path, image.height, image.width, tags)
    return Annotation(tagged, objects_of(rows, scored=False, masked=False))
