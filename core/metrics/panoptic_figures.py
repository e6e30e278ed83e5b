"""What the scores of panoptic segments are called and mean."""

from __future__ import annotations

from core.metrics.metric import Metric

_TITLES = {
    "pq": "Panoptic quality",
    "sq": "Segmentation quality",
    "rq": "Recognition quality",
    "pq_things": "Panoptic quality of things",
    "sq_things": "Segmentation quality of things",
    "rq_things": "Recognition quality of things",
    "pq_stuff": "Panoptic quality of stuff",
    "sq_stuff": "Segmentation quality of stuff",
    "rq_stuff": "Recognition quality of stuff",
}
_QUALITIES = {
    "pq": "Sum of the IoU of matched segments by their number and half of the segments without a "
    "match, averaged over",
    "sq": "Mean IoU of matched segments, averaged over",
    "rq": "F1 of segments, matched or not, averaged over",
}
_AVERAGED = {
    "": "the classes",
    "things": "the classes with annotated objects",
    "stuff": "the classes without objects, each one segment an image",
}


def _metric(name: str, title: str) -> Metric:
    quality, _, group = name.partition("_")
    return Metric(
        name=name,
        title=title,
        unit="fraction",
        higher_is_better=True,
        definition=f"{_QUALITIES[quality]} {_AVERAGED[group]}.",
        protocol="Segments of one class with an IoU above .50 match; void is left out, crowd is "
        "never missed (Kirillov et al. 2019, panopticapi 7bb4655). Objects from the painting "
        "threshold on, the most certain on top, over the label map.",
    )


PANOPTIC_METRICS = tuple(_metric(name, title) for name, title in _TITLES.items())
