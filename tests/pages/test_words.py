"""Times and states as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pages.ui import run_state
from pages.ui.words import NO_VALUE, ago

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        pytest.param(timedelta(seconds=3), "just now", id="seconds"),
        pytest.param(timedelta(seconds=-5), "just now", id="a clock that is ahead"),
        pytest.param(timedelta(seconds=59), "59 seconds ago", id="under a minute"),
        pytest.param(timedelta(seconds=60), "1 minute ago", id="a minute"),
        pytest.param(timedelta(minutes=119), "1 hour ago", id="under two hours"),
        pytest.param(timedelta(days=6), "6 days ago", id="days"),
        pytest.param(timedelta(days=20), "2 weeks ago", id="weeks"),
        pytest.param(timedelta(days=200), "6 months ago", id="months"),
        pytest.param(timedelta(days=800), "2 years ago", id="years"),
    ],
)
def test_ago(passed, expected):
    assert ago(NOW - passed, NOW) == expected


def test_no_moment_is_a_dash():
    assert ago(None) == NO_VALUE
    assert ago(pd.NaT) == NO_VALUE


@pytest.mark.parametrize(
    ("status", "silent", "expected"),
    [
        pytest.param("running", 59, "running", id="beat a moment ago"),
        pytest.param("running", 61, "dead", id="silent for over a minute"),
        pytest.param("done", 9999, "done", id="done jobs need no heartbeat"),
        pytest.param("stopped", 9999, "stopped", id="stopped"),
    ],
)
def test_state_of_a_run(status, silent, expected):
    run = pd.Series(
        {
            "status": status,
            "heartbeat": NOW - timedelta(seconds=silent),
            "created": NOW - timedelta(days=1),
        }
    )
    assert run_state.state(run, NOW) == expected
