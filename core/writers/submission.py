"""A submission: one zip of a mask for each image, and what each image shows.

masks/NAME.png   class index of each pixel at the image's own size; the number after the last
class is "nothing" where no class means that, 255 or 65535 is no answer
labels.csv       the columns image and labels: the class indices that the image shows, ascending,
separated by spaces
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from core.metrics.image_labels import FIXED_THRESHOLD, LEAST_PIXELS
from core.readers.submission import COLUMNS, LABELS, MASKS
from core.structures import Prediction
from core.words import counted
from core.writers.contents import RunContents, file_names


def write_submission(contents: RunContents, target: Path) -> str:
    """Write the zip; one run always gives the same bytes.

    An image shows the classes whose probability the system gives as 50 % or more; of systems that
    say nothing of the image as a whole, those with 16 pixels or more of its mask.

    Args:
        contents: of a run that has label maps.
        target: the file to write.
    """
    names = file_names(contents, ".png")
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    count = 0
    with zipfile.ZipFile(target, "w") as archive:
        for prediction in contents.predictions():
            if prediction.label_map is None:
                continue
            stored = io.BytesIO()
            Image.fromarray(prediction.label_map).save(stored, format="PNG")
            _add(archive, f"{MASKS}{names[prediction.image.id]}", stored.getvalue())
            labels = shown_classes(prediction, len(contents.categories), contents.background)
            rows.writerow([prediction.image.name, " ".join(map(str, labels))])
            count += 1
        _add(archive, LABELS, table.getvalue().encode("utf-8"))
    return f"{counted(count, 'mask')} and the classes each image shows"


def shown_classes(prediction: Prediction, class_count: int, background: int | None) -> list[int]:
    """Return the class indices that an image shows, ascending.

    Args:
        prediction: with a label map.
        class_count: C, the number of categories.
        background: class index that means "nothing", or None.
    """
    if prediction.probabilities is not None:
        shown = prediction.probabilities >= FIXED_THRESHOLD
    elif prediction.label_map is not None:
        pixels = np.bincount(prediction.label_map.ravel(), minlength=class_count)
        shown = pixels[:class_count] >= LEAST_PIXELS
    else:
        return []
    return [index for index in np.flatnonzero(shown).tolist() if index != background]


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # PNGs are compressed already, and a time of writing would make every archive another one
    form = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, compress_type=form)
