"""Some images of a data set in one zip: annotations, what every run says of them, photographs.

contents.json       which data set, split and runs; which file is whose; photographs left out
annotations.json    COCO instances of just these images
results/NAME.json   COCO results of a run
images/PATH         the photographs, where they are wanted
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, TextIO

from core.words import counted
from core.writers.coco import write_annotations, write_detections
from core.writers.contents import RunContents, TruthContents, told_of_all

ANNOTATIONS: Final = "annotations.json"
CONTENTS: Final = "contents.json"
RESULTS: Final = "results/"
IMAGES: Final = "images/"
# a time of writing would make every archive another one
_AT: Final = (1980, 1, 1, 0, 0, 0)


def write_bundle(
    truth: TruthContents,
    runs: Sequence[RunContents],
    photographs: Mapping[str, Path] | None,
    target: Path | BinaryIO,
) -> str:
    """Write the zip and return what was written, in a few words.

    Args:
        truth: the annotations.
        runs: their predictions on the same images.
        photographs: path in the data set to the file of each photograph that is there, or None to
            leave them out.
        target: the file to write.

    Raises:
        UsageError: classes share an id.
    """
    plain = plain_names([each.run for each in runs])
    names = {run: f"{RESULTS}{name}.json" for run, name in plain.items()}
    found = {}
    with zipfile.ZipFile(target, "w") as archive:
        with _text(archive, ANNOTATIONS) as file:
            objects = write_annotations(truth, file)
        for each in runs:
            with _text(archive, names[each.run]) as file:
                found[each.run] = write_detections(each, file)
        for path, place in (photographs or {}).items():
            # photographs are compressed already
            with _entry(archive, f"{IMAGES}{path}", zipfile.ZIP_STORED) as stored:
                stored.write(place.read_bytes())
        with _text(archive, CONTENTS) as file:
            json.dump(_about(truth, runs, names, found, photographs), file, indent=1)
    taken = "" if photographs is None else f", {counted(len(photographs), 'photograph')}"
    return f"{told_of_all(objects, truth, runs)}{taken}"


def _about(
    truth: TruthContents,
    runs: Sequence[RunContents],
    names: Mapping[str, str],
    found: Mapping[str, int],
    photographs: Mapping[str, Path] | None,
) -> dict[str, object]:
    left_out = [] if photographs is None else [i for i in truth.images if i.path not in photographs]
    return {
        "dataset": truth.dataset,
        "split": truth.split,
        "images": len(truth.images),
        "annotations": ANNOTATIONS,
        "runs": [
            {
                "run": each.run,
                "file": names[each.run],
                "images": len(each.images),
                "objects": found[each.run],
            }
            for each in runs
        ],
        "photographs": None if photographs is None else IMAGES,
        "photographs_missing": [image.path for image in left_out],
    }


def plain_names(runs: Sequence[str]) -> dict[str, str]:
    """Return a file's name for each run without ending, its own as far as a file can have it."""
    names: dict[str, str] = {}
    for run in runs:
        plain = re.sub(r"[^\w.-]+", "_", run, flags=re.ASCII).strip("._")[:80] or "run"
        name, number = plain, 1
        while name.lower() in map(str.lower, names.values()):
            number += 1
            name = f"{plain}_{number}"
        names[run] = name
    return names


@contextmanager
def _entry(archive: zipfile.ZipFile, name: str, form: int) -> Iterator[IO[bytes]]:
    entry = zipfile.ZipInfo(name, _AT)
    entry.external_attr = 0o644 << 16
    entry.compress_type = form
    with archive.open(entry, "w", force_zip64=True) as stored:
        yield stored


@contextmanager
def _text(archive: zipfile.ZipFile, name: str) -> Iterator[TextIO]:
    with _entry(archive, name, zipfile.ZIP_DEFLATED) as stored:
        text = io.TextIOWrapper(stored, encoding="utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()
