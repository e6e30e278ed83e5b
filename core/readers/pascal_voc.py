"""Pascal VOC: an XML file an image with its boxes, and PNGs of classes and objects where given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.errors import UsageError
from core.readers import label_files
from core.readers.drawn import Drawn
from core.readers.drawn_objects import Described, drawn_dataset
from core.readers.faults import Fault, shown
from core.readers.image_list import ImageList
from core.readers.label_files import LabelFile
from core.readers.label_values import Meaning
from core.readers.lazy import LazyAnnotations
from core.readers.sources import file_digests, folder_source
from core.readers.voc_masks import VOID, drawn_objects
from core.readers.voc_xml import VocFile, read_voc_file
from core.structures import BACKGROUND_NAME, Annotation, Dataset, ImageRecord

FORMAT = "pascal-voc"
CLASSES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
ADVICE = (
    "Mend the files, or import with --skip-bad to leave out what is faulty. An image, its XML and "
    "its PNGs have the same name, apart from the ending."
)


def read_pascal_voc(
    annotations: Path,
    images_folder: Path,
    name: str,
    split: str,
    *,
    png_folder: Path | None = None,
    object_folder: Path | None = None,
    only: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    zero_based: bool = False,
    skip_bad: bool = False,
) -> tuple[Dataset, tuple[Fault, ...]]:
    """Return the data set of a VOC folder, and what was left out of it.

    Objects that are marked difficult become crowd regions: both are passed over by scores. With
    a folder of PNGs only the images belong to the split that it has. Images have the ids 1 to n
    in the order of their names.

    Args:
        annotations: folder of XML files, such as Annotations.
        images_folder: folder of images, such as JPEGImages.
        name: of the data set in the store.
        split: such as "val".
        png_folder: label maps, such as SegmentationClass: 0 is background, 255 void.
        object_folder: masks, such as SegmentationObject: value n is the n-th object of the XML.
        only: names, without endings, of the images of the split, as ImageSets lists them.
        class_names: the classes in their order, without background; by default VOC's twenty, or
            those that occur, sorted.
        zero_based: corners count from 0, as LabelImg's, not from 1.
        skip_bad: leave out faulty images and objects, and return their faults.

    Raises:
        UsageError: a folder is missing or empty, or nothing says what the label maps' values mean.
        FaultyInputError: files have faults; all of them are listed.
    """
    faults: list[Fault] = []
    names = _names(annotations, png_folder or object_folder, only, faults)
    images, files = _files(annotations, images_folder, names, faults, zero_based=zero_based)
    words = _class_names(annotations, files, class_names, labelled=png_folder is not None)
    maps = _label_maps(png_folder, images, words, faults)
    masks = _pngs(object_folder, images, faults)
    found: dict[int, ImageRecord] = {}
    drawn: list[Drawn] = []
    for key, image in images.items():
        if (png_folder and key not in maps) or (object_folder and key not in masks):
            continue  # its fault is noted
        own = drawn_objects(image, files[key], masks.get(key), faults)
        if own is not None:
            found[key] = image
            drawn += own
    read = {f"{image.name}.xml": annotations / f"{image.name}.xml" for image in found.values()}
    read |= {f"objects/{masks[key].name}": masks[key] for key in found if key in masks}
    read |= {f"classes/{maps[key].path.name}": maps[key].path for key in found if key in maps}
    dataset, settled = drawn_dataset(
        name,
        split,
        Described(found, drawn, words),
        faults,
        images_folder=images_folder,
        source=folder_source(FORMAT, annotations, file_digests(read)),
        advice=ADVICE,
        skip_bad=skip_bad,
    )
    return _labelled(dataset, maps) if png_folder is not None else dataset, settled


def _names(
    annotations: Path, pngs: Path | None, only: Sequence[str] | None, faults: list[Fault]
) -> list[str]:
    """Return the names of the images of the split, in order."""
    xml = {path.stem for path in annotations.glob("*.xml")}
    if not xml:
        raise UsageError(f"{annotations}: the folder holds no .xml files. Check the path.")
    if only is None and pngs is not None:
        only = list(label_files.files_by_name(pngs, None, faults))
    names = sorted(xml if only is None else set(only))
    absent = f"there is no XML of this name in {annotations}"
    faults += [Fault(each, absent) for each in names if each not in xml]
    return [each for each in names if each in xml]


def _files(
    annotations: Path,
    images_folder: Path,
    names: Sequence[str],
    faults: list[Fault],
    *,
    zero_based: bool,
) -> tuple[dict[int, ImageRecord], dict[int, VocFile]]:
    """Return the images that are sound and have a sound XML, and what that says."""
    paths = label_files.files_by_name(images_folder, set(names), faults)
    images = ImageList(images_folder, faults)
    files = {}
    for number, each in enumerate(names, start=1):
        if each not in paths:
            faults.append(
                Fault(f"{each}.xml", f"there is no image of this name in {images_folder}")
            )
            continue
        file = read_voc_file(annotations / f"{each}.xml", faults, zero_based=zero_based)
        if file and images.add(number, paths[each].name, f"{each}.xml", file.size):
            files[number] = file
    return images.found, files


def _class_names(
    path: Path, files: Mapping[int, VocFile], given: Sequence[str] | None, *, labelled: bool
) -> tuple[str, ...]:
    """Return the classes in their order; with label maps the background comes first."""
    occurring = {each.class_name for file in files.values() for each in file.objects}
    if given is None and occurring <= set(CLASSES):
        given = CLASSES
    if given is None and labelled:
        other = shown(sorted(occurring - set(CLASSES))[0])
        raise UsageError(
            f"{path}: the class {other} is none of Pascal VOC's twenty, so nothing says what the "
            "values of the label maps mean. Name the classes of 1, 2, … by --classes."
        )
    words = tuple(sorted(occurring) if given is None else given)
    return (BACKGROUND_NAME, *words) if labelled and words[:1] != (BACKGROUND_NAME,) else words


def _label_maps(
    folder: Path | None,
    images: Mapping[int, ImageRecord],
    words: Sequence[str],
    faults: list[Fault],
) -> dict[int, LabelFile]:
    """Return the sound label map of each image, by the image's id."""
    files: list[LabelFile] = []
    for key, path in _pngs(folder, images, faults).items():
        files += label_files.label_file(path, images[key], faults)
    sound = label_files.with_known_values(files, _meaning(words), faults)
    return {file.image.id: file for file in sound}


