"""Images that a file names one by one: checked, measured and numbered."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from core.errors import UsageError
from core.readers.faults import Fault, shown
from core.readers.images import check_file, check_path, header_size
from core.structures import ImageRecord


class ImageList:
    """The images of a data set whose file gives them names, but neither ids nor sizes.

    Attributes:
        found: id to image; only those without faults.
    """

    def __init__(self, folder: Path, faults: list[Fault]) -> None:
        """Look for images below a folder; their faults are added to `faults`."""
        self.found: dict[int, ImageRecord] = {}
        self._folder = folder
        self._faults = faults
        self._places: dict[str, str] = {}

    def add(
        self, image_id: int, file_name: str, place: str, size: tuple[int, int] | None = None
    ) -> ImageRecord | None:
        """Return an image, or None with its fault noted.

        Args:
            image_id: unique in the split.
            file_name: relative to the folder.
            place: where the file names it, as faults tell.
            size: height and width that the file gives, or None if it gives none.
        """
        fault = check_path(file_name)
        path = file_name if fault else str(PurePosixPath(file_name))
        if fault is None and path in self._places:
            fault = f"the image {shown(path)} occurred before, in {self._places[path]}"
        try:
            if fault:
                raise UsageError(fault)
            self._places[path] = place
            height, width = header_size(self._folder / path)
            if size is not None and size != (height, width):
                fault = check_file(self._folder / path, *size)
                raise UsageError(str(fault))
        except UsageError as error:
            told = str(error) if fault else f"{error}: '{self._folder / path}'"
            self._faults.append(Fault(place, told))
            return None
        image = ImageRecord(image_id, PurePosixPath(path).stem, path, height, width)
        self.found[image_id] = image
        return image
