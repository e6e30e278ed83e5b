"""YOLO's text files, one an image: data sets, and predictions with their confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import UsageError
from core.geometry import rle
from core.readers import label_files
from core.readers.drawn import Drawn
from core.readers.drawn_objects import Described, drawn_dataset
from core.readers.faults import Fault, settle
from core.readers.image_list import ImageList
from core.readers.object_rows import ObjectRow, objects_of
from core.readers.sources import file_digests, folder_source
from core.readers.yolo_rows import YoloRow, of_one_kind, read_rows, text_files
from core.structures import Dataset, ImageRecord, Prediction

FORMAT = "yolo"
ADVICE = (
    "Mend the files, or use --skip-bad to leave out what is faulty. An image and its text file "
    "have the same name, apart from the ending."
)
SHOWN_CLASSES = 3


def read_yolo(
    labels: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    class_names: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a folder of YOLO's text files, and what was left out of it.

    Rows are all boxes or all polygons; a polygon is painted by pycocotools' rule, and its box is
    that of its corners. An image without a file, or with an empty one, shows nothing. Images have
    the ids 1 to n in the order of their names.

    Args:
        labels: folder of the text files.
        images_folder: folder of images of the same names, apart from the ending.
        name: of the data set in the store.
        split: such as "val".
        class_names: what class 0, 1, … means; by default "class 0" to the greatest number.
        skip_bad: leave out faulty images and rows, and return their faults.

    Raises:
        UsageError: a folder is missing or empty.
        FaultyInputError: files have faults; all of them are listed.
    """
    faults: list[Fault] = []
    images = _images(images_folder, faults)
    files = text_files(labels, [image.name for image in images.values()], faults)
    rows = _rows(files, list(images.values()), faults, scored=False)
    greatest = max((row.category for row in rows), default=0)
    words = class_names or [f"class {index}" for index in range(greatest + 1)]
    known = _known(rows, words, faults)
    drawn = [Drawn(row.place, row.image.id, words[row.category], row.outline) for row in known]
    digests = file_digests({path.name: path for path in files.values()})
    return drawn_dataset(
        name,
        split,
        Described(images, drawn, words),
        faults,
        images_folder=images_folder,
        source=folder_source(FORMAT, labels, digests),
        advice=ADVICE,
        skip_bad=skip_bad,
    )


def read_yolo_predictions(
    folder: Path, dataset: Dataset, *, skip_bad: bool = False
) -> tuple[tuple[Prediction, ...], tuple[Fault, ...]]:
    """Return one prediction for each image of the data set, and what was left out.

    Class numbers are positions in the data set's list of classes. An image without a file has an
    empty prediction: where nothing is found, ultralytics writes none. Boxes and masks are made as
    those of a data set; the area is that of the mask, if there is one.

    Args:
        folder: of the text files, as `save_txt=True save_conf=True` writes them.
        dataset: whose images were predicted.
        skip_bad: leave out faulty rows, and return their faults.

    Raises:
        UsageError: the folder has no text files, or image names are not unique.
        FaultyInputError: files have faults; all of them are listed.
    """
    label_files.require_unique_names(dataset)
    faults: list[Fault] = []
    names = [category.name for category in dataset.categories]
    files = text_files(folder, [image.name for image in dataset.images], faults)
    known = _known(_rows(files, dataset.images, faults, scored=True), names, faults)
    masked = any(not row.outline.is_box for row in known)
    objects: dict[int, list[ObjectRow]] = {image.id: [] for image in dataset.images}
    for row in known:
        objects[row.image.id] += _predicted(row, faults)
    kept = sum(map(len, objects.values()))
    advice = f"{_advice_on_classes(names)} {ADVICE}"
    settled = settle(str(folder), faults, skip_bad=skip_bad, kept=kept, advice=advice)
    predictions = tuple(
        Prediction(image, objects=objects_of(objects[image.id], scored=True, masked=masked))
        for image in dataset.images
    )
    return predictions, settled


def _images(folder: Path, faults: list[Fault]) -> dict[int, ImageRecord]:
    images = ImageList(folder, faults)
    paths = label_files.files_by_name(folder, None, faults).values()
    for number, path in enumerate(paths, start=1):
        images.add(number, path.name, path.name)
    return images.found


def _rows(
    files: Mapping[str, Path],
    images: Sequence[ImageRecord],
    faults: list[Fault],
    *,
    scored: bool,
) -> list[YoloRow]:
    rows = []
    for image in images:
        if image.name in files:
            rows += read_rows(files[image.name], image, faults, scored=scored)
    return of_one_kind(rows, faults)


def _known(rows: Sequence[YoloRow], names: Sequence[str], faults: list[Fault]) -> list[YoloRow]:
    known = []
    for row in rows:
        if row.category < len(names):
            known.append(row)
        else:
            message = f"the class is {row.category}; expected 0 to {len(names) - 1}"
            faults.append(Fault(row.place, message))
    return known


def _predicted(row: YoloRow, faults: list[Fault]) -> list[ObjectRow]:
    box = row.outline.box
    if row.outline.is_box:
        return [ObjectRow(row.category, box, box[2] * box[3], score=row.score)]
    try:
        mask = row.outline.mask(row.image.height, row.image.width)
    except UsageError as error:
        faults.append(Fault(row.place, str(error)))
        return []
    return [ObjectRow(row.category, box, float(rle.area(mask)), score=row.score, mask=mask)]


def _advice_on_classes(names: Sequence[str]) -> str:
    told = ", ".join(f"{index} is {word}" for index, word in enumerate(names[:SHOWN_CLASSES]))
    return f"Class numbers are positions in the data set's classes: {told} …"
