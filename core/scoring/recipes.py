"""The recipe of an ensemble of some runs as they are: every one with the same share."""

from __future__ import annotations

import json
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.fusion import label_count
from core.fusion.recipe import Fitted, MapVoting, Member, ObjectFusion, Recipe, Shares
from core.scoring.agreement import honest_runs
from core.scoring.fusing import LEAST_IOU
from core.scoring.runs import score_runs
from core.scoring.transfer import settings_of
from core.store.queries import catalogue

SCORES = ("miou", "box_ap", "mask_ap")
EQUAL = 0.0  # the exponent of shares that follow no score, see `core.fusion.shares`


def equal_recipe(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> Recipe:
    """Return the recipe that fuses all of what the runs predict, as `members` judges it.

    Objects are fused where all runs have boxes, their masks where all have masks; label maps are
    voted on by the runs whose pixels were counted.

    Args:
        cursor: of `Store.read()`.
        runs: names of evaluated runs of one split, in the order in which ties are settled.

    Raises:
        UsageError: see `honest_runs`.
        ValueError: the runs have nothing in common that could be fused.
    """
    named, common = honest_runs(cursor, runs)
    place = named.iloc[0]
    splits = catalogue.datasets(cursor)
    own = (splits["dataset"] == place["dataset"]) & (splits["split"] == place["split"])
    split = splits[own].iloc[0]
    classes = tuple(catalogue.categories(cursor, place["dataset"])["name"])
    background = None if pd.isna(split["background"]) else int(split["background"])
    voters = named["pixel_source"].notna().to_numpy(np.bool_)
    objects = ObjectFusion(
        masks=bool(named["has_masks"].all() and split["has_masks"]),
        least_iou=LEAST_IOU,
        exponent=EQUAL,
        shares=_shares(np.ones(len(named), np.bool_), len(classes)),
    )
    maps = MapVoting(
        certainty=False,
        blank=bool(pd.isna(split["background"]) and not split["maps_painted"]),
        exponent=EQUAL,
        shares=_shares(voters, label_count(len(classes), background)),
    )
    scores = score_runs(cursor, runs, images=common.tolist())
    return Recipe(
        classes=classes,
        background=background,
        members=tuple(_member(row) for _, row in named.iterrows()),
        objects=objects if named["has_boxes"].all() else None,
        maps=maps if voters.any() else None,
        fitted=Fitted(
            dataset=str(place["dataset"]),
            split=str(place["split"]),
            source_sha256=str(split["source_sha256"]),
            images=len(common),
            scores={
                each.run: {name: s for name in SCORES if (s := each.scores[name]) is not None}
                for each in scores
            },
            left_out={},
        ),
    )


def recipe_text(cursor: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> str:
    """Return `equal_recipe` as the content of its file."""
    return json.dumps(equal_recipe(cursor, runs).content(), indent=1, ensure_ascii=False) + "\n"


def _member(run: pd.Series) -> Member:
    """Return a run as a member; masks vote as they were painted when the run was evaluated."""
    painted = run["pixel_source"] == "painted"
    return Member(
        run=str(run["run"]),
        system=str(run["system"]),
        weights_sha256=str(run["weights_sha256"]),
        settings=settings_of(str(run["settings"])),
        paint_threshold=float(run["paint_threshold"]) if painted else None,
    )


def _shares(voters: NDArray[np.bool_], classes: int) -> Shares:
    share = 1 / max(int(voters.sum()), 1)
    return tuple((share if votes else 0.0,) * classes for votes in voters.tolist())
