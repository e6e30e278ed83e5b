"""Which images count, held against a plain walk over all of them."""

from __future__ import annotations

import random

import pytest

from core.scoring.image_filter import ImageFilter, filtered_images, image_tags, tagged_images
from core.scoring.properties import PROPERTIES, image_properties
from core.store.connection import Store
from core.store.image_properties import put_properties
from tests.factories import make_dataset
from tests.filling import put

IDS = (2, 3, 5, 8, 13, 21, 34)


@pytest.fixture(scope="module")
def cursor(tmp_path_factory):
    store = Store.at(tmp_path_factory.mktemp("filter") / "store.duckdb")
    put(store, make_dataset(image_ids=IDS))
    put(store, make_dataset(split="test", image_ids=IDS, seed=3))
    with store.write() as writing:
        keys = [key for (key,) in writing.execute("SELECT image_id FROM image").fetchall()]
        put_properties(writing, {key: (10.0 * key, 5.0) for key in keys[:-2]})
    with store.read() as reading:
        yield reading


def rows_of(cursor, split):
    """image_id, id in the files, and tags of the data set, of every image of a split."""
    return cursor.execute(
        "SELECT image_id, source_id, (SELECT coalesce(list(tag), []) FROM image_tag t WHERE "
        "t.image_id = i.image_id) FROM image i WHERE split = ?",
        [split],
    ).fetchall()


def by_hand(cursor, split, wanted):
    values = image_properties(cursor, 1, split).set_index("image_id")
    passing = []
    for key, file_id, tags in rows_of(cursor, split):
        every = {*tags, *(tag for at, tag, i in wanted.own_tags if at == split and i == file_id)}
        inside = all(low <= values.loc[key, name] <= high for name, low, high in wanted.ranges)
        tagged = not wanted.tags or bool(every & set(wanted.tags))
        if inside and tagged and (wanted.ids is None or file_id in wanted.ids):
            passing.append(key)
    return tuple(sorted(passing))


def any_filter(seed: int) -> ImageFilter:
    draw = random.Random(seed)
    some = lambda values: tuple(draw.sample(values, draw.randint(0, len(values))))  # noqa: E731
    own = [
        (split, tag, i) for split in ("val", "test") for tag in ("odd", "mine") for i in (*IDS, 99)
    ]
    limits = [("brightness", 20.0, 100.0), ("object_count", 1.0, 4.0), ("contrast", 0.0, 5.0)]
    ids = draw.choice([None, some([*IDS, 77]), ()])
    return ImageFilter(some(limits), some(["odd", "wide", "mine"]), some(own), ids)


@pytest.mark.parametrize("seed", range(40))
def test_images_are_those_of_a_walk_over_all(cursor, seed):
    wanted = any_filter(seed)
    for split in ("val", "test"):
        found = filtered_images(cursor, 1, split, wanted)
        if wanted.passes_all:
            assert found is None
        else:
            assert found == by_hand(cursor, split, wanted)


def test_nothing_asked_is_every_image(cursor):
    own = (("val", "mine", 2),)
    assert filtered_images(cursor, 1, "val", ImageFilter(own_tags=own)) is None
    assert filtered_images(cursor, 1, "val", ImageFilter(ids=())) == ()


def test_own_tags_stand_beside_those_of_the_data_set(cursor):
    own = (("val", "odd", 2), ("val", "mine", 3), ("val", "gone", 99), ("test", "other", 3))
    listed = image_tags(cursor, 1, "val", own).set_index("tag")
    assert set(listed.index) == {"odd", "wide", "mine"}
    assert dict(listed["own"]) == {"odd": True, "wide": False, "mine": True}
    for tag in listed.index:
        assert listed.loc[tag, "images"] == len(tagged_images(cursor, 1, "val", [tag], own))
    before = image_tags(cursor, 1, "val").set_index("tag")["images"]
    assert listed.loc["odd", "images"] == before["odd"] + 1


def test_ranges_may_be_open(cursor):
    inf = float("inf")
    for name in PROPERTIES:
        known = image_properties(cursor, 1, "val").dropna(subset=[name])["image_id"]
        wanted = ImageFilter(((name, -inf, inf),))
        assert filtered_images(cursor, 1, "val", wanted) == tuple(known)
