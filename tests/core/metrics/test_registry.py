"""METRICS: every score under one name, explained in one sentence."""

import subprocess
import sys

import pytest

from core.metrics import METRICS, PIXEL_PROTOCOLS

FIGURES = {
    *(f"ap{suffix}" for suffix in ("", "50", "75", "_small", "_medium", "_large")),
    *(f"ar{suffix}" for suffix in ("1", "10", "100", "_small", "_medium", "_large")),
}
PIXEL_SCORES = {
    *("miou", "pixel_accuracy", "mean_accuracy", "dice", "fw_iou"),
    *("boundary_iou", "foreground_iou", "dice_foreground"),
    *("boundary_error", "extent_error", "segment_error"),
}
SEGMENT_SCORES = {f"{name}{of}" for name in ("pq", "sq", "rq") for of in ("", "_things", "_stuff")}
IMAGE_SCORES = {"top1", "macro_f1", "localization_iou", "joint_accuracy", "ece"}
LABEL_SCORES = {
    *("image_label_f1", "image_label_precision", "image_label_recall", "image_label_f1_tuned"),
    *("image_label_ap", "image_label_ece", "derived_label_f1", "derived_label_ap"),
}
LOWER_IS_BETTER = {
    *("seconds_per_image", "ece", "image_label_ece"),
    *("boundary_error", "extent_error", "segment_error"),
}


def test_names_are_those_of_the_command_line():
    detection = {f"{geometry}_{figure}" for geometry in ("box", "mask") for figure in FIGURES}
    scores = PIXEL_SCORES | SEGMENT_SCORES | detection | IMAGE_SCORES | LABEL_SCORES
    assert set(METRICS) == scores | {"seconds_per_image"}


@pytest.mark.parametrize("name", METRICS)
def test_metric_is_described(name):
    metric = METRICS[name]
    assert metric.name == name
    assert metric.title
    assert metric.title[0].isupper()
    assert metric.protocol.endswith(".")
    # one sentence; the thresholds .50 and .95 are the only other points
    assert metric.definition.endswith(".")
    assert ". " not in metric.definition
    assert metric.unit == ("seconds" if name == "seconds_per_image" else "fraction")
    assert metric.higher_is_better == (name not in LOWER_IS_BETTER)


def test_no_two_metrics_are_told_alike():
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)
    explained = {(metric.definition, metric.protocol) for metric in METRICS.values()}
    assert len(explained) == len(METRICS)


@pytest.mark.parametrize("name", PIXEL_PROTOCOLS)
def test_protocol_says_why(name):
    why = PIXEL_PROTOCOLS[name]
    assert "so that" in why
    assert why.endswith(".")


def test_the_registry_imports_nothing_heavy():
    code = "import sys, core.metrics; print({'numpy', 'numba', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
