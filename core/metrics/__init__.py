"""Metrics: counts of pixels and matches of objects, and the scores they give.

Every score has its entry here, so that a page, a report and the command line call it by one
name and explain it in the same words. Nothing heavy is imported.
"""

from __future__ import annotations

from core.metrics.metric import Metric
from core.metrics.panoptic_figures import PANOPTIC_METRICS

__all__ = ["AP_PROTOCOLS", "METRICS", "PIXEL_PROTOCOLS", "Metric"]

PIXEL_PROTOCOLS: dict[str, str] = {
    "mmseg": (
        "Counts are summed over all images and a class that is predicted but absent from the "
        "truth scores 0, so that inventing a class costs something (mmsegmentation 1.2.2, "
        "IoUMetric)."
    ),
    "ground-truth-present": (
        "Counts are summed over all images and only classes that occur in the truth are "
        "averaged, so that the mean has the same classes for every run (detectron2, "
        "SemSegEvaluator)."
    ),
    "per-image": (
        "Each image is scored by itself over the classes in its truth or its prediction and the "
        "images are averaged, so that a small object counts in its image as much as a large one "
        "in another."
    ),
}

AP_PROTOCOLS: dict[str, str] = {
    "coco": (
        "The mean of the highest precision at 101 recall points or beyond, as pycocotools 2.0.11 "
        "takes it."
    ),
    "voc07": (
        "The mean at 11 recall points only (Pascal VOC 2007): coarser, so one find more or less "
        "moves it by steps."
    ),
    "voc": (
        "The whole area under the curve (Pascal VOC 2010 and later): no points, so it differs from "
        "COCO's by what lies between its 101."
    ),
}


def _pixel_metric(
    name: str, title: str, definition: str, protocol: str, *, higher_is_better: bool = True
) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit="fraction",
        higher_is_better=higher_is_better,
        definition=definition,
        protocol=f"{protocol} Void pixels of the truth are left out.",
    )


_WRONG = {
    "boundary_error": ("Boundary error", "near an outline that is there"),
    "extent_error": (
        "Extent error",
        "in a region that was found, but is too large or too small",
    ),
    "segment_error": ("Segment error", "in a region that was not found, or is invented"),
}
_PIXEL_METRICS = (
    _pixel_metric(
        "miou",
        "Mean IoU",
        "Intersection over union of predicted and true pixels, averaged over the classes.",
        "One of the pixel protocols, mmseg (mmsegmentation 1.2.2, IoUMetric) unless another is "
        "chosen.",
    ),
    _pixel_metric(
        "pixel_accuracy",
        "Pixel accuracy",
        "Share of the labelled pixels that were given their true class.",
        "Counts summed over all images (mmsegmentation 1.2.2, aAcc).",
    ),
    _pixel_metric(
        "mean_accuracy",
        "Mean accuracy",
        "Share of a class's pixels that were found, averaged over the classes in the truth.",
        "Counts summed over all images (mmsegmentation 1.2.2, mAcc).",
    ),
    _pixel_metric(
        "dice",
        "Dice",
        "Twice the shared pixels by the predicted and the true pixels together, averaged over "
        "the classes.",
        "Counts summed over all images, classes in neither truth nor prediction left out "
        "(mmsegmentation 1.2.2, mDice).",
    ),
    _pixel_metric(
        "fw_iou",
        "Frequency-weighted IoU",
        "Intersection over union of predicted and true pixels, each class weighted by its share "
        "of the labelled pixels.",
        "Counts summed over all images (detectron2, SemSegEvaluator, fwIoU).",
    ),
    _pixel_metric(
        "boundary_iou",
        "Boundary IoU",
        "Intersection over union of the predicted and the true pixels near the outlines, averaged "
        "over the classes.",
        "Near is within 2 % of the image's diagonal, edge of the image included (Cheng et al. "
        "2021, boundary-iou-api); each class by itself, averaged by the pixel protocol.",
    ),
    *(
        _pixel_metric(
            name,
            title,
            f"Share of the pixels annotated or predicted as a class that are wrong {where}, "
            "averaged over the classes; with mean IoU the three errors make 1.",
            "Lower is better. Kinds of Bernhard et al. 2024 (beyond-iou), each class by itself, "
            "averaged by the pixel protocol.",
            higher_is_better=False,
        )
        for name, (title, where) in _WRONG.items()
    ),
    _pixel_metric(
        "foreground_iou",
        "Foreground IoU",
        "Intersection over union of everything that is not background, taken as one class.",
        "Counts summed over all images; confusions between other classes do not count.",
    ),
    _pixel_metric(
        "dice_foreground",
        "Foreground Dice",
        "Twice the shared pixels by the predicted and the true ones together, for everything "
        "that is not background, taken as one class.",
        "Counts summed over all images; confusions between other classes do not count.",
    ),
)

_ALL_IOU = "averaged over recall, IoU thresholds .50 to .95 and classes"
_FOUND = "Share of the objects found, averaged over IoU thresholds .50 to .95 and classes, with"
_SMALL, _MEDIUM, _LARGE = "up to 32² pixels", "of 32² to 96² pixels", "from 96² pixels on"

