"""Histories of trainings that other programs wrote: a value of each name at each epoch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.readers import json_file
from core.readers.array_files import open_array
from core.readers.event_files import read_scalars
from core.readers.faults import Fault, settle, shown

EPOCHS = ("epoch", "epochs", "step", "iteration", "iter")
EVENTS = "tfevents"
GREATEST_EPOCH = 2**31 - 2
ADVICE = "Mend the file, or leave out what is faulty with --skip-bad."
PICKLED = (
    "it holds Python objects (a pickled dictionary, as np.save writes one of a History). "
    "Loading it would run what it says, so it is not loaded. Write the history as JSON, "
    "json.dump(history.history, open('history.json', 'w'), default=float), or as CSV with "
    "pandas.DataFrame(history.history).to_csv('history.csv'), and import that."
)


@dataclass(frozen=True)
class ReadHistory:
    """The curves of a training.

    Attributes:
        form: what the file was: "csv", "json", "npy" or "tensorboard".
        points: epoch, from 1 and ascending, to the values by name; all finite.
        shift: 1 where the file counted from 0, else 0.
    """

    form: str
    points: tuple[tuple[int, Mapping[str, float]], ...]
    shift: int

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the curves, in the order in which they first occur."""
        return tuple(dict.fromkeys(name for _, values in self.points for name in values))


class _Points:
    """Values on their way into a history; what cannot be one becomes a fault."""

    def __init__(self) -> None:
        self.values: dict[int, dict[str, float]] = {}
        self.faults: list[Fault] = []

    def add(self, place: str, epoch: int, name: str, value: object) -> None:
        if isinstance(value, str):
            with suppress(ValueError):
                value = float(value)
        number = type(value) in (int, float)
        try:
            fits = number and math.isfinite(float(value))  # type: ignore[arg-type]
        except OverflowError:
            fits = False
        own = self.values.setdefault(epoch, {})
        if not fits:
            self.faults.append(Fault(place, f"{name} is {shown(value)}; expected a finite number"))
        elif not 0 <= epoch <= GREATEST_EPOCH:
            self.faults.append(Fault(place, f"the epoch is {epoch}; expected 0 or more"))
        elif name in own:
            self.faults.append(Fault(place, f"{name} of epoch {epoch} is there more than once"))
        else:
            own[name] = float(value)  # type: ignore[arg-type]


def read_history(
    path: Path, *, names: Sequence[str] = (), skip_bad: bool = False
) -> tuple[ReadHistory, tuple[Fault, ...]]:
    """Return the history of a file, and what was left out of it.

    CSV: a row an epoch, a column a value (Keras' CSVLogger, ultralytics' results.csv, any other);
    the column epoch or step counts, without one the rows do. JSON: lists by name (Keras'
    History.history), or a list of objects. .npy: numbers alone, (epochs,) or (epochs, names).
    TensorBoard: an event file, or a folder of them. Counting from 0 becomes counting from 1.

    Args:
        path: the file; of TensorBoard a folder too.
        names: of the columns of a .npy array.
        skip_bad: leave out values that are no finite numbers, and return their faults.

    Raises:
        UsageError: the file is none of these.
        FaultyInputError: values have faults; all of them are listed.
    """
    points = _Points()
    if path.is_dir() or EVENTS in path.name:
        form = "tensorboard"
        _of_events(path, points)
    elif path.suffix.lower() == ".npy":
        form = "npy"
        _of_array(path, names, points)
    elif path.suffix.lower() == ".json":
        form = "json"
        _of_json(path, json_file.load(path).document, points)
    else:
        form = "csv"
        _of_csv(path, points)
    held = {epoch: values for epoch, values in sorted(points.values.items()) if values}
    kept = sum(map(len, held.values()))
    settled = settle(str(path), points.faults, skip_bad=skip_bad, kept=kept, advice=ADVICE)
    if not held:
        raise UsageError(f"{path}: it holds no values of any epoch.")
    shift = int(0 in held)
    return ReadHistory(form, tuple((e + shift, held[e]) for e in held), shift), settled


