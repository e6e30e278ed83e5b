"""A visitor of one page in a process of its own: python -m tests.benchmarks.page_clicks PAGE NAME…

Prints JSON: "changes", of each answer after the first the CPU seconds of the thread that answers
and those of all threads meanwhile; "loaded", those of the modules NAME… that were imported.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from pages.ui.server import WARMING_UP, lifespan

LONGEST = 180.0
WIDTH = 0.6  # of a range, after it was narrowed

_run_script = ScriptRunner._run_script
_took: list[tuple[float, float]] = []


def _timed(runner: ScriptRunner, *asked: object) -> None:
    own, all_threads = time.thread_time(), time.process_time()
    try:
        _run_script(runner, *asked)
    finally:
        _took.append((time.thread_time() - own, time.process_time() - all_threads))


def leave_class(app: AppTest) -> bool:
    """Choose the first class alone."""
    found = [each for each in app.sidebar.selectbox if each.key == "class" and each.options]
    for each in found:
        each.set_value(each.options[0])
    return bool(found)


def leave_run_out(app: AppTest) -> bool:
    """Choose all runs but the last."""
    found = [each for each in app.sidebar.multiselect if each.key == "runs" and each.options[1:]]
    for each in found:
        each.set_value(each.options[:-1])
    return bool(found)


def narrow_range(app: AppTest) -> bool:
    """Leave the upper part of the first range out."""
    for each in app.sidebar.slider[:1]:
        steps = int(WIDTH * (each.max - each.min) / each.step)
        each.set_value((each.min, each.min + steps * each.step))
    return bool(len(app.sidebar.slider))


CHANGES = {
    "the next answer": lambda _: True,
    "after a class was chosen": leave_class,
    "after a run was left out": leave_run_out,
    "after a range was narrowed": narrow_range,
}


async def begun() -> None:
    """Do what the server does before its first visitor, which AppTest leaves out."""
    async with lifespan(None):
        for thread in threading.enumerate():
            if thread.name == WARMING_UP:
                thread.join()


def clicked(page: str) -> dict[str, tuple[float, float]]:
    """Return CPU seconds of the answers after each change that can be made."""
    app = AppTest.from_file(page, default_timeout=LONGEST).run()
    changes = {}
    for name, change in CHANGES.items():
        if change(app):
            _took.clear()
            app.run()
            changes[name] = tuple(map(sum, zip(*_took, strict=True)))
        assert not app.exception, app.exception
    return changes


if __name__ == "__main__":
    asyncio.run(begun())
    ScriptRunner._run_script = _timed
    changes = clicked(sys.argv[1])
    there = [name for name in sys.argv[2:] if name in sys.modules]
    print(json.dumps({"changes": changes, "loaded": there}))
