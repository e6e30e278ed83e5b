"""Folders of label PNGs: paired with their images, read once, checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.readers import images
from core.readers.faults import Fault
from core.readers.label_values import Depth, Meaning, read_indices, values_of
from core.structures import Dataset, ImageRecord, LabelMap

# Path to the values of a file, shape (H, W), and its SHA-256
Decoder = Callable[[Path], tuple[LabelMap, str]]


@dataclass(frozen=True, eq=False)
class LabelFile:
    """One file of labels that was read and is sound so far.

    Attributes:
        path: of the file, such as a PNG.
        image: what it labels.
        depth: dtype of its values, uint8 or uint16.
        values: the different values it holds, ascending.
        digest: SHA-256 of the file.
        read: what decodes it.
    """

    path: Path
    image: ImageRecord
    depth: Depth
    values: NDArray[np.int64]
    digest: str
    read: Decoder = read_indices

    def label_map(self, meaning: Meaning) -> LabelMap:
        """Return what the file says of each pixel.

        Raises:
            UsageError: the file has changed.
        """
        indices, digest = self.read(self.path)
        if digest != self.digest:
            raise UsageError(
                f"{self.path}: the file has changed since it was read. Import it again."
            )
        return meaning.label_map(indices)


def files_by_name(
    folder: Path, only: Collection[str] | None, faults: list[Fault]
) -> dict[str, Path]:
    """Return the image files of a folder by name without ending, in order of name.

    Args:
        folder: is not searched below its own level; hidden and other files are passed over.
        only: the names that matter, or None for all.
        faults: gets names that two files share, and names that cannot be stored.

    Raises:
        UsageError: there is no such folder, or it holds no image files.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder. Check the path.")
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in images.ENDINGS]
    if not paths:
        endings = " ".join(sorted(images.ENDINGS))
        raise UsageError(f"{folder}: the folder holds no image files ({endings}). Check the path.")
    found: dict[str, Path] = {}
    for path in paths:
        if path.name.startswith(".") or (only is not None and path.stem not in only):
            continue
        fault = images.check_path(path.name)
        if path.stem in found:
            fault = f"{found[path.stem].name} has the same name; expected one file a name"
        if fault:
            faults.append(Fault(ascii(path.name)[1:-1], fault))
        else:
            found[path.stem] = path
    return dict(sorted(found.items()))


def require_unique_names(dataset: Dataset) -> None:
    """Refuse a data set whose images cannot be told apart by name.

    Raises:
        UsageError: two of them have the same.
    """
    counts = Counter(image.name for image in dataset.images)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise UsageError(
            f"The data set {dataset.name} has several images named {repeated[0]!r}, so files "
            "cannot be told apart by name. Give the run as coco-results instead."
        )


def names_without_image(folder: Path, dataset: Dataset) -> list[str]:
    """Return the names of the image files of a folder that no image of the data set has."""
    images_named = {image.name for image in dataset.images}
    return [name for name in files_by_name(folder, None, []) if name not in images_named]


def labelled_images(
    labels: Path, images_folder: Path, only: Collection[str] | None, faults: list[Fault]
) -> list[LabelFile]:
    """Return the labels that have an image, in order of name, but for those with faults.

    Args:
        labels: folder of PNGs.
        images_folder: folder of images.
        only: the names that belong to the split, or None for all.
        faults: gets what is unpaired or unsound.

    Raises:
        UsageError: a folder is missing or holds no image files.
    """
    label_paths = files_by_name(labels, only, faults)
    image_paths = files_by_name(images_folder, only, faults)
    return paired(labels, label_paths, images_folder, image_paths, only, faults)


def paired(
    labels: Path,
    label_paths: Mapping[str, Path],
    images_folder: Path,
    image_paths: Mapping[str, Path],
    only: Collection[str] | None,
    faults: list[Fault],
    read: Decoder = read_indices,
) -> list[LabelFile]:
    """Return the labels that have an image of their name, in order of name; see above.

    Args:
        labels: folder of the labels, for messages.
        label_paths: name to file.
        images_folder: where the paths of images start.
        image_paths: name to file.
        only: the names that belong to the split, or None for all.
        faults: gets what is unpaired or unsound.
        read: what decodes a file of labels.
    """
    names = label_paths.keys() | image_paths.keys() if only is None else set(only)
    files = []
    for name in sorted(names):
        if name not in label_paths:
            faults.append(Fault(name, f"there is no label file of this name in {labels}"))
        if name not in image_paths:
            faults.append(Fault(name, f"there is no image of this name in {images_folder}"))
        if name in label_paths and name in image_paths:
            image = _image(image_paths[name], images_folder, faults)
            files += label_file(label_paths[name], image, faults, read) if image else []
    return files


def _image(path: Path, folder: Path, faults: list[Fault]) -> ImageRecord | None:
    """Return an image below a folder, without its final id."""
    try:
        height, width = images.header_size(path)
    except UsageError as error:
        faults.append(Fault(path.name, str(error)))
        return None
    return ImageRecord(0, path.stem, path.relative_to(folder).as_posix(), height, width)


def label_file(
    path: Path, image: ImageRecord, faults: list[Fault], read: Decoder = read_indices
) -> list[LabelFile]:
    """Return a list of the checked labels of an image, empty if they have a fault."""
    try:
        # by the header first: few bytes can claim many pixels
        _require_size(_claimed_size(path) or (image.height, image.width), image)
        indices, digest = read(path)
        _require_size(indices.shape, image)
    except UsageError as error:
        faults.append(Fault(path.name, str(error)))
        return []
    return [LabelFile(path, image, indices.dtype, values_of(indices), digest, read)]


def _claimed_size(path: Path) -> tuple[int, int] | None:
    """Return height and width as the header has them; None where `read` is to say what is wrong."""
    try:
        return images.header_size(path)
    except UsageError:
        return None


def _require_size(found: tuple[int, ...], image: ImageRecord) -> None:
    if found != (image.height, image.width):
        raise UsageError(
            f"the labels are {found[0]} x {found[1]} (height x width), "
            f"expected the image's {image.height} x {image.width}; resize by nearest neighbour"
        )


def values_of_all(files: Sequence[LabelFile]) -> set[int]:
    """Return the different values that any of the files holds."""
    return set().union(*(file.values.tolist() for file in files))


def with_known_values(
    files: Sequence[LabelFile], meaning: Meaning, faults: list[Fault]
) -> list[LabelFile]:
    """Return the files all of whose values mean something; the others become faults."""
    sound = []
    for file in files:
        unknown = meaning.unknown(file.values, file.depth)
        if unknown:
            faults.append(Fault(file.path.name, unknown))
        else:
            sound.append(file)
    return sound
