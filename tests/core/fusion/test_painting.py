"""Painting: objects that overlap become a map with one class a pixel."""

import json
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from core import fusion
from core.errors import UsageError
from core.metrics import pixel
from core.structures import Objects, Rle

VOID = 255

# pycocotools 2.0.11 has not followed NumPy 2 in one place; its masks are right all the same.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def rle_of(mask):
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return Rle(*mask.shape, encoded["counts"])


def objects_of(masks, categories, *, scores=None, areas=None, crowd=None):
    count = len(masks)
    return Objects(
        boxes=np.zeros((count, 4)),
        categories=np.array(categories, dtype=np.int32),
        areas=np.array([m.sum() for m in masks] if areas is None else areas, dtype=np.float64),
        crowd=np.zeros(count, dtype=bool) if crowd is None else np.array(crowd, dtype=bool),
        scores=None if scores is None else np.array(scores, dtype=np.float64),
        masks=tuple(rle_of(mask) for mask in masks),
    )


def drawn(*rows):
    """Draw a mask: # object, . not."""
    return np.array([[letter == "#" for letter in row] for row in rows])


def naive_paint(objects, order, shape, ground):
    """Decode each mask to a full image and assign."""
    painted = np.full(shape, ground, dtype=np.int64)
    for index in order:
        rle = objects.masks[index]
        mask = coco_mask.decode({"size": [rle.height, rle.width], "counts": rle.counts})
        painted[mask == 1] = objects.categories[index]
    return painted


def naive_prediction(objects, shape, ground, threshold):
    order = [index for index in range(len(objects)) if objects.scores[index] >= threshold]
    order.sort(key=lambda index: (objects.scores[index], -objects.areas[index], index))
    return naive_paint(objects, order, shape, ground)


def naive_annotation(objects, shape, ground):
    order = sorted(
        range(len(objects)),
        key=lambda index: (not objects.crowd[index], -objects.areas[index], index),
    )
    return naive_paint(objects, order, shape, ground)


