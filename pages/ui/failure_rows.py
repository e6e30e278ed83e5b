"""What a search for failures finds: images, worst first, and what fails on them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.scoring import Choice
from core.scoring.confusion import assigned_objects, confused_objects
from core.scoring.images import image_ious
from core.scoring.pixel_errors import pixel_losses
from core.store.queries import counts, failures, image_labels
from pages.ui import store
from pages.ui.failure_choice import DIFFERENCES, LABELS, PIXELS, SUREST
from pages.ui.failure_search import GEOMETRIES, Search
from pages.ui.image_layers import stored_images, view_classes
from pages.ui.subset import IOUS, Keys


def worst_images(search: Search) -> pd.DataFrame:
    """Return the images with a failure, worst first.

    Columns: image_id and, for boxes and masks, errors (of all chosen runs together) and surest
    (score of the surest), for pixels iou (the lowest of the chosen runs) and, where a pair of
    classes is chosen, pixels (of all chosen runs together), for labels errors (on how many
    classes the heads of all chosen runs together differ).
    """
    if search.wanted.by == LABELS:
        errors = (
            label_differences(search)
            .groupby("image_id", as_index=False)
            .agg(errors=("side", "size"))
        )
        return errors.sort_values(
            ["errors", "image_id"], ascending=[False, True], ignore_index=True
        )
    if search.wanted.by != PIXELS:
        return error_images(search)
    ious = pixel_ious(search)
    lowest = ious.groupby("image_id", as_index=False)["iou"].min()
    if search.wanted.wrong:
        return _with_most(lowest, wrong_pixels(search))
    if search.pair is None:
        return lowest.sort_values(["iou", "image_id"], ignore_index=True)
    return _with_most(lowest, pair_pixels(search))


def _with_most(lowest: pd.DataFrame, pixels: pd.DataFrame) -> pd.DataFrame:
    """Return the images that have pixels of some runs, those with most of them together first."""
    sums = pixels.groupby("image_id", as_index=False)["pixels"].sum()
    return lowest.merge(sums, on="image_id").sort_values(
        ["pixels", "image_id"], ascending=[False, True], ignore_index=True
    )


def error_images(search: Search) -> pd.DataFrame:
    """Return the images with an error of boxes or masks, as `failures.failure_images`."""
    by_score = search.wanted.rank == SUREST
    if search.pair is None:
        return store.ask(failures.failure_images, chosen=search.errors(), by_score=by_score)
    images = _pair_objects(search).groupby("image_id", as_index=False)
    order = ["surest", "errors"] if by_score else ["errors"]
    return images.agg(errors=("kind", "size"), surest=("score", "max")).sort_values(
        [*order, "image_id"], ascending=[*(False for _ in order), True], ignore_index=True
    )


def error_counts(search: Search) -> pd.DataFrame:
    """Return run_id, kind and errors of boxes or masks of every kind, whichever are chosen."""
    if search.pair is None:
        return store.ask(failures.failure_counts, chosen=search.errors(every_kind=True))
    objects = _pair_objects(search, every_kind=True)
    return objects.groupby(["run_id", "kind"], as_index=False).agg(errors=("kind", "size"))


def error_objects(search: Search, images: Keys = None, most: int | None = None) -> pd.DataFrame:
    """Return errors of boxes or masks one by one, as `failures.failure_objects`.

    Args:
        search: by boxes or masks.
        images: some of the images that count, or None for all of them.
        most: the number of rows to return at most, or None for all.
    """
    if search.pair is None:
        chosen = search.errors(images=images)
        return store.ask(failures.failure_objects, chosen=chosen, most=most)
    objects = _pair_objects(search)
    some = objects if images is None else objects[objects["image_id"].isin(images)]
    some = some.head(len(some) if most is None else most)
    known = {image.key: image for image in stored_images(some["image_id"].unique())}
    return some.assign(
        image=[known[key].name for key in some["image_id"]],
        source_id=[known[key].id for key in some["image_id"]],
    )


def pair_pixels(search: Search) -> pd.DataFrame:
    """Return run_id, image_id and pixels of the chosen pair of classes, where there are any."""
    return store.ask(
        counts.confused_pixels,
        runs=search.run_ids,
        truth=search.pair.truth,
        predicted=search.pair.predicted,
        images=search.images,
    )


def wrong_pixels(search: Search) -> pd.DataFrame:
    """Return run_id, image_id and pixels that are wrong in the chosen ways.

    Of a class of the sidebar, those that it has in the annotation.
    """
    return store.ask(
        counts.pixel_error_images,
        runs=search.run_ids,
        kinds=search.wanted.wrong,
        class_=search.class_index,
        images=search.images,
    )


def uncounted_runs(search: Search) -> pd.DataFrame:
    """Return the rows of the runs that were evaluated before kinds of wrong pixels were counted."""
    if search.wanted.by != PIXELS or not search.wanted.wrong:
        return search.runs.iloc[:0]
    losses = store.ask(pixel_losses, runs=tuple(search.runs["run"]), images=None, choice=Choice())
    return search.runs[~search.runs["run"].isin(losses["run"])]


def _pair_objects(search: Search, *, every_kind: bool = False) -> pd.DataFrame:
    """Objects of the chosen pair of classes, right ones too; columns as `confused_objects`."""
    wanted, pair = search.wanted, search.pair
    found = {
        key: store.ask(
            assigned_objects,
            run=name,
            geometry=GEOMETRIES[wanted.by],
            step=IOUS.index(wanted.overlap),
            images=search.images,
        )
        for key, name in search.run_names.items()
    }
    objects = confused_objects(
        found, wanted.score, truth=pair.truth, predicted=pair.predicted, size=wanted.size
    )
    if wanted.kinds and not every_kind:
        objects = objects[objects["kind"].isin(wanted.kinds)]
    if search.class_index is not None:
        objects = objects[objects["class"] == search.class_index]
    return objects


def label_differences(search: Search, images: Sequence[int] | None = None) -> pd.DataFrame:
    """Return the classes of images on which a label head and what was found differ.

    Columns as `image_labels.label_side_images`.

    Args:
        search: by labels.
        images: keys of images, or None for all.
    """
    return store.ask(
        image_labels.label_side_images,
        asked=search.labels(images),
        chosen=search.sides(),
        sides=search.wanted.sides or DIFFERENCES,
    )


def pixel_ious(search: Search) -> pd.DataFrame:
    """Return run_id, image_id and iou of images whose IoU is no higher than was asked.

    It is the IoU of the class of the sidebar, or the mean over the classes.
    """
    ious = store.ask(
        image_ious,
        runs=search.run_ids,
        class_count=len(view_classes(search.split)),
        class_=search.class_index,
    )
    meant = ious["iou"] <= search.wanted.below / 100
    if search.images is not None:
        meant &= ious["image_id"].isin(search.images)
    return ious[meant].reset_index(drop=True)
