"""Which images count: by what they are like, by their tags, by their ids; one rule for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from core.scoring.properties import (
    Say,
    image_properties,
    images_within,
    in_english,
    range_words,
)
from core.store.memory import remembered
from core.store.queries import catalogue
from core.store.rows import image_ids

OwnTags = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class ImageFilter:
    """Which images of a split count: those that pass every part.

    Attributes:
        ranges: property (of `core.scoring.properties.PROPERTIES`), lowest and highest value, both
            included; an image without the value does not pass.
        tags: of which an image carries at least one, of the data set or its own; none stands for
            all images.
        own_tags: what people wrote down, as of `core.notes.Notes.tags`: split, tag, and the id
            that the files use.
        ids: that the files use, or None for all.
    """

    ranges: tuple[tuple[str, float, float], ...] = ()
    tags: tuple[str, ...] = ()
    own_tags: OwnTags = ()
    ids: tuple[int, ...] | None = None

    @property
    def passes_all(self) -> bool:
        """Return whether nothing is asked of an image."""
        return not self.ranges and not self.tags and self.ids is None

    def words(self, say: Say = in_english) -> str:
        """Return what is asked of an image, as in "Brightness 0 to 70.5; tagged night or rain".

        Args:
            say: fills in a text's fields, in any language.
        """
        parts = [range_words(*each, say=say) for each in self.ranges]
        if self.tags:
            parts.append(say("tagged {tag}", tag=say(" or ").join(self.tags)))
        if self.ids is not None:
            text = "id {ids}" if len(self.ids) == 1 else "ids {ids}"
            parts.append(say(text, ids=", ".join(map(str, self.ids))))
        return "; ".join(parts)


EVERY_IMAGE: Final = ImageFilter()


def filtered_images(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, wanted: ImageFilter
) -> tuple[int, ...] | None:
    """Return the image_id of the images of a split that pass, ascending, or None for all.

    Args:
        cursor: of `Store.read()`.
        dataset: dataset_id.
        split: of it.
        wanted: which images count.
    """
    if wanted.passes_all:
        return None
    return remembered(
        "images that pass",
        (dataset, split, wanted),
        lambda: _passing(cursor, dataset, split, wanted),
        lambda keys: 40 * len(keys),
    )


def _passing(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, wanted: ImageFilter
) -> tuple[int, ...]:
    keys = image_ids(cursor, dataset, split)
    passing = set(keys.values())
    if wanted.ranges:
        ranges: Mapping[str, tuple[float, float]] = {
            name: (low, high) for name, low, high in wanted.ranges
        }
        passing &= set(images_within(image_properties(cursor, dataset, split), ranges))
    if wanted.tags:
        passing &= set(tagged_images(cursor, dataset, split, wanted.tags, wanted.own_tags))
    if wanted.ids is not None:
        passing &= {keys[file_id] for file_id in wanted.ids if file_id in keys}
    return tuple(sorted(passing))


def tagged_images(
    cursor: duckdb.DuckDBPyConnection,
    dataset: int,
    split: str,
    tags: Sequence[str],
    own_tags: OwnTags = (),
) -> tuple[int, ...]:
    """Return the image_id of the images that carry one of the tags, ascending.

    Args:
        cursor: of `Store.read()`.
        dataset: dataset_id.
        split: of it.
        tags: of which an image carries at least one.
        own_tags: as of `ImageFilter`; those of images that are not there are left out.
    """
    given = catalogue.tagged_images(cursor, dataset, split, tags)["image_id"].tolist()
    own = {file_id for where, tag, file_id in own_tags if where == split and tag in tags}
    keys = image_ids(cursor, dataset, split) if own else {}
    return tuple(sorted({*given, *(keys[file_id] for file_id in own if file_id in keys)}))


def image_tags(
    cursor: duckdb.DuckDBPyConnection, dataset: int, split: str, own_tags: OwnTags = ()
) -> pd.DataFrame:
    """Return each tag of a split, those of the data set and own ones alike.

    Columns: tag, images (that carry it) and own (whether people wrote it down here, on at least
    one image); most images first.

    Args:
        cursor: of `Store.read()`.
        dataset: dataset_id.
        split: of it.
        own_tags: as of `ImageFilter`; those of images that are not there are left out.
    """
    there = image_ids(cursor, dataset, split)
    own = {tag for where, tag, file_id in own_tags if where == split and file_id in there}
    tags = dict(catalogue.tags(cursor, dataset, split)[["tag", "images"]].to_numpy().tolist())
    for tag in own:
        tags[tag] = len(tagged_images(cursor, dataset, split, [tag], own_tags))
    frame = pd.DataFrame({"tag": list(tags), "images": np.array(list(tags.values()), np.int64)})
    frame["own"] = frame["tag"].isin(own)
    return frame.sort_values(["images", "tag"], ascending=[False, True], ignore_index=True)