@st.composite
def scenes(draw):
    """Random overlapping masks with many ties of score and of area."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    count = draw(st.integers(0, 7))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    masks = rng.random((count, *shape)) < rng.random((count, 1, 1))
    objects = objects_of(
        masks,
        rng.integers(0, 5, count),
        scores=rng.choice([0.0, 0.3, 0.5, 1.0], count),
        areas=rng.choice([1.0, 4.0, 4.5], count),
        crowd=rng.random(count) < 0.3,
    )
    return objects, shape


class TestPredictions:
    LEFT, MIDDLE = drawn("##..", "##.."), drawn(".##.", "....")

    @pytest.mark.parametrize(
        ("scores", "expected"),
        [
            pytest.param([0.4, 0.9], [[0, 1, 1, 2], [0, 0, 2, 2]], id="the second is certain"),
            pytest.param([0.9, 0.4], [[0, 0, 1, 2], [0, 0, 2, 2]], id="the first is certain"),
            pytest.param([0.5, 0.5], [[0, 1, 1, 2], [0, 0, 2, 2]], id="a tie: small on top"),
        ],
    )
    def test_the_most_certain_is_on_top(self, scores, expected):
        for order in ([0, 1], [1, 0]):
            objects = objects_of(
                [(self.LEFT, self.MIDDLE)[index] for index in order],
                order,
                scores=[scores[index] for index in order],
            )
            assert fusion.paint(objects, 2, 4, 2, threshold=None).tolist() == expected

    def test_of_equal_scores_and_areas_the_later_in_the_file_is_on_top(self):
        objects = objects_of([drawn("##."), drawn(".##")], [1, 0], scores=[0.5, 0.5])
        assert fusion.paint(objects, 1, 3, 2, threshold=None).tolist() == [[1, 0, 0]]

    @pytest.mark.parametrize(
        ("threshold", "expected"),
        [
            (None, [0, 1, 2]),
            (0.3, [0, 1, 2]),
            (0.300001, [3, 1, 2]),
            (0.7, [3, 3, 2]),
            (1, [3] * 3),
        ],
    )
    def test_objects_below_the_threshold_are_left_out(self, threshold, expected):
        masks = [drawn("#.."), drawn(".#."), drawn("..#")]
        objects = objects_of(masks, [0, 1, 2], scores=[0.3, 0.6, 0.7])
        assert fusion.paint(objects, 1, 3, 3, threshold=threshold).tolist() == [expected]

    def test_background(self):
        objects = objects_of([drawn("#.")], [1], scores=[0.5])
        assert fusion.paint(objects, 1, 2, 4, threshold=None).tolist() == [[1, 4]]
        painted = fusion.paint(objects, 1, 2, 4, threshold=None, background=0)
        assert painted.tolist() == [[1, 0]]
        assert fusion.label_count(4, None) == 5
        assert fusion.label_count(4, 0) == 4

    @pytest.mark.parametrize("masks", [(), None])
    def test_no_objects_give_background(self, masks):
        empty = np.zeros(0)
        nothing = Objects(
            np.zeros((0, 4)), empty.astype(np.int32), empty, empty.astype(bool), empty, masks
        )
        assert fusion.paint(nothing, 2, 3, 7, threshold=0.5).tolist() == [[7] * 3] * 2

    @pytest.mark.parametrize(
        ("class_count", "dtype"), [(254, np.uint8), (255, np.uint16), (300, np.uint16)]
    )
    def test_the_map_holds_background_and_void(self, class_count, dtype):
        objects = objects_of([drawn("#.")], [class_count - 1], scores=[0.5])
        painted = fusion.paint(objects, 1, 2, class_count, threshold=None)
        assert painted.dtype == dtype
        assert painted.tolist() == [[class_count - 1, class_count]]
        assert painted.max() < np.iinfo(dtype).max

    @settings(deadline=None)  # the first example compiles
    @given(scenes(), st.sampled_from([None, 0.0, 0.3, 0.31, 0.5, 1.0]))
    def test_any_scene_equals_decode_and_assign(self, scene, threshold):
        objects, shape = scene
        painted = fusion.paint(objects, *shape, 5, threshold=threshold)
        naive = naive_prediction(objects, shape, 5, threshold or 0)
        np.testing.assert_array_equal(painted, naive)
        assert painted.flags.c_contiguous

    @pytest.mark.shared
    def test_real_predictions_equal_decode_and_assign(self, shared_data):
        for objects, shape in real_predictions(shared_data)[:25]:
            for threshold in (0.05, 0.25):
                painted = fusion.paint(objects, *shape, 80, threshold=threshold)
                naive = naive_prediction(objects, shape, 80, threshold)
                np.testing.assert_array_equal(painted, naive)


class TestAnnotations:
    def test_small_objects_are_on_top_and_crowd_regions_below(self):
        masks = [drawn("#..."), drawn("####"), drawn("##.."), drawn("###.")]
        objects = objects_of(masks, [0, 1, 2, 3], crowd=[True, False, False, True])
        # crowds: the larger, then the smaller; then the large and the small object
        assert fusion.paint_annotation(objects, 1, 4, 4, None).tolist() == [[2, 2, 1, 1]]
        crowds = objects_of([masks[0], masks[3]], [0, 3], crowd=[True, True])
        assert fusion.paint_annotation(crowds, 1, 4, 4, None).tolist() == [[0, 3, 3, 4]]

    def test_the_area_of_the_file_decides(self):
        masks = [drawn("##"), drawn("##")]
        objects = objects_of(masks, [0, 1], areas=[7.0, 8.0])
        assert fusion.paint_annotation(objects, 1, 2, 2, None).tolist() == [[0, 0]]
        equal = objects_of(masks, [0, 1], areas=[7.0, 7.0])
        assert fusion.paint_annotation(equal, 1, 2, 2, None).tolist() == [[1, 1]]

    @settings(deadline=None)
    @given(scenes())
    def test_any_scene_equals_decode_and_assign(self, scene):
        objects, shape = scene
        painted = fusion.paint_annotation(objects, *shape, 5, 2)
        np.testing.assert_array_equal(painted, naive_annotation(objects, shape, 2))


class TestBadInput:
    def test_what_cannot_be_painted_is_named(self):
        annotated = objects_of([drawn("#.")], [0])
        with pytest.raises(ValueError, match="objects without scores are annotations"):
            fusion.paint(annotated, 1, 2, 3, threshold=None)
        boxes = Objects(
            annotated.boxes, annotated.categories, annotated.areas, annotated.crowd, np.ones(1)
        )
        with pytest.raises(ValueError, match="1 objects without masks cannot be painted"):
            fusion.paint(boxes, 1, 2, 3, threshold=None)

    def test_masks_are_of_the_size_of_the_image(self):
        objects = objects_of([drawn("#."), drawn("#.", "..")], [0, 0], scores=[0.5, 0.5])
        with pytest.raises(ValueError, match="mask of object 1 is 2 x 2, but the image is 1 x 2"):
            fusion.paint(objects, 1, 2, 3, threshold=None)
        with pytest.raises(ValueError, match="mask of object 0 is 1 x 2, but the image is 2 x 1"):
            fusion.paint(objects, 2, 1, 3, threshold=0.4)

    def test_classes_are_below_the_class_count(self):
        objects = objects_of([drawn("#.")], [3], scores=[0.5])
        with pytest.raises(ValueError, match="class 3 cannot be painted: there are 3 classes"):
            fusion.paint(objects, 1, 2, 3, threshold=None)
        for painted in (objects, objects_of([], [], scores=[])):
            with pytest.raises(ValueError, match="class 9 cannot be painted: there are 4 classes"):
                fusion.paint(painted, 1, 2, 4, threshold=None, background=9)


class TestThreshold:
    def test_the_best_of_the_grid(self):
        """A right object of .6 and an invented one of .3: from .35 to .6 all is right."""
        truth = np.array([[0, 0, 2, 2]], dtype=np.uint8)
        masks = [drawn("##.."), drawn("..##")]
        objects = objects_of(masks, [0, 1], scores=[0.6, 0.3])
        threshold, means = fusion.choose_threshold([(truth, objects)], 2, None)
        assert threshold == 0.35
        assert list(means) == list(fusion.THRESHOLDS)
        # all painted: class 0 right, class 1 invented, background missed
        assert means[0.3] == pytest.approx(1 / 3)
        assert (means[0.35], means[0.6]) == (1, 1)
        # nothing painted: background 2 of 4, class 0 missed
        assert means[0.65] == pytest.approx(1 / 4)

    def test_of_equal_thresholds_the_lowest_is_chosen(self):
        truth = np.array([[0, 1]], dtype=np.uint8)
        objects = objects_of([drawn("#.")], [0], scores=[0.9])
        read_once = ((truth, objects) for _ in range(3))
        assert fusion.choose_threshold(read_once, 1, None, [0.5, 0.2, 0.95])[0] == 0.2

    @settings(deadline=None, max_examples=20)
    @given(st.lists(scenes(), min_size=1, max_size=3), st.sampled_from([None, 2]))
    def test_means_are_those_of_maps_painted_one_by_one(self, several, background):
        images = [(self.truth_of(index, s), o) for index, (o, s) in enumerate(several)]
        threshold, means = fusion.choose_threshold(images, 5, background, (0.2, 0.3, 0.6))
        for tried, mean in means.items():
            painted = [
                fusion.paint(objects, *truth.shape, 5, threshold=tried, background=background)
                for truth, objects in images
            ]
            counts = pixel.PixelCounts.sum(
                pixel.count_pixels(truth, label_map, 6)
                for (truth, _), label_map in zip(images, painted, strict=True)
            )
            assert mean == pixel.mean_iou(pixel.tally(counts, 6))
        assert means[threshold] == max(means.values())

    @staticmethod
    def truth_of(seed, shape):
        truth = np.random.default_rng(seed).choice([0, 1, 2, 4, VOID], shape).astype(np.uint8)
        truth[0, 0] = 1
        return truth

    @pytest.mark.parametrize("images", [0, 2])
    def test_without_labelled_pixels_no_threshold_can_be_chosen(self, images):
        truth = np.full((1, 2), VOID, dtype=np.uint8)
        objects = objects_of([drawn("#.")], [0], scores=[0.9])
        with pytest.raises(UsageError, match="none of the images has a labelled pixel"):
            fusion.choose_threshold([(truth, objects)] * images, 1, None)

    def test_the_grid_holds_the_decimals_themselves(self):
        assert fusion.THRESHOLDS[2] == 0.15
        assert (len(fusion.THRESHOLDS), fusion.THRESHOLDS[-1]) == (19, 0.95)


def real_predictions(folder):
    """Return objects and image size for each image of a real result file."""
    path = folder / "coco_val2017" / "results" / "yolov8n-seg_int8_segm.json"
    by_image = defaultdict(list)
    for entry in json.loads(path.read_text()):
        by_image[entry["image_id"]].append(entry)
    scenes = []
    for entries in by_image.values():
        rles = [entry["segmentation"] for entry in entries]
        encoded = [{"size": rle["size"], "counts": rle["counts"].encode()} for rle in rles]
        count = len(entries)
        objects = Objects(
            boxes=np.zeros((count, 4)),
            # the file's ids have holes; any class indices will do here
            categories=np.array([e["category_id"] % 80 for e in entries], dtype=np.int32),
            areas=coco_mask.area(encoded).astype(np.float64),
            crowd=np.zeros(count, dtype=bool),
            scores=np.array([e["score"] for e in entries]),
            masks=tuple(Rle(*e["size"], e["counts"]) for e in encoded),
        )
        scenes.append((objects, tuple(rles[0]["size"])))
    return scenes
