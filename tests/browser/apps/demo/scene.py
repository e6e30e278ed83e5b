"""A made-up image with all that viewer and gallery must cope with, and lists for the filters."""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from pycocotools import mask as coco_mask

from core.structures import Objects, Rle
from pages.ui.layers import Layer
from pages.ui.mask_layers import wrong_pixel_kinds
from pages.ui.palette import ANNOTATION_COLOUR, class_colours, run_colours
from pages.ui.shell import App

HOSTILE = "<img src=x onerror=alert(1)>"
NAMES = ["road", "car", HOSTILE, "tree", "background"]
BACKGROUND = 4
CLASSES = list(zip(range(5), NAMES, class_colours(5, BACKGROUND), strict=True))
HEIGHT, WIDTH = 120, 160
VOID = 255
RUNS = ["first", "second"]


def photograph() -> bytes:
    """A gradient, so that each place looks different."""
    return cv2.imencode(".png", gradient()[:, :, ::-1])[1].tobytes()


def turned_photograph() -> bytes:
    """The same as a JPEG whose EXIF asks to be turned by 90 degrees."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    Image.fromarray(gradient()).save(file, "JPEG", quality=95, subsampling=0, exif=exif)
    return file.getvalue()


def gradient() -> np.ndarray:
    across = np.linspace(60, 220, WIDTH)[None, :].repeat(HEIGHT, 0)
    down = np.linspace(220, 90, HEIGHT)[:, None].repeat(WIDTH, 1)
    return np.dstack([across, down, np.full_like(across, 150)]).astype(np.uint8)


def truth_map() -> np.ndarray:
    labels = np.full((HEIGHT, WIDTH), BACKGROUND, np.uint8)
    labels[80:, :] = 0
    labels[60:90, 20:70] = 1
    labels[10:40, 100:140] = 2
    labels[:20, :30] = VOID
    return labels


def predicted_map(shift: int) -> np.ndarray:
    labels = np.full((HEIGHT, WIDTH), BACKGROUND, np.uint16)
    labels[80:, :] = 0
    labels[60:90, 20 + shift : 70 + shift] = 1
    labels[10:40, 100:140] = 3
    labels[100:, 140:] = 65535
    return labels


def objects(boxes, categories, scores=None) -> Objects:
    masks = []
    for x, y, width, height in boxes:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8, order="F")
        mask[y : y + height, x : x + width] = 1
        masks.append(Rle(HEIGHT, WIDTH, coco_mask.encode(mask)["counts"]))
    array = np.array(boxes, float)
    return Objects(
        boxes=array,
        categories=np.array(categories, np.int32),
        areas=array[:, 2] * array[:, 3],
        crowd=np.zeros(len(boxes), bool),
        scores=None if scores is None else np.array(scores),
        masks=tuple(masks),
    )


def layers(runs=RUNS) -> list[Layer]:
    colours = run_colours(RUNS)
    annotation = objects([(20, 60, 50, 30), (100, 10, 40, 30)], [1, 2])
    predictions = [
        Layer(
            run,
            colours[run],
            label_map=predicted_map(10 * (i + 1)),
            objects=objects(
                [(20 + 10 * (i + 1), 60, 50, 30), (60, 15, 20, 20)], [1, 3], [0.9, 0.3]
            ),
            outcomes=["right", "false positive"],
            ious=[0.5, None],
            notes=["", "background"],
            missed=[1],
            error_kinds=wrong_pixel_kinds(truth_map(), predicted_map(10 * (i + 1)), len(NAMES)),
        )
        for i, run in enumerate(RUNS)
        if run in runs
    ]
    return [Layer("annotation", ANNOTATION_COLOUR, truth_map(), annotation), *predictions]


class Lists:
    """Two data sets with different splits, runs and classes."""

    def datasets(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "dataset": ["streets", "streets", "cells"],
                "split": ["val", "test", "val"],
                "runs": [2, 1, 2],
            }
        )

    def runs(self, dataset: str, split: str) -> pd.DataFrame:
        runs = {"streets": RUNS, "cells": ["unet", "second"]}[dataset]
        return pd.DataFrame({"run": runs if split == "val" else runs[:1]})

    def classes(self, dataset: str) -> pd.DataFrame:
        names = {"streets": NAMES[:4], "cells": ["cell", "car"]}[dataset]
        return pd.DataFrame({"class": range(len(names)), "name": names})


def home() -> None:
    st.title("Start")


DEMO = App(home, Lists(), Path(__file__).parent)