def _pngs(
    folder: Path | None, images: Mapping[int, ImageRecord], faults: list[Fault]
) -> dict[int, Path]:
    """Return the PNG of each image, by the image's id; an image without one is a fault."""
    if folder is None:
        return {}
    paths = label_files.files_by_name(folder, None, faults)
    absent = f"there is no PNG of this name in {folder}"
    faults += [Fault(image.name, absent) for image in images.values() if image.name not in paths]
    return {key: paths[image.name] for key, image in images.items() if image.name in paths}


def _meaning(words: Sequence[str]) -> Meaning:
    return Meaning(len(words), frozenset({VOID}), binary=False)


def _labelled(dataset: Dataset, maps: Mapping[int, LabelFile]) -> Dataset:
    """Return a data set with its label maps, decoded when they are asked for."""
    meaning = _meaning([category.name for category in dataset.categories])
    decode = partial(_annotation, dataset.annotations, maps, meaning)
    ids = [image.id for image in dataset.images]
    return replace(dataset, annotations=LazyAnnotations(ids, decode), background=0)


def _annotation(
    annotations: Mapping[int, Annotation],
    maps: Mapping[int, LabelFile],
    meaning: Meaning,
    image_id: int,
) -> Annotation:
    return replace(annotations[image_id], label_map=maps[image_id].label_map(meaning))
