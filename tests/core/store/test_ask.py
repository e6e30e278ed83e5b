"""One table of several runs, as a table of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from core.store.queries import ask


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("order", ["grouped", "mixed"])
def test_rows_are_parted_by_run_in_their_order(order, with_key):
    runs = np.random.default_rng(3).integers(0, 4, 50).astype(np.int32)
    runs = np.sort(runs) if order == "grouped" else runs
    found = pd.DataFrame({"run_id": runs, "row": np.arange(50), "name": list("ab") * 25})
    parts = ask._by_run(found.copy(), [3, 0, 9, 1], with_key=with_key)
    assert list(parts) == [3, 0, 9, 1]
    for run, part in parts.items():
        expected = found[found["run_id"] == run].reset_index(drop=True)
        assert_frame_equal(part, expected if with_key else expected.drop(columns="run_id"))
