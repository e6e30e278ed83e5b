"""Some images of a data set as a folder that FiftyOne or LightlyStudio loads.

contents.json      which data set, split and runs; which file is whose
annotations.json   COCO instances of just these images
images.json        the same without annotations: the list of the images
run-NAME.json      COCO results of a run, masks as run lengths
load.py            loads all this where one of the programs is installed
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.writers import loader
from core.writers.bundle import ANNOTATIONS, CONTENTS, plain_names
from core.writers.coco import write_annotations, write_detections, write_images
from core.writers.contents import RunContents, TruthContents, told_of_all

IMAGES: Final = "images.json"
SCRIPT: Final = "load.py"
ENDINGS: Final = (".json", ".py")
PROGRAMS: Final = ("fiftyone", "lightly")


def write_loadable(
    truth: TruthContents,
    runs: Sequence[RunContents],
    images_folder: Path,
    program: str,
    target: Path,
) -> str:
    """Write the folder and return what was written, in a few words.

    Args:
        truth: the annotations.
        runs: their predictions on the same images.
        images_folder: where the paths of the images start.
        program: one of `PROGRAMS`, which `load.py` takes unless it is told otherwise.
        target: a folder that is there, and empty.

    Raises:
        UsageError: classes share an id.
    """
    names = plain_names([each.run for each in runs])
    fields = field_names(names)
    with (target / ANNOTATIONS).open("w", encoding="utf-8") as file:
        objects = write_annotations(truth, file)
    with (target / IMAGES).open("w", encoding="utf-8") as file:
        write_images(truth, file)
    for each in runs:
        with (target / _file(names[each.run])).open("w", encoding="utf-8") as file:
            write_detections(each, file)
    about = {
        "program": program,
        "dataset": truth.dataset,
        "split": truth.split,
        "annotations": ANNOTATIONS,
        "images": IMAGES,
        "images_folder": str(images_folder.resolve()),
        "runs": [
            {"run": run, "field": fields[run], "file": _file(name)} for run, name in names.items()
        ],
    }
    (target / CONTENTS).write_text(json.dumps(about, indent=1), encoding="utf-8")
    script = Path(loader.__file__).read_text(encoding="utf-8")
    (target / SCRIPT).write_text(script, encoding="utf-8")
    return f"{told_of_all(objects, truth, runs)}; python {SCRIPT} there loads them"


def _file(name: str) -> str:
    return f"run-{name}.json"


def field_names(names: dict[str, str]) -> dict[str, str]:
    """Return a field's name for each run: letters, digits and _, the first one a letter."""
    fields: dict[str, str] = {}
    for run, name in names.items():
        plain = field = f"run_{re.sub(r'[^A-Za-z0-9]', '_', name)}"
        number = 1
        while field.lower() in map(str.lower, fields.values()):
            number += 1
            field = f"{plain}_{number}"
        fields[run] = field
    return fields
