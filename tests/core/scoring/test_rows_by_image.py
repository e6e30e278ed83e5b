"""Rows of some images are taken from those of all images where these are known."""

from __future__ import annotations

import pytest
from pandas.testing import assert_frame_equal

from core.store.memory import remembering
from core.store.queries import counts
from core.store.queries.ask import together
from tests.core.scoring.several_runs import QUESTIONS, SUBSETS, keys, ordered


@pytest.mark.parametrize("images", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_some_images_of_what_is_known_of_all_are_those_asked_for(cursor, question, images):
    chosen = None if images is None else tuple(images)
    runs = keys(cursor)
    expected = [question(cursor, run, images=chosen) for run in runs]
    with remembering("now"):
        for run in runs:
            question(cursor, run, images=None)
        with together(runs, 5):
            for run, alone in zip(runs, expected, strict=True):
                found = question(cursor, run, images=chosen)
                assert_frame_equal(ordered(found), ordered(alone), check_dtype=False)


def test_rows_by_image_are_not_asked_for_again(cursor):
    place = cursor.execute("SELECT dataset_id, split FROM image LIMIT 1").fetchone()
    with remembering("now"):
        for images in (None, (1, 3)):
            cursor.asked.clear()
            for question in (counts.match_bits, counts.match_rows):
                question(cursor, 1, "box", images)
            counts.boundary_rows(cursor, 1, images)
            areas = counts.annotation_areas(cursor, *place, images)
            assert len(cursor.texts) == (4 if images is None else 0)
    assert_frame_equal(areas, counts.annotation_areas(cursor, *place, (1, 3)))
    assert len(cursor.texts) == 1
