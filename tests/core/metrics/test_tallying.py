"""Found, invented and missed pixels of each class."""

import numpy as np
import pytest

from core.metrics import pixel
from tests.core.metrics.maps import CAR, ROAD, VOID, rows_of, tallied


class TestTallies:
    def test_false_positives_and_misses_are_told_apart(self):
        tally = tallied("RRC", "RCC", 2)
        assert (tally.fp[CAR], tally.fn[CAR]) == (1, 0)
        assert (tally.fp[ROAD], tally.fn[ROAD]) == (0, 1)

    def test_no_answer_is_a_miss_and_no_false_positive(self):
        tally = tallied("RRCC", "R..C")
        assert tally.tp.tolist() == [1, 1, 0]
        assert tally.fp.tolist() == [0, 0, 0]
        assert tally.fn.tolist() == [1, 1, 0]
        assert tally.truth.tolist() == [2, 2, 0]
        assert tally.predicted.tolist() == [1, 1, 0]

    @pytest.mark.parametrize("shuffled", [False, True])
    def test_rows_of_many_images_are_grouped(self, shuffled):
        rng = np.random.default_rng(11)
        maps = rng.choice(np.array([0, 1, 2, VOID], dtype=np.uint8), size=(9, 2, 5, 6))
        counts = [pixel.count_pixels(truth, predicted, 3) for truth, predicted in maps]
        images, *columns = rows_of(counts)
        order = rng.permutation(len(images)) if shuffled else np.arange(len(images))
        keys, tallies = pixel.tallies(
            images[order] * 10 - 7, *(column[order] for column in columns), 3
        )
        assert keys.tolist() == [key * 10 - 7 for key in range(9)]
        for key, count in enumerate(counts):
            for name in ("tp", "fp", "fn"):
                expected = getattr(pixel.tally(count, 3), name)
                np.testing.assert_array_equal(getattr(tallies, name)[key], expected)
        total = pixel.total_tally(*columns, 3)
        np.testing.assert_array_equal(total.tp, tallies.tp.sum(axis=0))
        np.testing.assert_array_equal(total.fp, tallies.fp.sum(axis=0))
        np.testing.assert_array_equal(total.fn, tallies.fn.sum(axis=0))

    def test_no_rows(self):
        keys, tallies = pixel.tallies([], [], [], [], 4)
        assert keys.shape == (0,)
        assert tallies.tp.shape == (0, 4)
        assert pixel.total_tally([], [], [], 4).fn.tolist() == [0, 0, 0, 0]


class TestBadInput:
    def test_rows_with_unknown_classes(self):
        with pytest.raises(ValueError, match=r"truth holds class indices -1\.\.0, but there are 2"):
            pixel.total_tally([-1, 0], [0, 0], [1, 1], 2)
        with pytest.raises(ValueError, match=r"predicted holds class indices -1\.\.2, but there"):
            pixel.tallies([4, 4], [0, 0], [-1, 2], [1, 1], 2)

    def test_columns_of_different_length(self):
        one, two = np.zeros(1, dtype=np.int32), np.zeros(2, dtype=np.int32)
        with pytest.raises(ValueError, match="columns of 2, 1 and 2 rows"):
            pixel.PixelCounts(two, one, two.astype(np.int64))
        with pytest.raises(ValueError, match=r"have shapes \(2,\), \(1,\) and \(2,\)"):
            pixel.Tally(two, one, two)
