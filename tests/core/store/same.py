"""Whether values are the same to the last bit, dtype and shape included."""

from __future__ import annotations

import numpy as np

from core.structures import Dataset, Objects


def assert_same_array(ours: np.ndarray | None, wanted: np.ndarray | None) -> None:
    assert (ours is None) == (wanted is None)
    if ours is not None and wanted is not None:
        assert (ours.dtype, ours.shape) == (wanted.dtype, wanted.shape)
        assert ours.tobytes() == wanted.tobytes()


def assert_same_objects(ours: Objects | None, wanted: Objects | None) -> None:
    assert (ours is None) == (wanted is None)
    if ours is not None and wanted is not None:
        for name in ("boxes", "categories", "areas", "crowd", "scores"):
            assert_same_array(getattr(ours, name), getattr(wanted, name))
        assert ours.masks == wanted.masks


def assert_same_dataset(ours: Dataset, wanted: Dataset) -> None:
    for name in ("name", "split", "categories", "images", "images_folder", "source", "background"):
        assert getattr(ours, name) == getattr(wanted, name)
    assert list(ours.annotations) == [image.id for image in wanted.images]
    assert len(ours.annotations) == len(wanted.annotations)
    for image_id, annotation in wanted.annotations.items():
        there = ours.annotations[image_id]
        assert there.image == annotation.image
        assert_same_objects(there.objects, annotation.objects)
        assert_same_array(there.label_map, annotation.label_map)
