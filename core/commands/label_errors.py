"""python -m core label-errors: annotations that several systems contradict."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import pandas as pd

from core.commands.frame import DONE
from core.commands.tables import table
from core.errors import UsageError
from core.scoring.coverage import named_runs
from core.scoring.label_errors import (
    as_csv,
    as_json,
    suspect_classes,
    suspect_objects,
    usual_agreement,
    witnesses,
)
from core.store.connection import Store, store_path
from core.words import counted

DESCRIPTION = "list annotations that several systems contradict with one voice"
EXAMPLE = "python -m core label-errors --dataset coco-val --split val --out to-annotate.csv"
GEOMETRIES: Final = {"boxes": "box", "masks": "mask"}
PIXELS: Final = "pixels"
NEEDED: Final = {"boxes": "has_boxes", "masks": "has_masks", PIXELS: "pixel_source"}
SHOWN: Final = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--dataset", required=True, help="name of the data set in the store")
    parser.add_argument("--split", required=True, help="split whose annotations are doubted")
    parser.add_argument(
        "--runs",
        nargs="+",
        default=[],
        metavar="RUN",
        help="whom to ask (default: all evaluated runs but those that saw the truth or are fused)",
    )
    parser.add_argument(
        "--by", choices=list(NEEDED), default="boxes", help="what must agree (default: boxes)"
    )
    parser.add_argument(
        "--agree",
        type=int,
        metavar="K",
        help="how many runs must agree (default: two thirds of them, at least 2)",
    )
    parser.add_argument(
        "--score",
        type=float,
        default=0.5,
        help="predictions with a lower score bear no witness (default: 0.5)",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a name that ends in .csv or .json"
    )


def run(options: argparse.Namespace) -> int:
    """Look for label errors and write the list."""
    if options.out.suffix not in (".csv", ".json"):
        raise UsageError(
            f"--out is {options.out}; expected a file whose name ends in .csv or .json."
        )
    if not options.out.absolute().parent.is_dir():
        raise UsageError(f"--out is {options.out}, but its folder does not exist. Make it first.")
    if not 0 <= options.score <= 1:
        raise UsageError(f"--score is {options.score}; expected a fraction from 0 to 1.")
    with Store.at(store_path(options.store)).read() as cursor:
        names = options.runs or witnesses(cursor, options.dataset, options.split)
        named = _of_split(named_runs(cursor, names), options)
        if not options.runs:
            needed = named[NEEDED[options.by]]
            names = named.loc[needed.notna() & (needed != False), "run"].tolist()  # noqa: E712
        least_runs = options.agree or usual_agreement(len(names))
        if options.by == PIXELS:
            found = suspect_classes(cursor, names, least_runs)
        else:
            geometry = GEOMETRIES[options.by]
            found = suspect_objects(cursor, names, geometry, least_runs, options.score)
    as_text = as_json if options.out.suffix == ".json" else as_csv
    options.out.write_text(as_text(found), encoding="utf-8", newline="")
    print(_told(found, names, least_runs, options.out))
    return DONE


def _of_split(named: pd.DataFrame, options: argparse.Namespace) -> pd.DataFrame:
    """Refuse runs of another split, so that the list is of what was asked for."""
    ours = (named["dataset"] == options.dataset) & (named["split"] == options.split)
    if not ours.all():
        other = named[~ours].iloc[0]
        raise UsageError(
            f"Run {other['run']!r} speaks of {other['dataset']}, split {other['split']}; expected "
            f"runs of {options.dataset}, split {options.split}."
        )
    return named


def _told(found: pd.DataFrame, names: list[str], least_runs: int, out: Path) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found["kind"].value_counts().items())
    lines = [f"{least_runs} of {counted(len(names), 'run')} must agree: {', '.join(names)}."]
    if len(found):
        shown = found.head(SHOWN)
        agree = [f"{own}/{of}" for own, of in zip(shown["runs"], shown["of"], strict=True)]
        sure = [f"{value:.2f}" for value in shown["confidence"]]
        columns = [
            *(shown[name].replace("", "–") for name in ("image", "kind", "annotated", "suggested")),
            agree,
            ["–" if value == "nan" else value for value in sure],
        ]
        cells = [list(map(str, row)) for row in zip(*columns, strict=True)]
        header = ["image", "kind", "annotated", "suggested", "agree", "confidence"]
        lines += [table(header, cells), f"{kinds}. All in {out}."]
    else:
        lines.append(f"No annotation is contradicted so. {out} holds the header alone.")
    return "\n".join(lines)
