"""Annotations and predictions that are decoded each time they are asked for.

Label maps of thousands of images do not fit in memory. Each was checked when its folder was
read; a file that has changed since is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import overload

from core.structures import Annotation, Prediction


class LazyAnnotations(Mapping[int, Annotation]):
    """Image id to annotation, decoded on access."""

    def __init__(self, image_ids: Sequence[int], decode: Callable[[int], Annotation]) -> None:
        """Take the ids in order, and what decodes the annotation of one."""
        self._image_ids = dict.fromkeys(image_ids)
        self._decode = decode

    def __getitem__(self, image_id: int) -> Annotation:
        """Return the annotation of an image."""
        if image_id not in self._image_ids:
            raise KeyError(image_id)
        return self._decode(image_id)

    def __iter__(self) -> Iterator[int]:
        """Yield the ids of the images in order."""
        return iter(self._image_ids)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._image_ids)


class LazyPredictions(Sequence[Prediction]):
    """Predictions in the order of their images, decoded on access."""

    def __init__(self, decoders: Sequence[Callable[[], Prediction]]) -> None:
        """Take what decodes each prediction."""
        self._decoders = tuple(decoders)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...

    @overload
    def __getitem__(self, index: slice) -> LazyPredictions: ...

    def __getitem__(self, index: int | slice) -> Prediction | LazyPredictions:
        """Return one prediction, or a part of the sequence."""
        if isinstance(index, slice):
            return LazyPredictions(self._decoders[index])
        return self._decoders[index]()

    def __len__(self) -> int:
        """Return the number of predictions."""
        return len(self._decoders)
