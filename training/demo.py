"""python -m training demo: the embedded demo, with every system that ships weights for it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from core.__main__ import main as core_main
from core.commands.frame import DONE, add_common_options
from core.errors import WorkFailedError
from core.store.connection import Store, store_path
from core.store.queries import catalogue

DESCRIPTION = "build the embedded demo: data, every system's predictions, evaluation"
EXAMPLE = "python -m training demo"

SHAPES, DIGITS = "demo", "demo-digits"
# enough to compare on; the systems never saw a photograph or digit of val and test
IMAGES = {"train": 40, "val": 40, "test": 80}
WORKERS = 2


@dataclass(frozen=True)
class Plan:
    """How one system predicts on the demo.

    Attributes:
        system: its registry name.
        dataset: the data set that its weights were trained on.
        options: what its small weights need to be told.
    """

    system: str
    dataset: str
    options: tuple[str, ...] = ()


def _weights(*stages: str) -> tuple[str, ...]:
    named = (("--weights", f"{stage}={stage}-demo.safetensors") for stage in stages)
    return tuple(word for pair in named for word in pair)


SMALL = ("--imgsz", "192")
# the slowest first, so that no worker is left alone with it at the end
PLANS = (
    Plan(
        "sam-clip",
        SHAPES,
        (*_weights("sam", "clip"), "--points", "12", "--quality", "0.3", "--stability", "0.6"),
    ),
    Plan("yolov8-sam", SHAPES, (*_weights("yolov8", "sam"), *SMALL)),
    Plan("retinanet-sam", SHAPES, _weights("retinanet", "sam")),
    Plan("mask-rcnn", SHAPES, _weights("mask-rcnn")),
    Plan("retinanet", SHAPES, _weights("retinanet")),
    Plan("yolov8", SHAPES, (*_weights("yolov8"), *SMALL)),
    Plan("unet-two-heads", SHAPES),
    Plan("unet-tf", SHAPES),
    Plan("unet-torch", SHAPES),
    Plan("vgg19-digits", DIGITS),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_common_options(parser)


def run(options: argparse.Namespace) -> int:
    """Make the data, then let the systems predict, two at a time; what is there is kept."""
    # drawing needs OpenCV, which the other commands do without
    from core.datasets.demo import make_demo
    from core.datasets.single import make_single

    started = time.perf_counter()
    store = Store.at(store_path(options.store))
    folder = store.path.parent / "demo"
    for name, make in ((SHAPES, make_demo), (DIGITS, make_single)):
        if not (folder / name).exists():
            print(f"Drawing the data set {name} …", flush=True)
            make(folder / name, IMAGES)
        for split in IMAGES:
            _import(store, folder / name, name, split)
    jobs = [(plan, split) for plan in PLANS for split in IMAGES if not _is_done(store, plan, split)]
    with ThreadPoolExecutor(WORKERS) as workers:
        failed = [name for name in workers.map(lambda job: _predict(store, *job), jobs) if name]
    print(f"The demo took {time.perf_counter() - started:.0f} s. Open it: make run")
    if failed:
        raise WorkFailedError(f"These runs failed: {', '.join(failed)}. Start the command again.")
    return DONE


def run_name(plan: Plan, split: str) -> str:
    """Return what a system's run on a split is called."""
    return f"{plan.system} {split}"


def _import(store: Store, folder: Path, dataset: str, split: str) -> None:
    if store.exists():
        with store.read() as cursor:
            known = catalogue.datasets(cursor)
        if ((known["dataset"] == dataset) & (known["split"] == split)).any():
            return
    files = ["--annotations", str(folder / f"{split}.json"), "--images", str(folder / split)]
    place = ["--store", str(store.path), "--split", split]
    if core_main(["import", dataset, "--format", "coco", *files, *place]) != DONE:
        raise WorkFailedError(f"The demo data in {folder} could not be read; remove it to redo it.")


def _is_done(store: Store, plan: Plan, split: str) -> bool:
    with store.read() as cursor:
        runs = catalogue.runs(cursor, plan.dataset, split)
    own = runs[runs["run"] == run_name(plan, split)]
    return bool(len(own) and own["status"].iloc[0] == "done" and own["evaluated"].notna().iloc[0])


def _predict(store: Store, plan: Plan, split: str) -> str | None:
    """Run one job in a process of its own, as frameworks must not meet.

    Two jobs share the machine, so each works with one thread.

    Returns:
        The name of the run if it failed, else None.
    """
    name, started = run_name(plan, split), time.perf_counter()
    command = [sys.executable, "-m", "training", "predict", plan.system, *plan.options]
    place = ["--dataset", plan.dataset, "--split", split, "--run", name, "--store", str(store.path)]
    done = subprocess.run(
        [*command, *place],
        env={"OMP_NUM_THREADS": "1", **os.environ},
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode == DONE:
        print(f"{name}: {IMAGES[split]} images ({seconds:.0f} s)", flush=True)
        return None
    print(f"{name}: failed with status {done.returncode}\n{_last(done.stderr)}", file=sys.stderr)
    return name


def _last(text: str, lines: int = 5) -> str:
    kept: Sequence[str] = text.strip().splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in kept)
