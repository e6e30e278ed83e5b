"""Files read and checked before anything is written, and the report of it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.__main__ import build_parser
from core.commands.import_dataset import read_dataset, summary_of
from core.commands.import_run import read_run, run_summary
from core.errors import FaultyInputError, UsageError
from core.readers.faults import Fault
from core.readers.orientation import told_turned
from core.structures import Dataset, Prediction
from pages.ui import store
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.paragraphs import retell
from pages.ui.tables import draw_table
from pages.ui.words import counted, literal

FAULTS_HEIGHT = 260


@dataclass(frozen=True, eq=False)
class Check:
    """What reading the files came to.

    Attributes:
        told: the summary, or what is wrong, as the command says it.
        dataset: what was read or what a run speaks of; None where nothing can be imported.
        predictions: of a run, or None.
        faults: of what came in: all of them.
        turned: a sentence on photographs that EXIF asks to turn, or "".
    """

    told: str
    dataset: Dataset | None = None
    predictions: Sequence[Prediction] | None = None
    faults: tuple[str, ...] = ()
    turned: str = ""


def checked(arguments: Sequence[str], read: Path) -> Check:
    """Return what the command would find in the files, from memory if they did not change.

    Args:
        arguments: of `python -m core`.
        read: the annotations or predictions.
    """
    state = read.stat()
    is_run = arguments[0] == "import-run"
    # a run is held against the store
    moment = store.moment() if is_run else (str(store.current().path), "")
    with st.spinner(say("Reading and checking …")):
        return _checked(tuple(arguments), (state.st_mtime_ns, state.st_size), moment)


@st.cache_resource(max_entries=4, show_spinner=False)
def _checked(
    arguments: tuple[str, ...],
    state: tuple[int, int],  # noqa: ARG001 - part of the key
    moment: tuple[str, str],  # noqa: ARG001 - part of the key
) -> Check:
    try:
        options = build_parser(arguments[:1]).parse_args([*arguments])
        return _run(options) if arguments[0] == "import-run" else _dataset(options)
    except SystemExit:
        return Check(mark("An option cannot be read. A shape is written such as 28x28 or 64x64x3."))
    except FaultyInputError as error:
        return Check(error.summary, faults=error.faults)
    except UsageError as error:
        return Check(str(error))


def _dataset(options: argparse.Namespace) -> Check:
    dataset, faults = read_dataset(options)
    return Check(summary_of(dataset), dataset, None, _texts(faults), told_turned(dataset))


def _run(options: argparse.Namespace) -> Check:
    dataset, predictions, faults = read_run(store.current(), options)
    return Check(run_summary(options, predictions), dataset, predictions, _texts(faults))


def _texts(faults: Sequence[Fault]) -> tuple[str, ...]:
    return tuple(map(str, faults))


def show(check: Check, root: Path) -> None:
    """Show what was read, or what is wrong with it, with all faults to take along.

    Args:
        check: of the files.
        root: the folder they lie in, which goes without saying.
    """
    if check.dataset is None:
        told = check.told.replace(f"{root}/", "")
        st.error(literal(retell(say(" ".join(told.split())))), icon=":material/warning:")
    else:
        st.success(
            say("{told}. Sound; nothing is written yet.", told=literal(check.told)),
            icon=":material/check:",
        )
    if check.dataset is not None and check.faults:
        st.warning(
            say(
                "{faults}: these are left out, the rest comes in.",
                faults=counted(len(check.faults), "fault"),
            ),
            icon=":material/rule:",
        )
    if check.turned:
        st.warning(literal(retell(check.turned)), icon=":material/screen_rotation:")
    if check.faults:
        places = [fault.partition(": ") for fault in check.faults]
        table = pd.DataFrame(
            {"place": [p for p, _, _ in places], "fault": [retell(f) for *_, f in places]}
        )
        draw_table(table, hide_index=True, height=FAULTS_HEIGHT, alt=say("Faults of the files"))
        csv_button(table, "faults")


def show_classes(dataset: Dataset) -> None:
    """Show how many objects and images each class has; nothing for label maps alone."""
    objects: Counter[int] = Counter()
    images: Counter[int] = Counter()
    for annotation in dataset.annotations.values():
        if annotation.objects is None:
            return
        own = annotation.objects.categories.tolist()
        objects.update(own)
        images.update(set(own))
    order = range(len(dataset.categories))
    table = pd.DataFrame(
        {
            "class": [category.name for category in dataset.categories],
            "objects": [objects[index] for index in order],
            "images": [images[index] for index in order],
        }
    )
    with st.expander(say("{classes} as read", classes=counted(len(table), "class", "classes"))):
        draw_table(table, hide_index=True, alt=say("Classes as read"))
        csv_button(table, "classes as read")
