"""The answers of an ensemble's members to one image, as one answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.fusion.boxes import fuse_objects
from core.fusion.painting import paint
from core.fusion.recipe import MapVoting, ObjectFusion, Recipe, share_table
from core.fusion.voting import vote
from core.structures import ImageRecord, LabelMap, Objects, Prediction, void_of

MOST_OBJECTS = 300


def combine(recipe: Recipe, image: ImageRecord, answers: Sequence[Prediction]) -> Prediction:
    """Return the ensemble's answer to an image.

    Args:
        recipe: with M members.
        image: which image it is.
        answers: of each of the M members, in their order.

    Raises:
        ValueError: a member has not the parts that the recipe says.
    """
    objects = None if recipe.objects is None else fused(recipe.objects, answers)
    if recipe.maps is None:
        return Prediction(image=image, objects=objects)
    classes, background, blank = len(recipe.classes), recipe.background, recipe.maps.blank
    maps = [
        voting_map(answer, member.paint_threshold, classes, background, blank=blank)
        for answer, member in zip(answers, recipe.members, strict=True)
    ]
    return elected(recipe.maps, image, answers, maps, objects)


def fused(rule: ObjectFusion, answers: Sequence[Prediction]) -> Objects:
    """Return the members' objects as one set; see `core.fusion.boxes`."""
    return fuse_objects(
        [_NOTHING if each.objects is None else each.objects for each in answers],
        share_table(rule.shares),
        rule.least_iou,
        with_masks=rule.masks,
        most=MOST_OBJECTS,
    )


def elected(
    rule: MapVoting,
    image: ImageRecord,
    answers: Sequence[Prediction],
    maps: Sequence[LabelMap | None],
    objects: Objects | None = None,
) -> Prediction:
    """Return the members' label maps as one, with how far they agree as its confidence.

    Args:
        rule: how they vote.
        image: which image it is.
        answers: of each of M members.
        maps: what each votes for; None for those that have no share.
        objects: to be part of the same prediction.
    """
    shares = share_table(rule.shares)
    voters = np.flatnonzero(shares.any(axis=1)).tolist()
    ballots = [each for voter in voters if (each := maps[voter]) is not None]
    if len(ballots) != len(voters):
        raise ValueError("a member with a share in the votes has neither label maps nor masks")
    certainties = [answers[voter].confidence if rule.certainty else None for voter in voters]
    label_map, agreement = vote(ballots, certainties, shares[voters])
    return Prediction(image=image, objects=objects, label_map=label_map, confidence=agreement)


def voting_map(
    answer: Prediction,
    paint_threshold: float | None,
    class_count: int,
    background: int | None,
    *,
    blank: bool,
) -> LabelMap | None:
    """Return what a member votes for: its label map, else its painted masks, else None.

    Args:
        answer: the member's.
        paint_threshold: least score of a painted mask, or None to paint none.
        class_count: C, the number of categories.
        background: class index that means "nothing"; None stands for C.
        blank: pixels on which nothing is painted are void.
    """
    if answer.label_map is not None:
        return answer.label_map
    if paint_threshold is None or answer.objects is None:
        return None
    height, width = answer.image.height, answer.image.width
    painted = paint(
        answer.objects,
        height,
        width,
        class_count,
        threshold=paint_threshold,
        background=background,
    )
    if blank:
        painted[painted == class_count] = void_of(painted)
    return painted


_NOTHING = Objects(
    boxes=np.zeros((0, 4)),
    categories=np.zeros(0, np.int32),
    areas=np.zeros(0),
    crowd=np.zeros(0, np.bool_),
    scores=np.zeros(0),
)
