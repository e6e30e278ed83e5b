"""Scores of label maps, from counts of their pixels."""

import math
import subprocess
import sys

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from sklearn import metrics as sk

from core.metrics import PIXEL_PROTOCOLS, pixel
from tests.core.metrics.maps import (
    CAR,
    ROAD,
    TREE,
    VOID,
    camvid_maps,
    counted,
    rows_of,
    tallied,
    tallied_images,
)

NAN = math.nan


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


@pytest.fixture(scope="module")
def camvid(shared_data):
    maps = list(camvid_maps(shared_data))
    assert len(maps) == 78
    return maps


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
        tally = tallied(*self.IMAGE, 4)
        assert pixel.mean_iou(tally, protocol) == pytest.approx(expected)
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


class TestBadInput:
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


def test_scores_need_no_compiler():
    """Pages score stored counts; numba would cost them half a second."""
    code = "import sys, core.metrics.pixel; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
