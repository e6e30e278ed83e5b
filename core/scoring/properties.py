"""What images are like: the properties they are filtered by, and in which slices runs are weak."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.store.queries import explore

Ranges = Mapping[str, tuple[float, float]]
Say = Callable[..., str]


@dataclass(frozen=True)
class Property:
    """One property of images; its values lie on whole steps, so that ranges name them exactly.

    Attributes:
        title: on screen, with the unit.
        definition: one sentence.
        step: the values are whole multiples of this.
        most: the largest value there can be, or None where the images say.
    """

    title: str
    definition: str
    step: float = 1.0
    most: float | None = None


PROPERTIES: Final[Mapping[str, Property]] = {
    "brightness": Property(
        "Brightness", "Mean luma (BT.601) of the photograph, 0 black to 255 white.", 0.1, 255.0
    ),
    "contrast": Property("Contrast", "Standard deviation of the luma.", 0.1, 127.5),
    "image_side": Property(
        "Image size, pixels", "Side of the square with as many pixels as the image, rounded."
    ),
    "object_count": Property("Objects", "Annotated objects on the image; crowd regions are none."),
    "small_share": Property(
        "Small objects, per cent",
        "Share of the objects whose area is at most 32² square pixels, rounded to per cent; an "
        "image without objects has none.",
        most=100.0,
    ),
}


def image_properties(cursor: duckdb.DuckDBPyConnection, dataset: int, split: str) -> pd.DataFrame:
    """Return image_id and each of `PROPERTIES`, float64, of every image of a split.

    NaN where a photograph was not measured, where there are no objects to be small, and
    everywhere where the split has no objects at all.
    """
    rows = explore.image_properties(cursor, dataset, split)
    objects = rows["objects"].to_numpy(np.float64)
    objects = objects if objects.any() else np.full(len(rows), np.nan)
    with np.errstate(invalid="ignore"):
        share = rows["small"].to_numpy() / objects
    return pd.DataFrame(
        {
            "image_id": rows["image_id"],
            "brightness": rows["brightness"].astype(np.float64),
            "contrast": rows["contrast"].astype(np.float64),
            "image_side": np.sqrt(rows["height"].astype(np.float64) * rows["width"]).round(),
            "object_count": objects,
            "small_share": (100 * share).round(),
        }
    )


def in_english(text: str, /, **values: object) -> str:
    """Return a text with its fields filled in.

    Example:
        >>> in_english("{low:g} to {high:g}", low=0.0, high=70.5)
        '0 to 70.5'
    """
    return text.format(**values)


def range_words(name: str, low: float, high: float, say: Say = in_english) -> str:
    """Return a range in words, as in "Brightness 0 to 70.5"; an open end is infinite.

    Args:
        name: of `PROPERTIES`.
        low: included.
        high: included.
        say: fills in a text's fields, in any language.

    Example:
        >>> range_words("object_count", 8.0, float("inf"))
        'Objects from 8 on'
    """
    title = say(PROPERTIES[name].title).split(",")[0]
    if math.isinf(high):
        if math.isinf(low):
            return say("{title} of any value", title=title)
        return say("{title} from {low:g} on", title=title, low=low)
    if math.isinf(low):
        return say("{title} up to {high:g}", title=title, high=high)
    return say("{title} {low:g} to {high:g}", title=title, low=low, high=high)


def images_within(properties: pd.DataFrame, ranges: Ranges) -> tuple[int, ...]:
    """Return the image_id of the images whose values lie in all ranges, both ends included.

    Images without a value lie in no range of it.

    Args:
        properties: of `image_properties`.
        ranges: of `PROPERTIES` by name: lowest and highest value.
    """
    kept = np.ones(len(properties), bool)
    for name, (low, high) in ranges.items():
        # values and ends are whole steps, which floats only come close to
        slack = PROPERTIES[name].step / 4
        kept &= properties[name].between(low - slack, high + slack).to_numpy()
    return tuple(properties.loc[kept, "image_id"].tolist())
