"""What is found of some images out of what is known of all is what would be found on them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from core.errors import UsageError
from core.metrics.repairs import Repair
from core.scoring.annotated import annotated_objects
from core.scoring.by_image import found_by_image
from core.scoring.confusion import assigned_objects
from core.scoring.repairs import error_repairs
from core.store import rows
from core.store.memory import remembering

pytestmark = pytest.mark.usefixtures("nothing_known")

ALL = tuple(range(1, 31))
SUBSETS = {
    "none": (),
    "first": (1,),
    "last": (30,),
    "some": (2, 3, 9, 10, 17, 28),
    "upper half": ALL[15:],
    "all but one": tuple(key for key in ALL if key != 13),
}


@pytest.fixture(params=SUBSETS.values(), ids=SUBSETS)
def images(request):
    return request.param


@pytest.fixture
def both_ways(erring, images, monkeypatch):
    """Ask a question of some images: of the store, and of what is known without reading objects."""

    def refuse(*_):
        raise UsageError("Objects were read again.")

    def asked(question, *args):
        with erring.store.read() as cursor:
            expected = question(cursor, *args, images=images)
            with remembering("now"), monkeypatch.context() as changed:
                question(cursor, *args, images=None)
                changed.setattr(rows, "prediction_table", refuse)
                changed.setattr(rows, "truth_table", refuse)
                return expected, question(cursor, *args, images=images)

    return asked


@pytest.mark.parametrize("geometry", ["box", "mask"])
def test_repairs(both_ways, erring, geometry):
    expected, found = both_ways(error_repairs, erring.run, geometry)
    np.testing.assert_array_equal(found.before, expected.before)
    for repair in Repair:
        np.testing.assert_array_equal(found.after[repair], expected.after[repair])
        assert found.errors[repair].tolist() == expected.errors[repair].tolist()


@pytest.mark.parametrize("geometry", ["box", "mask"])
@pytest.mark.parametrize("step", [0, 6])
def test_assigned(both_ways, erring, images, geometry, step):
    expected, found = both_ways(assigned_objects, erring.run, geometry, step)
    assert found.images == expected.images == len(images)
    typed = len(images) > 0  # texts of no rows have another dtype
    assert_frame_equal(found.predictions, expected.predictions, check_dtype=typed)
    assert_frame_equal(found.annotations, expected.annotations)
    for size in ("all", "small"):
        ours, theirs = found.objects(0.3, size), expected.objects(0.3, size)
        assert_frame_equal(ours, theirs, check_dtype=typed)


def test_annotated(both_ways, erring):
    expected, found = both_ways(annotated_objects, 1, erring.dataset.split)
    assert len(found) == len(expected)
    for field in fields(expected):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


@pytest.mark.parametrize("asked_before", [[], [(1, 2)], [None]])
def test_images_of_which_nothing_is_known_are_found(asked_before):
    made = []

    def asked(images):
        def find():
            made.append(images)
            return np.array(images or (1, 2, 3))

        return found_by_image("odd", "same", images, find, np.intersect1d, lambda _: 1)

    with remembering("now"):
        for images in asked_before:
            asked(images)
        assert asked((2, 3)).tolist() == [2, 3]
    assert made == [*asked_before, *([] if None in asked_before else [(2, 3)])]
