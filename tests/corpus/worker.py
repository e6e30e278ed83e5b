"""Gives every case to the command line of one process: python -m tests.corpus.worker FOLDER.

Prints one JSON line a case, so that whoever reads them knows at which case a process died.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
from pathlib import Path

from core.__main__ import main
from core.store.connection import Store
from tests.corpus import file_cases, image_cases, json_cases
from tests.corpus.case import SOUND, importing, photographs

CASES = {each.name: each for part in (json_cases, image_cases, file_cases) for each in part.CASES}
# what a malformed input makes a program ask for in vain, it must not get
MOST_MEMORY = 8 * 2**30


def prepare(folder: Path) -> Store:
    """Store the sound data set, on which detections are imported."""
    sound = folder / "sound"
    sound.mkdir()
    (sound / "instances.json").write_text(json.dumps(SOUND))
    command = importing("coco", sound / "instances.json", photographs(sound))
    command[1] = "pets"
    if main(command):
        raise SystemExit("the sound data set is refused")
    return Store.at(Path(os.environ["EVALUATION_STORE"]))


def give(number: int, name: str, folder: Path, store: Store) -> dict[str, object]:
    """Give one case, and say what came of it."""
    own = folder / f"case {number}"
    own.mkdir()
    command = CASES[name].make(own)
    version, there = store.version(), sorted(store.path.parent.iterdir())
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(command)
    written = (store.version(), sorted(store.path.parent.iterdir())) != (version, there)
    bitten = Path("bitten").exists()
    told = {"status": status, "out": out.getvalue(), "err": err.getvalue()}
    return {"name": name, **told, "written": written, "bitten": bitten}


def run(folder: Path) -> None:
    """Give all cases, in order."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()):
        store = prepare(folder)
    for number, name in enumerate(CASES):
        print(json.dumps(give(number, name, folder, store)), flush=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
