"""Sparse confusion counts: of maps, of stored runs, and of sums of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from core.geometry import label_runs
from core.metrics import counting, pixel
from tests.core.metrics.maps import CAR, ROAD, TREE, VOID, as_rows, camvid_maps, counted, label_map


def naive_rows(truth, predicted, class_count):
    """Count with one bincount; void of the prediction takes a column of its own."""
    labelled = truth.ravel() != np.iinfo(truth.dtype).max
    true_class = truth.ravel()[labelled].astype(np.int64)
    answer = predicted.ravel()[labelled].astype(np.int64)
    answer[answer == np.iinfo(predicted.dtype).max] = class_count
    table = np.bincount(
        true_class * (class_count + 1) + answer, minlength=class_count * (class_count + 1)
    ).reshape(class_count, class_count + 1)
    rows = [(t, -1 if p == class_count else p, table[t, p]) for t, p in np.argwhere(table)]
    return sorted(rows)


def sparse_rows(truth, predicted):
    """Count pairs in a dictionary: slow, but any number of classes."""
    rows = {}
    voids = np.iinfo(truth.dtype).max, np.iinfo(predicted.dtype).max
    for true_class, answer in zip(truth.ravel().tolist(), predicted.ravel().tolist(), strict=True):
        if true_class != voids[0]:
            pair = true_class, -1 if answer == voids[1] else answer
            rows[pair] = rows.get(pair, 0) + 1
    return sorted((*pair, count) for pair, count in rows.items())


@pytest.fixture(scope="module")
def camvid(shared_data):
    maps = list(camvid_maps(shared_data))
    assert len(maps) == 78
    return maps


class TestCounts:
    def test_rows_are_sorted_pairs(self):
        assert as_rows(counted("CRTR", "RRTC")) == [
            (ROAD, ROAD, 1),
            (ROAD, CAR, 1),
            (CAR, ROAD, 1),
            (TREE, TREE, 1),
        ]

    def test_void_truth_is_left_out_and_void_prediction_is_no_answer(self):
        assert as_rows(counted("R.R.", "R.C.")) == [(ROAD, ROAD, 1), (ROAD, CAR, 1)]
        assert as_rows(counted("RRC.", "..R.")) == [(ROAD, -1, 2), (CAR, ROAD, 1)]

    def test_nothing_labelled_gives_no_rows(self):
        assert as_rows(counted("...", "RCT")) == []
        assert as_rows(pixel.PixelCounts.sum(())) == []

    def test_one_pixel(self):
        assert as_rows(counted("C", "C")) == [(CAR, CAR, 1)]

    def test_adding_images_adds_pixels_of_the_same_pair(self):
        both = counted("RRC", "RC.") + counted("RT", "RR")
        assert as_rows(both) == [(0, 0, 2), (0, 1, 1), (1, -1, 1), (2, 0, 1)]
        assert [column.dtype for column in (both.truth, both.predicted, both.pixels)] == [
            np.int32,
            np.int32,
            np.int64,
        ]

    def test_adding_keeps_high_classes_apart(self):
        truth = np.array([[44, 300, 65533]], dtype=np.uint16)
        counts = pixel.count_pixels(truth, truth[:, ::-1].copy(), 65534)
        both = [(44, 65533, 2), (300, 300, 2), (65533, 44, 2)]
        assert as_rows(counts + counts) == both

    def test_sums_pass_the_limits_of_32_bits_and_of_floats(self):
        huge = pixel.PixelCounts(
            np.array([0], dtype=np.int32), np.array([1], dtype=np.int32), np.array([2**60 + 1])
        )
        assert (huge + huge).pixels.tolist() == [2**61 + 2]
        assert pixel.tally(huge, 2).fn.tolist() == [2**60 + 1, 0]

    @pytest.mark.parametrize(
        ("class_count", "dtype"),
        [
            pytest.param(19, np.uint8, id="19 classes: truth * 19 + predicted overflows 8 bits"),
            pytest.param(254, np.uint8, id="as many as 8 bits hold"),
            pytest.param(300, np.uint16, id="300 classes"),
            pytest.param(512, np.uint16, id="the most that are counted in a table"),
            pytest.param(513, np.uint16, id="the fewest that are counted by runs"),
            pytest.param(65534, np.uint16, id="as many as 16 bits hold"),
        ],
    )
    def test_many_classes(self, class_count, dtype):
        rng = np.random.default_rng(class_count)
        classes = [0, 13, 14, 18, class_count - 1, np.iinfo(dtype).max]
        truth, predicted = rng.choice(np.array(classes, dtype=dtype), size=(2, 31, 17))
        naive = sparse_rows(truth, predicted)
        assert as_rows(pixel.count_pixels(truth, predicted, class_count)) == naive
        stored = label_runs.encode(truth), label_runs.encode(predicted)
        assert as_rows(pixel.count_runs(*stored, class_count)) == naive

    @settings(deadline=None)  # the first example of each pair of dtypes compiles
    @given(st.data())
    def test_three_ways_to_count_agree(self, data):
        shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=30))
        class_count = data.draw(st.integers(1, 6))
        truth, predicted = (
            data.draw(
                hnp.arrays(
                    dtype,
                    shape,
                    elements=st.sampled_from([*range(class_count), np.iinfo(dtype).max]),
                )
            )
            for dtype in data.draw(st.tuples(*[st.sampled_from([np.uint8, np.uint16])] * 2))
        )
        naive = naive_rows(truth, predicted, class_count)
        assert as_rows(pixel.count_pixels(truth, predicted, class_count)) == naive
        stored = label_runs.encode(truth), label_runs.encode(predicted)
        assert as_rows(pixel.count_runs(*stored, class_count)) == naive

    def test_runs_longer_than_two_bytes_are_counted(self):
        truth = np.zeros((2, 100_000), dtype=np.uint8)
        predicted = np.zeros((2, 100_000), dtype=np.uint8)
        predicted[1, 99_999:] = 1
        stored = label_runs.encode(truth), label_runs.encode(predicted)
        assert as_rows(pixel.count_runs(*stored, 2)) == [(0, 0, 199_999), (0, 1, 1)]
        assert as_rows(pixel.count_pixels(truth, predicted, 2)) == [(0, 0, 199_999), (0, 1, 1)]

    def test_memory_order_does_not_matter(self):
        truth = label_map("RRC", "TCC")
        columns_first = np.asfortranarray(label_map("RCC", "TTR"))
        expected = as_rows(pixel.count_pixels(truth, label_map("RCC", "TTR"), 3))
        assert as_rows(pixel.count_pixels(truth, columns_first, 3)) == expected

    @pytest.mark.shared
    def test_real_maps_agree_with_scikit_learn(self, camvid):
        for truth, predicted in camvid[::6]:
            labelled = truth != VOID
            classes = [*range(11), VOID]
            table = sk.confusion_matrix(truth[labelled], predicted[labelled], labels=classes)
            expected = [(t, -1 if p == 11 else p, table[t, p]) for t, p in np.argwhere(table)]
            assert as_rows(pixel.count_pixels(truth, predicted, 11)) == sorted(expected)

    @pytest.mark.shared
    def test_real_maps_and_their_stored_runs_agree(self, camvid):
        for truth, predicted in camvid:
            counts = pixel.count_pixels(truth, predicted, 11)
            stored = label_runs.encode(truth), label_runs.encode(predicted)
            assert as_rows(counts) == as_rows(pixel.count_runs(*stored, 11))
            assert as_rows(counts) == naive_rows(truth, predicted, 11)


class TestForeground:
    def test_foreground_counts(self):
        counts = pixel.foreground(counted("RRCTT.", "RCTT.C"), ROAD)
        assert as_rows(counts) == [(0, 0, 1), (0, 1, 1), (1, -1, 1), (1, 1, 2)]

    def test_foreground_of_a_painted_background_after_the_last_class(self):
        counts = pixel.foreground(counted("RCTT", "TCTR"), TREE)
        assert as_rows(counts) == [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)]


class TestBadInput:
    @pytest.mark.parametrize("class_count", [3, 600])
    def test_class_index_out_of_range(self, class_count):
        void, beyond = 65535, class_count
        sound = np.array([[0, 1, void]], dtype=np.uint16)
        odd = np.array([[1, beyond, void]], dtype=np.uint16)
        message = rf"holds class indices 1\.\.{beyond}, but there are {class_count} classes"
        with pytest.raises(ValueError, match=f"predicted {message}"):
            pixel.count_pixels(sound, odd, class_count)
        with pytest.raises(ValueError, match=f"truth {message}"):
            pixel.count_pixels(odd, sound, class_count)
        with pytest.raises(ValueError, match=f"predicted {message}"):
            pixel.count_runs(label_runs.encode(sound), label_runs.encode(odd), class_count)
        with pytest.raises(ValueError, match=f"truth {message}"):
            pixel.count_runs(label_runs.encode(odd), label_runs.encode(sound), class_count)

    def test_class_index_out_of_range_in_maps_without_void(self):
        sound, odd = label_map("RT"), np.array([[0, 7]], dtype=np.uint8)
        with pytest.raises(ValueError, match=r"predicted holds class indices 0\.\.7, but there"):
            pixel.count_pixels(sound, odd, 3)
        with pytest.raises(ValueError, match=r"truth holds class indices 0\.\.7, but there are 3"):
            pixel.count_pixels(odd, sound, 3)

    @pytest.mark.parametrize("class_count", [3, 600])
    def test_any_answer_may_stand_under_void_truth(self, class_count):
        truth = np.array([[0, 65535]], dtype=np.uint16)
        predicted = np.array([[0, 65534]], dtype=np.uint16)
        assert as_rows(pixel.count_pixels(truth, predicted, class_count)) == [(0, 0, 1)]
        stored = label_runs.encode(truth), label_runs.encode(predicted)
        assert as_rows(pixel.count_runs(*stored, class_count)) == [(0, 0, 1)]

    def test_16_bit_255_is_a_class_and_not_void(self):
        truth = np.array([[255, 65535]], dtype=np.uint16)
        assert as_rows(pixel.count_pixels(truth, truth, 256)) == [(255, 255, 1)]

    def test_shapes_must_agree(self):
        with pytest.raises(ValueError, match=r"truth is \(1, 2\) but predicted is \(1, 3\)"):
            counted("RR", "RRR")
        with pytest.raises(ValueError, match="truth has 2 pixels but predicted has 3"):
            pixel.count_runs(*(label_runs.encode(label_map(row)) for row in ("RR", "RRR")), 3)

    def test_maps_must_be_unsigned_and_two_dimensional(self):
        with pytest.raises(ValueError, match="predicted holds int64; expected uint8 or uint16"):
            pixel.count_pixels(label_map("RR"), np.array([[0, 1]]), 3)
        with pytest.raises(ValueError, match=r"truth has shape \(2,\)"):
            pixel.count_pixels(label_map("RR")[0], label_map("RR"), 3)


def test_counting_in_a_table_and_by_runs_meet():
    """The two ways are chosen by this number; the cases above stand on both its sides."""
    assert counting._MOST_TABLE_CLASSES == 512