def _of_events(path: Path, points: _Points) -> None:
    files = sorted(path.rglob(f"*{EVENTS}*")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"{path}: the folder holds no event files (events.out.tfevents.…).")
    for file in files:
        below = file.parent.relative_to(path).as_posix() if path.is_dir() else "."
        prefix = "" if below == "." else f"{below}/"
        for tag, step, value in read_scalars(file):
            name = f"{prefix}{tag}"
            # a training that went on after a stop writes its last steps again: the later counts
            points.values.get(step, {}).pop(name, None)
            points.add(f"{file.name} step {step}", step, name, value)


def _of_array(path: Path, names: Sequence[str], points: _Points) -> None:
    try:
        array = open_array(path).all()
    except UsageError as error:
        if b"'|O'" in json_file.read_file(path)[:1024]:
            raise UsageError(f"{path}: {PICKLED}") from error
        raise
    if array.ndim > 2:
        raise UsageError(f"{path}: its shape is {array.shape}; expected (epochs,) or (epochs, n).")
    table = array.reshape(len(array), -1)
    words = list(names) or ([path.stem] if table.shape[1] == 1 else [])
    if len(words) != table.shape[1] or len(set(words)) != len(words):
        raise UsageError(
            f"{path}: it has {table.shape[1]} columns and {len(words)} names. Name each by "
            "--names loss,val_loss,…"
        )
    for epoch, row in enumerate(table.tolist()):
        for name, value in zip(words, row, strict=True):
            points.add(f"row {epoch}", epoch, name, float(value))


def _of_json(path: Path, document: object, points: _Points) -> None:
    if isinstance(document, dict) and isinstance(document.get("history"), dict | list):
        document = document["history"]
    if isinstance(document, dict):
        for name, values in document.items():
            if not isinstance(values, list):
                raise UsageError(
                    f"{path}: {shown(name)} is {shown(values)}; expected a list of numbers, one an "
                    "epoch, as Keras' History.history has them."
                )
            for epoch, value in enumerate(values):
                points.add(f"{name}[{epoch}]", epoch, str(name), value)
    elif isinstance(document, list) and all(isinstance(each, dict) for each in document):
        rows = [{str(name): value for name, value in each.items()} for each in document]
        _of_rows(rows, [f"[{index}]" for index in range(len(rows))], points)
    else:
        raise UsageError(
            f"{path}: expected an object of lists by name, or a list of objects, one an epoch."
        )


def _of_csv(path: Path, points: _Points) -> None:
    try:
        text = json_file.read_file(path).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}: it cannot be read as a table ({error}). Expected a CSV file with a header, "
            "a .json, a .npy of numbers or an event file of TensorBoard."
        ) from error
    header = [word.strip() for word in rows[0]] if rows else []
    if len(set(header)) != len(header) or not any(header):
        raise UsageError(f"{path}: its first line is {shown(header)}; expected different names.")
    filled = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(row)]
    for line, row in filled:
        if len(row) != len(header):
            points.faults.append(
                Fault(f"line {line}", f"it has {len(row)} columns; expected {len(header)}")
            )
    whole = [(line, row) for line, row in filled if len(row) == len(header)]
    # pandas writes the number of the row under an empty name
    tables = [
        {
            name: word.strip()
            for name, word in zip(header, row, strict=True)
            if name and word.strip()
        }
        for _, row in whole
    ]
    _of_rows(tables, [f"line {line}" for line, _ in whole], points)


def _of_rows(rows: Sequence[Mapping[str, object]], places: Sequence[str], points: _Points) -> None:
    """Add rows of values; a column that counts gives the epochs, else the rows do."""
    counting = next((n for row in rows for n in row if n.lower() in EPOCHS), None)
    for index, (row, place) in enumerate(zip(rows, places, strict=True)):
        epoch = index if counting is None else _epoch(row.get(counting))
        if epoch is None:
            message = f"{counting} is {shown(row.get(str(counting)))}; expected a whole number"
            points.faults.append(Fault(place, message))
            continue
        for name, value in row.items():
            if name != counting and value is not None:
                points.add(place, epoch, name, value)


def _epoch(value: object) -> int | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() else None
