"""A data set, a learner that only counts, and where it is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from core.store.connection import Store
from core.store.queries.trainings import training_curves, training_draws, trainings
from training.__main__ import main


class School(NamedTuple):
    """Where a test trains."""

    store: Path
    out: Path

    def fit(self, *more: object) -> int:
        return main(
            [
                *("fit", "learner", "--dataset", "noise", "--store", str(self.store)),
                *("--epochs", "8", "--out", str(self.out), *map(str, more)),
            ]
        )

    def learnt(self) -> list[list[int]]:
        """Return [epoch, seed, batch] of all epochs that the checkpoint has been through."""
        return json.loads(self.out.read_text())

    def beside(self, name: str) -> dict:
        return json.loads(self.out.with_name(f"w.{name}.json").read_text())

    def epochs(self) -> list[int]:
        return [record["epoch"] for record in self.beside("history")["epochs"]]

    def stored(self) -> dict:
        with Store.at(self.store).read() as cursor:
            (row,) = trainings(cursor).to_dict("records")
            curves = training_curves(cursor, [row["training_id"]])
        return {**row, "curves": curves}

    def draws(self) -> list[tuple]:
        with Store.at(self.store).read() as cursor:
            found = training_draws(cursor, "noise", "train")
            assert training_draws(cursor, "noise", "val").empty
        return list(found[["class", "name", "images", "drawn"]].itertuples(index=False, name=None))
