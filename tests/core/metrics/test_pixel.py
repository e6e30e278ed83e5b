"""Pixel counts and the scores they give."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from pycocotools import mask as coco_mask
from sklearn import metrics as sk

from core.geometry import label_runs
from core.metrics import PIXEL_PROTOCOLS, counting, pixel

ROAD, CAR, TREE = 0, 1, 2
VOID = 255
NAN = math.nan


def label_map(*rows):
    """Draw a label map: R road, C car, T tree, . void."""
    index = {"R": ROAD, "C": CAR, "T": TREE, ".": VOID}
    return np.array([[index[letter] for letter in row] for row in rows], dtype=np.uint8)


def counted(truth, predicted, class_count=3):
    return pixel.count_pixels(label_map(truth), label_map(predicted), class_count)


def tallied(truth, predicted, class_count=3):
    return pixel.tally(counted(truth, predicted, class_count), class_count)


def tallied_images(pairs, class_count=3):
    """Return the tallies of several drawn images, by way of rows as the store keeps them."""
    counts = [counted(*pair, class_count) for pair in pairs]
    return pixel.tallies(*rows_of(counts), class_count)[1]


def rows_of(counts):
    images = np.concatenate([np.full(len(c.pixels), key) for key, c in enumerate(counts)])
    columns = ([getattr(c, name) for c in counts] for name in ("truth", "predicted", "pixels"))
    return images, *(np.concatenate(column) for column in columns)


def as_rows(counts):
    columns = (counts.truth, counts.predicted, counts.pixels)
    return list(zip(*(column.tolist() for column in columns), strict=True))


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


def mmseg_scores(truth, predicted, class_count):
    """Restate mmsegmentation's IoUMetric with histograms: IoU, accuracy and Dice of each class.

    An answer of 255 falls out of the histograms, as in the original.
    """
    labelled = truth != VOID
    truth, predicted = truth[labelled], predicted[labelled]
    shared, in_predicted, in_truth = (
        np.histogram(values, bins=np.arange(class_count + 1) - 0.5)[0].astype(np.float64)
        for values in (truth[truth == predicted], predicted, truth)
    )
    with np.errstate(invalid="ignore"):
        union = in_predicted + in_truth - shared
        return shared / union, shared / in_truth, 2 * shared / (in_predicted + in_truth)


def camvid_maps(folder):
    """Yield truth, and truth shifted by three pixels as the prediction; 11 is void."""
    for path in sorted((folder / "camvid" / "testannot").glob("*.png")):
        with Image.open(path) as image:
            truth = np.array(image)
        truth[truth == 11] = VOID
        yield truth, np.roll(truth, 3, axis=1)


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


def sparse_rows(truth, predicted):
    """Count pairs in a dictionary: slow, but any number of classes."""
    rows = {}
    voids = np.iinfo(truth.dtype).max, np.iinfo(predicted.dtype).max
    for true_class, answer in zip(truth.ravel().tolist(), predicted.ravel().tolist(), strict=True):
        if true_class != voids[0]:
            pair = true_class, -1 if answer == voids[1] else answer
            rows[pair] = rows.get(pair, 0) + 1
    return sorted((*pair, count) for pair, count in rows.items())


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

    def test_unknown_protocol_lists_the_known(self):
        with pytest.raises(ValueError, match="no pixel protocol 'miou'; known are mmseg, ground"):
            pixel.mean_iou(tallied("RC", "RC"), "miou")

    @pytest.mark.parametrize("ignore", [-1, 3])
    def test_a_class_that_is_not_there_cannot_be_ignored(self, ignore):
        with pytest.raises(ValueError, match=f"class {ignore} cannot be ignored: there are 3"):
            pixel.mean_iou(tallied("RC", "RC"), ignore=ignore)

    def test_a_mean_over_images_needs_images(self):
        for score in (pixel.per_image_mean_iou, pixel.dice_per_image):
            with pytest.raises(ValueError, match=r"shape \(\.\.\., I, C\), got \(3,\)"):
                score(tallied("RC", "RC"))


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


class TestClassScores:
    @pytest.mark.parametrize(
        ("truth", "predicted", "expected"),
        [
            pytest.param("RRCC", "RRCC", [1, 1, NAN], id="perfect"),
            pytest.param("RRCC", "CCRR", [0, 0, NAN], id="swapped"),
            # road: 1 shared of 2 + 1 - 1; car: 2 shared of 2 + 3 - 2
            pytest.param("RRCC", "RCCC", [1 / 2, 2 / 3, NAN], id="one pixel off"),
            pytest.param("RR", "TT", [0, NAN, 0], id="predicted class not in the truth"),
            pytest.param("RR..", "RRCT", [1, NAN, NAN], id="void hides false positives"),
            pytest.param("RRCC", "R.CC", [1 / 2, 1, NAN], id="no answer"),
            pytest.param("..", "RC", [NAN, NAN, NAN], id="nothing labelled"),
        ],
    )
    def test_iou(self, truth, predicted, expected):
        np.testing.assert_allclose(pixel.iou(tallied(truth, predicted)), expected)

    def test_dice(self):
        # road: 2 * 1 of 2 + 1; car: 2 * 2 of 2 + 3; tree: nowhere
        np.testing.assert_allclose(pixel.dice(tallied("RRCC", "RCCC")), [2 / 3, 4 / 5, NAN])

    def test_class_accuracy_is_of_the_truth_alone(self):
        scores = pixel.class_accuracy(tallied("RRCC", "RTCC"))
        np.testing.assert_allclose(scores, [1 / 2, 1, NAN])

    def test_iou_agrees_with_pycocotools(self):
        rng = np.random.default_rng(7)
        truth, predicted = rng.integers(0, 2, size=(2, 64, 48), dtype=np.uint8)
        ours = pixel.iou(pixel.tally(pixel.count_pixels(truth, predicted, 2), 2))[1]
        truth_rle, predicted_rle = (
            coco_mask.encode(np.asfortranarray(m)) for m in (truth, predicted)
        )
        assert ours == coco_mask.iou([predicted_rle], [truth_rle], [False])[0, 0]


class TestMeans:
    """Truth RRRRCC, predicted RRRCCT: IoU road 3/4, car 1/3, tree 0 (predicted only)."""

    IMAGE = ("RRRRCC", "RRRCCT")

    @pytest.mark.parametrize(
        ("protocol", "expected"),
        [
            pytest.param("mmseg", (3 / 4 + 1 / 3 + 0) / 3, id="an invented class scores 0"),
            pytest.param("ground-truth-present", (3 / 4 + 1 / 3) / 2, id="or is left out"),
        ],
    )
    def test_mean_iou(self, protocol, expected):
        # a fourth class, in neither, is left out by both
        assert pixel.mean_iou(tallied(*self.IMAGE, 4), protocol) == pytest.approx(expected)

    def test_mmseg_is_the_default(self):
        tally = tallied(*self.IMAGE)
        assert pixel.mean_iou(tally) == pixel.mean_iou(tally, "mmseg")

    def test_per_image_mean_iou(self):
        tallies = tallied_images([self.IMAGE, ("RR", "RC"), ("T", "T")])
        means = (3 / 4 + 1 / 3 + 0) / 3, (1 / 2 + 0) / 2, 1
        assert pixel.mean_iou(tallies, "per-image") == pytest.approx(sum(means) / 3)
        assert pixel.per_image_mean_iou(tallies) == pytest.approx(sum(means) / 3)

    def test_iou_of_summed_counts_is_not_the_mean_of_image_ious(self):
        counts = counted("C", "C", 2) + counted("CCCC", "CRRR", 2)
        assert pixel.iou(pixel.tally(counts, 2))[CAR] == pytest.approx(2 / 5)
        tallies = tallied_images([("C", "C"), ("CCCC", "CRRR")], 2)
        # the second image: car 1/4, and road, which it does not have, 0
        assert pixel.per_image_mean_iou(tallies) == pytest.approx((1 + (1 / 4 + 0) / 2) / 2)
        assert pixel.per_image_mean_iou(tallies, ignore=ROAD) == pytest.approx(5 / 8)

    def test_accuracies(self):
        tally = tallied(*self.IMAGE)
        assert pixel.pixel_accuracy(tally) == pytest.approx(4 / 6)
        assert pixel.mean_accuracy(tally) == pytest.approx((3 / 4 + 1 / 2) / 2)

    def test_pixel_accuracy_counts_missing_answers(self):
        assert pixel.pixel_accuracy(tallied("RRCC", "R..C")) == pytest.approx(1 / 2)

    def test_frequency_weighted_iou(self):
        # tree, only predicted, and a fourth class, in neither, have no share of the truth
        weighted = 4 / 6 * 3 / 4 + 2 / 6 * 1 / 3
        assert pixel.frequency_weighted_iou(tallied(*self.IMAGE, 4)) == pytest.approx(weighted)

    def test_an_ignored_class_is_not_averaged_but_its_errors_stand(self):
        tally = tallied(*self.IMAGE)
        assert pixel.mean_iou(tally, ignore=ROAD) == pytest.approx((1 / 3 + 0) / 2)
        assert pixel.mean_iou(tally, "ground-truth-present", ignore=ROAD) == pytest.approx(1 / 3)
        assert pixel.mean_accuracy(tally, ignore=ROAD) == pytest.approx(1 / 2)
        assert pixel.frequency_weighted_iou(tally, ignore=ROAD) == pytest.approx(1 / 3)
        assert pixel.dice_dataset(tally, ignore=TREE) == pytest.approx((6 / 7 + 2 / 4) / 2)

    def test_nothing_labelled_has_no_score(self):
        nothing = tallied("..", "RC")
        images = pixel.Tally(*(np.zeros((2, 3), dtype=np.int64) for _ in range(3)))
        scores = [
            *(pixel.mean_iou(nothing, name) for name in ("mmseg", "ground-truth-present")),
            pixel.pixel_accuracy(nothing),
            pixel.mean_accuracy(nothing),
            pixel.frequency_weighted_iou(nothing),
            pixel.dice_dataset(nothing),
            pixel.per_image_mean_iou(images),
            pixel.dice_per_image(images),
            pixel.dice_per_image(images, absent=1.0),
        ]
        assert np.isnan(scores).all()

    def test_many_tallies_are_scored_at_once(self):
        rng = np.random.default_rng(3)
        tp, fp, fn = rng.integers(0, 4, size=(3, 2, 5, 3))
        stack = pixel.Tally(tp, fp, fn)
        by_class = (
            pixel.mean_iou,
            pixel.mean_accuracy,
            pixel.pixel_accuracy,
            pixel.frequency_weighted_iou,
            pixel.dice_dataset,
            lambda tally: pixel.mean_iou(tally, "ground-truth-present"),
        )
        for score in by_class:
            single = [
                [score(pixel.Tally(tp[r, i], fp[r, i], fn[r, i])) for i in range(5)]
                for r in range(2)
            ]
            np.testing.assert_array_equal(score(stack), single)
        for score in (pixel.per_image_mean_iou, pixel.dice_per_image):
            single = [score(pixel.Tally(tp[r], fp[r], fn[r])) for r in range(2)]
            np.testing.assert_array_equal(score(stack), single)

    @pytest.mark.parametrize("protocol", PIXEL_PROTOCOLS)
    def test_every_protocol_of_the_registry_is_known(self, protocol):
        assert pixel.mean_iou(tallied_images([("RC", "RC")]), protocol).max() == 1


class TestDice:
    PAIRS = (("RRCC", "RCCC"), ("RRRR", "RRRR"), ("RRRR", "RRRC"))

    def test_dataset(self):
        counts = pixel.PixelCounts.sum(counted(*pair, 2) for pair in self.PAIRS)
        # road 10 true, 8 predicted, 8 shared; car 2 true, 4 predicted, 2 shared
        expected = (16 / 18 + 4 / 6) / 2
        assert pixel.dice_dataset(pixel.tally(counts, 2)) == pytest.approx(expected)

    def test_per_image(self):
        tallies = tallied_images(self.PAIRS, 2)
        means = (2 / 3 + 4 / 5) / 2, 1, (6 / 7 + 0) / 2
        assert pixel.dice_per_image(tallies) == pytest.approx(sum(means) / 3)

    def test_per_image_with_empty_images_rewarded(self):
        tallies = tallied_images(self.PAIRS, 2)
        # the car: 4/5, then in neither, then invented
        assert pixel.dice_per_image(tallies, ignore=ROAD) == pytest.approx((4 / 5 + 0) / 2)
        rewarded = pixel.dice_per_image(tallies, ignore=ROAD, absent=1.0)
        assert rewarded == pytest.approx((4 / 5 + 1 + 0) / 3)

    def test_foreground_takes_all_but_the_background_as_one(self):
        counts = counted("RCTT", "RTC.")
        # of 3 foreground pixels 2 were called foreground, of 2 that were called so
        assert pixel.dice_foreground(counts, ROAD) == pytest.approx(2 * 2 / (3 + 2))
        assert pixel.dice_dataset(pixel.tally(counts, 3), ignore=ROAD) == 0
        assert math.isnan(pixel.dice_foreground(counted("RR", "RR"), ROAD))

    def test_foreground_counts(self):
        counts = pixel.foreground(counted("RRCTT.", "RCTT.C"), ROAD)
        assert as_rows(counts) == [(0, 0, 1), (0, 1, 1), (1, -1, 1), (1, 1, 2)]

    def test_foreground_of_a_painted_background_after_the_last_class(self):
        counts = pixel.foreground(counted("RCTT", "TCTR"), TREE)
        assert as_rows(counts) == [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)]


class TestReferences:
    @pytest.mark.parametrize("seed", range(5))
    def test_scikit_learn(self, seed):
        rng = np.random.default_rng(seed)
        # skewed, so that some classes are rare; the last is only ever predicted
        truth = rng.choice(5, p=[0.6, 0.2, 0.1, 0.1, 0], size=(40, 50)).astype(np.uint8)
        predicted = np.where(rng.random((40, 50)) < 0.7, truth, rng.integers(0, 5, (40, 50)))
        tally = pixel.tally(pixel.count_pixels(truth, predicted.astype(np.uint8), 5), 5)
        flat = truth.ravel(), predicted.ravel()
        options = {"average": None, "labels": range(5), "zero_division": 0}
        np.testing.assert_allclose(pixel.iou(tally), sk.jaccard_score(*flat, **options))
        np.testing.assert_allclose(pixel.dice(tally), sk.f1_score(*flat, **options))
        assert pixel.mean_iou(tally) == pytest.approx(
            sk.jaccard_score(*flat, average="macro"), abs=1e-12
        )
        present = sk.jaccard_score(*flat, average="macro", labels=range(4))
        assert pixel.mean_iou(tally, "ground-truth-present") == pytest.approx(present, abs=1e-12)
        weighted = sk.jaccard_score(*flat, average="weighted")
        assert pixel.frequency_weighted_iou(tally) == pytest.approx(weighted, abs=1e-12)
        recall = sk.recall_score(*flat, average="macro", labels=range(4))
        assert pixel.mean_accuracy(tally) == pytest.approx(recall, abs=1e-12)
        assert pixel.pixel_accuracy(tally) == pytest.approx(sk.accuracy_score(*flat), abs=1e-12)

    def test_balanced_accuracy_of_scikit_learn(self):
        rng = np.random.default_rng(0)
        truth, predicted = rng.integers(0, 4, size=(2, 30, 30), dtype=np.uint8)
        tally = pixel.tally(pixel.count_pixels(truth, predicted, 4), 4)
        expected = sk.balanced_accuracy_score(truth.ravel(), predicted.ravel())
        assert pixel.mean_accuracy(tally) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("seed", range(8))
    def test_rule_of_mmsegmentation(self, seed):
        """Void in the truth, void in the prediction, classes in one of them or in neither."""
        rng = np.random.default_rng(seed)
        truth = rng.choice(np.array([0, 1, 2, 5, VOID], dtype=np.uint8), size=(20, 30))
        predicted = rng.choice(np.array([0, 2, 3, 5, VOID], dtype=np.uint8), size=(20, 30))
        self.check_mmsegmentation(truth, predicted, 7)

    @pytest.mark.shared
    def test_rule_of_mmsegmentation_on_real_maps(self, camvid):
        truth, predicted = (np.stack(maps) for maps in zip(*camvid, strict=True))
        self.check_mmsegmentation(
            truth.reshape(-1, truth.shape[-1]), predicted.reshape(-1, truth.shape[-1]), 11
        )

    @staticmethod
    def check_mmsegmentation(truth, predicted, class_count):
        tally = pixel.tally(pixel.count_pixels(truth, predicted, class_count), class_count)
        iou, accuracy, dice = mmseg_scores(truth, predicted, class_count)
        np.testing.assert_array_equal(pixel.iou(tally), iou)
        np.testing.assert_array_equal(pixel.class_accuracy(tally), accuracy)
        np.testing.assert_array_equal(pixel.dice(tally), dice)
        assert pixel.mean_iou(tally) == pytest.approx(np.nanmean(iou), abs=1e-14)
        assert pixel.mean_accuracy(tally) == pytest.approx(np.nanmean(accuracy), abs=1e-14)
        assert pixel.dice_dataset(tally) == pytest.approx(np.nanmean(dice), abs=1e-14)

    @pytest.mark.shared
    def test_sums_over_images_are_scores_of_the_whole(self, camvid):
        counts = [pixel.count_pixels(truth, predicted, 11) for truth, predicted in camvid]
        total = pixel.tally(pixel.PixelCounts.sum(counts), 11)
        _, tallies = pixel.tallies(*rows_of(counts), 11)
        images = [mmseg_scores(truth, predicted, 11) for truth, predicted in camvid]
        by_image = [np.nanmean(iou) for iou, _, _ in images]
        assert pixel.per_image_mean_iou(tallies) == pytest.approx(np.mean(by_image), abs=1e-12)
        dice_by_image = [np.nanmean(dice) for _, _, dice in images]
        assert pixel.dice_per_image(tallies) == pytest.approx(np.mean(dice_by_image), abs=1e-12)
        whole = mmseg_scores(*(np.stack(maps) for maps in zip(*camvid, strict=True)), 11)
        np.testing.assert_array_equal(pixel.iou(total), whole[0])


def test_scores_need_no_compiler():
    """Pages score stored counts; numba would cost them half a second."""
    code = "import sys, core.metrics.pixel; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_counting_in_a_table_and_by_runs_meet():
    """The two ways are chosen by this number; the cases above stand on both its sides."""
    assert counting._MOST_TABLE_CLASSES == 512
