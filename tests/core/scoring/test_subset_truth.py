"""What is annotated on some images, for all runs at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from core.scoring import subset_truth
from core.store.connection import Store
from core.store.queries import counts
from tests.factories import make_dataset
from tests.filling import put

SUBSETS = {"all": None, "none": (), "one": (4,), "some": (1, 3, 4), "unknown": (7, 99)}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Objects, of which the first of every second image is a crowd region."""
    store = Store.at(tmp_path_factory.mktemp("truth") / "store.duckdb")
    put(store, make_dataset())
    with store.write() as cursor:
        crowds = "object_index = 0 AND image_id % 2 = 0"
        cursor.execute(f"UPDATE annotation_object SET crowd = true WHERE {crowds}")
    return store


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
def test_annotated_classes_are_those_the_store_counts(store, images):
    with store.read() as cursor:
        dataset, split = cursor.execute("SELECT dataset_id, split FROM image LIMIT 1").fetchone()
        placed = counts.annotation_areas(cursor, dataset, split, images)
        expected = counts.class_images(cursor, dataset, split, images)
    assert images is not None or 0 < placed["crowd"].sum() < len(placed)
    assert_frame_equal(subset_truth._of_classes(placed), expected, check_dtype=False)


def test_several_objects_of_a_class_are_on_one_image():
    several = {
        "class": [2, 0, 2, 2],
        "image_id": [5, 5, 5, 6],
        "crowd": [False, False, False, True],
    }
    found = subset_truth._of_classes(pd.DataFrame(several))
    assert found.to_dict("list") == {"class": [0, 2], "images": [1, 1], "objects": [1, 2]}
    assert found.dtypes.map(lambda kind: np.issubdtype(kind, np.integer)).all()