_COCO_FIGURES = {
    "ap": ("AP", f"Precision {_ALL_IOU}."),
    "ap50": ("AP50", "Precision averaged over recall and classes, at IoU .50."),
    "ap75": ("AP75", "Precision averaged over recall and classes, at IoU .75."),
    "ap_small": ("AP small", f"Precision on objects {_SMALL}, {_ALL_IOU}."),
    "ap_medium": ("AP medium", f"Precision on objects {_MEDIUM}, {_ALL_IOU}."),
    "ap_large": ("AP large", f"Precision on objects {_LARGE}, {_ALL_IOU}."),
    "ar1": ("AR1", f"{_FOUND} one prediction of a class in an image."),
    "ar10": ("AR10", f"{_FOUND} 10 predictions of a class in an image."),
    "ar100": ("AR100", f"{_FOUND} 100 predictions of a class in an image."),
    "ar_small": ("AR small", f"{_FOUND} 100 predictions, for objects {_SMALL}."),
    "ar_medium": ("AR medium", f"{_FOUND} 100 predictions, for objects {_MEDIUM}."),
    "ar_large": ("AR large", f"{_FOUND} 100 predictions, for objects {_LARGE}."),
}


def _coco_metrics(geometry: str, iou_type: str) -> tuple[Metric, ...]:
    """Return COCO's twelve figures for the overlap of boxes or of masks."""
    return tuple(
        Metric(
            name=f"{geometry}_{name}",
            title=f"{geometry.capitalize()} {title}",
            unit="fraction",
            higher_is_better=True,
            definition=definition,
            protocol=f"pycocotools 2.0.11, COCOeval with iouType {iou_type!r}.",
        )
        for name, (title, definition) in _COCO_FIGURES.items()
    )


def _image_metric(
    name: str, title: str, definition: str, protocol: str, *, higher_is_better: bool = True
) -> Metric:
    return Metric(name, title, "fraction", higher_is_better, definition, protocol)


_IMAGE_METRICS = (
    _image_metric(
        "top1",
        "Top-1 accuracy",
        "Share of the images that were given their class.",
        "The most probable class counts (scikit-learn 1.9, accuracy_score).",
    ),
    _image_metric(
        "macro_f1",
        "Macro F1",
        "F1 of each class over images, averaged over the classes.",
        "Classes in neither truth nor prediction are left out (scikit-learn 1.9, f1_score with "
        "average='macro').",
    ),
    _image_metric(
        "localization_iou",
        "Localisation IoU",
        "Intersection over union of the predicted and the true box, averaged over the images.",
        "One object an image; an image without an answer counts 0.",
    ),
    _image_metric(
        "joint_accuracy",
        "Class and place",
        "Share of the images whose class is right and whose box has an IoU of at least .50.",
        "One guess an image (ILSVRC localisation, Russakovsky et al. 2015).",
    ),
    _image_metric(
        "ece",
        "Calibration error",
        "Mean distance between the probability of answers and the share of them that is right.",
        "15 bins of equal width, weighted by their answers (Guo et al. 2017).",
        higher_is_better=False,
    ),
)

_SHOWN = "of whether images show a class, averaged over the classes"
_SAID = (
    "By the probabilities that the system gives for the image as a whole, a class being said from "
    ".50 on"
)
_OCCURRING = "Classes in neither truth nor prediction are left out"

_IMAGE_LABEL_METRICS = (
    _image_metric(
        "image_label_f1",
        "Image label F1",
        f"F1 {_SHOWN}.",
        f"{_SAID}. {_OCCURRING} (scikit-learn 1.9, f1_score with average='macro').",
    ),
    _image_metric(
        "image_label_precision",
        "Image label precision",
        "Share of the images said to show a class that show it, averaged over the classes.",
        f"{_SAID}. {_OCCURRING}; one that is shown but never said has 0 (scikit-learn 1.9).",
    ),
    _image_metric(
        "image_label_recall",
        "Image label recall",
        "Share of the images that show a class that were said to, averaged over the classes.",
        f"{_SAID}. {_OCCURRING}; one that is said but never shown has 0 (scikit-learn 1.9).",
    ),
    _image_metric(
        "image_label_f1_tuned",
        "Image label F1, tuned",
        f"F1 {_SHOWN}, from the probability on that is best on another split.",
        "One threshold of .01 to .99 for all classes, chosen where the same system, weights and "
        "settings have another run: on val, else on the first other split by name, never on test.",
    ),
    _image_metric(
        "image_label_ap",
        "Image label AP",
        f"Average precision {_SHOWN}.",
        "By the probabilities that the system gives for the image as a whole, not interpolated; "
        "classes that no image shows are left out (scikit-learn 1.9, average_precision_score).",
    ),
    _image_metric(
        "image_label_ece",
        "Image label calibration error",
        "Mean distance between the probability of labels and the share of images that show them.",
        "All pairs of image and class in 15 bins of equal width, weighted by their pairs (Guo et "
        "al. 2017).",
        higher_is_better=False,
    ),
    _image_metric(
        "derived_label_f1",
        "Derived label F1",
        f"F1 {_SHOWN}, derived from the objects or the label map that the system found.",
        "Not said by the system: a class counts as said from a score of .50 on, or from 16 "
        f"pixels of a label map on. {_OCCURRING}.",
    ),
    _image_metric(
        "derived_label_ap",
        "Derived label AP",
        f"Average precision {_SHOWN}, derived from the highest score of its objects.",
        "Not said by the system, and none for label maps, which rank nothing. Classes that no "
        "image shows are left out (scikit-learn 1.9, average_precision_score).",
    ),
)

_SECONDS = Metric(
    name="seconds_per_image",
    title="Seconds per image",
    unit="seconds",
    higher_is_better=False,
    definition="Mean of the seconds that the system took for each image it was timed on.",
    protocol="As measured by the batch job, or as the imported file says.",
)

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *_PIXEL_METRICS,
        *PANOPTIC_METRICS,
        *_coco_metrics("box", "bbox"),
        *_coco_metrics("mask", "segm"),
        *_IMAGE_METRICS,
        *_IMAGE_LABEL_METRICS,
        _SECONDS,
    )
}
