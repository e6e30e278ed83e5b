"""python -m core export: a run's predictions out of the store, for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from core.commands.choose import chosen_runs
from core.commands.subset import add_image_options, images_of
from core.errors import UsageError
from core.external_scores import submission_name
from core.scoring.run_contents import bundle, contents_of, loadable
from core.store.connection import Store, store_path
from core.store.queries import catalogue
from core.targets import new_file, new_folder
from core.writers import EXPORT_FORMATS, Form
from core.writers.loadable import ENDINGS, PROGRAMS

BUNDLE = "coco-bundle"
OF_SEVERAL = (BUNDLE, *PROGRAMS)
SUBMISSION = "submission"
DESCRIPTION = "write what runs predicted, of all images or some, for other programs to read"
EXAMPLE = "python -m core export yolov8n-seg --format coco-results --out yolov8n-seg.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "runs",
        metavar="RUN",
        nargs="*",
        help=f"the run to write; of {', '.join(OF_SEVERAL)} any number, or all",
    )
    parser.add_argument(
        "--format",
        required=True,
        choices=sorted([*EXPORT_FORMATS, *OF_SEVERAL]),
        help=f"{BUNDLE} is one zip of COCO annotations and the COCO results of every run; "
        f"{' and '.join(PROGRAMS)} (LightlyStudio) are folders of the same with a load.py",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help="the file to write; of label-png, yolo, fiftyone and lightly the folder. A submission "
        "may be given its folder alone, or nothing: it is then named RUN--on--SPLIT.zip",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace what an export wrote there before"
    )
    parser.add_argument("--dataset", help=f"of {', '.join(OF_SEVERAL)}, where no run is named")
    parser.add_argument("--split", help=f"of {', '.join(OF_SEVERAL)}, where no run is named")
    parser.add_argument(
        "--photographs",
        type=float,
        metavar="MB",
        help=f"of {BUNDLE}: with the photographs, if they have no more megabytes than this",
    )
    add_image_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the runs and say what was written."""
    store = Store.at(store_path(options.store))
    _refuse_strange_options(options)
    several = options.format in OF_SEVERAL
    print((_write_several if several else _write_run)(store, options))
    return 0


def _out(options: argparse.Namespace, row: pd.Series | None = None) -> Path:
    """Return where to write; a submission names its run and split unless it is named."""
    given: Path | None = options.out
    if row is not None and options.format == SUBMISSION and (given is None or given.is_dir()):
        return (given or Path()) / submission_name(str(row["run"]), str(row["split"]))
    if given is None:
        raise UsageError(
            f"--out is missing. Name the file or folder that {options.format} goes to."
        )
    return given


def _refuse_strange_options(options: argparse.Namespace) -> None:
    for name, forms in (("dataset", OF_SEVERAL), ("split", OF_SEVERAL), ("photographs", [BUNDLE])):
        if getattr(options, name) is not None and options.format not in forms:
            held = "leaves them where they are" if options.format in PROGRAMS else "holds one run"
            raise UsageError(
                f"--{name} is of {', '.join(forms)} alone; {options.format} {held}. Leave it out."
            )


def _write_run(store: Store, options: argparse.Namespace) -> str:
    """Write one run, or what it says of the images asked for; return what was written where."""
    if len(options.runs) != 1:
        raise UsageError(
            f"{len(options.runs)} runs are named; the format {options.format} holds exactly one. "
            f"The formats {', '.join(OF_SEVERAL)} hold several."
        )
    row = chosen_runs(store, options.runs).iloc[0]
    form = EXPORT_FORMATS[options.format]
    _require(row, form, options.format)
    out = _out(options, row)
    with store.read() as cursor:
        images = images_of(cursor, options, row)
    contents = contents_of(store, row, maps=form.of == "maps", images=images)
    opened = (
        new_file(out, force=options.force)
        if form.folder is None
        else new_folder(out, form.folder, force=options.force)
    )
    with opened as unfinished:
        written = form.write(contents, unfinished)
    return f"{out}: {written} of {contents.dataset} · {contents.split}."


def _write_several(store: Store, options: argparse.Namespace) -> str:
    """Write annotations and runs of one split; return what was written where."""
    out = _out(options)
    rows = chosen_runs(store, options.runs)
    with store.read() as cursor:
        place = _split(catalogue.datasets(cursor), rows, options)
        images = images_of(cursor, options, place)
    here = rows[(rows["dataset"] == place["dataset"]) & (rows["split"] == place["split"])]
    most = None if options.photographs is None else round(options.photographs * 1e6)
    if options.format == BUNDLE:
        with new_file(out, force=options.force) as unfinished:
            written = bundle(store, here, place, unfinished, images=images, most_bytes=most)
    else:
        form = {"program": options.format, "images": images}
        with new_folder(out, ENDINGS, force=options.force) as unfinished:
            written = loadable(store, here, place, unfinished, **form)
    return f"{out}: {written}, of {place['dataset']} · {place['split']}."


def _split(splits: pd.DataFrame, rows: pd.DataFrame, options: argparse.Namespace) -> pd.Series:
    """Return the row of `catalogue.datasets` that runs or options mean.

    Raises:
        UsageError: they mean none, or several.
    """
    named = splits
    for name, asked in (("dataset", options.dataset), ("split", options.split)):
        named = named if asked is None else named[named[name] == asked]
    if options.runs:
        of_runs = set(zip(rows["dataset"], rows["split"], strict=True))
        pairs = zip(named["dataset"], named["split"], strict=True)
        named = named[[pair in of_runs for pair in pairs]]
    if len(named) != 1 or (options.runs and len(of_runs) > 1):
        pairs = zip(splits["dataset"], splits["split"], strict=True)
        there = ", ".join(f"{dataset} · {split}" for dataset, split in pairs)
        raise UsageError(
            "The runs, --dataset and --split must mean one split together, with all runs on it. "
            f"Splits there: {there or 'none'}."
        )
    return named.iloc[0]


def _require(row: pd.Series, form: Form, name: str) -> None:
    """Refuse a run that has nothing to write in this format.

    Raises:
        UsageError: saying what it has instead.
    """
    has_maps = bool(row["has_label_maps"]) or row["pixel_source"] == "painted"
    has_objects = bool(row["has_boxes"] or row["has_masks"])
    if (has_maps and form.of == "maps") or (has_objects and form.of == "objects"):
        return
    missing = "label maps" if form.of == "maps" else "objects"
    fits = [
        other
        for other, each in EXPORT_FORMATS.items()
        if (has_maps and each.of == "maps") or (has_objects and each.of == "objects")
    ]
    raise UsageError(
        f"Run {row['run']!r} has no {missing}, which {name} holds. "
        f"Formats that fit it: {', '.join(fits) or 'none'}."
    )
