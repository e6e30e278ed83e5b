"""What a writer is given of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.errors import UsageError
from core.readers.images import check_path
from core.structures import Annotation, Category, ImageRecord, Prediction
from core.words import counted


@dataclass(frozen=True, eq=False)
class RunContents:
    """A run that is written.

    Attributes:
        run: its name.
        dataset: name of its data set.
        split: name of its split.
        categories: a class is its index here.
        background: class index that means "nothing", or None if no category does.
        images: that it has answered, in ascending order of id.
        has_masks: whether its objects have masks.
        predictions: returns them anew, one an image, in the order of `images`.
    """

    run: str
    dataset: str
    split: str
    categories: tuple[Category, ...]
    background: int | None
    images: tuple[ImageRecord, ...]
    has_masks: bool
    predictions: Callable[[], Iterator[Prediction]]


@dataclass(frozen=True, eq=False)
class TruthContents:
    """Annotations that are written.

    Attributes:
        dataset: name of the data set.
        split: name of the split.
        categories: a class is its index here.
        images: in ascending order of id.
        annotations: returns them anew, one an image, in the order of `images`.
    """

    dataset: str
    split: str
    categories: tuple[Category, ...]
    images: tuple[ImageRecord, ...]
    annotations: Callable[[], Iterator[Annotation]]


def told_of(objects: int, contents: RunContents) -> str:
    """Return what was written of a run, in a few words."""
    return f"{counted(objects, 'object')} on {counted(len(contents.images), 'image')}"


def told_of_all(objects: int, truth: TruthContents, runs: Sequence[RunContents]) -> str:
    """Return what was written of annotations and runs, in a few words.

    Args:
        objects: how many are annotated.
        truth: the annotations.
        runs: on the same images.
    """
    return (
        f"{counted(objects, 'annotated object')} on {counted(len(truth.images), 'image')}, "
        f"results of {counted(len(runs), 'run')}"
    )


def file_names(contents: RunContents, ending: str) -> dict[int, str]:
    """Return a file's name for each image by its id: the image's name and an ending.

    Raises:
        UsageError: two images have one name, or a name cannot be that of a file.
    """
    repeated = [
        name for name, count in Counter(i.name for i in contents.images).items() if count > 1
    ]
    if repeated:
        raise UsageError(
            f"{contents.dataset} · {contents.split} has several images named {repeated[0]!r}, so "
            "files named after them cannot be told apart. Choose the format coco-results or csv."
        )
    names = {image.id: f"{image.name}{ending}" for image in contents.images}
    for name in names.values():
        fault = check_path(name)
        if fault or len(PurePosixPath(name).parts) != 1 or name.startswith("."):
            raise UsageError(
                f"An image is named {name!a} with its ending, which cannot be the name of a "
                "file in a folder. Choose the format coco-results or csv."
            )
    return names


def category_ids(dataset: str, categories: Sequence[Category]) -> list[int]:
    """Return the id of each class in files of a data set.

    Args:
        dataset: its name.
        categories: its classes.

    Raises:
        UsageError: two classes have one id.
    """
    ids = [category.source_id for category in categories]
    if len(set(ids)) < len(ids):
        raise UsageError(
            f"Classes of {dataset} share ids, so COCO's files cannot tell them apart. "
            "Choose the format csv, which has their names."
        )
    return ids
