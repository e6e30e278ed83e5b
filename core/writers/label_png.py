"""Label maps as PNG, one file an image, class indices as they are stored."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from core.writers.contents import RunContents, file_names


def write_label_pngs(contents: RunContents, target: Path) -> str:
    """Write a PNG of 8 or 16 bit for each image, at the image's own size.

    Args:
        contents: of a run that has label maps.
        target: an empty folder.
    """
    names = file_names(contents, ".png")
    count = 0
    for prediction in contents.predictions():
        if prediction.label_map is not None:
            Image.fromarray(prediction.label_map).save(target / names[prediction.image.id])
            count += 1
    return f"{count:,} label maps"
