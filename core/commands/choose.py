"""Which runs a command speaks of."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.errors import UsageError
from core.store.connection import Store
from core.store.queries import catalogue


def chosen_runs(store: Store, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows of `catalogue.runs` for the names, in their order; all runs if none.

    Raises:
        UsageError: a name is unknown; the message lists the known ones.
    """
    with store.read() as cursor:
        known = catalogue.runs(cursor)
    if not names:
        return known.iloc[::-1].reset_index(drop=True)
    unknown = [name for name in names if name not in set(known["run"])]
    if unknown:
        there = ", ".join(sorted(known["run"])) or "none yet"
        raise UsageError(
            f"There is no run named {unknown[0]!r} in the store {store.path}. Runs there: {there}."
        )
    return known.set_index("run", drop=False).loc[list(names)].reset_index(drop=True)
