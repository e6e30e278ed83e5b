"""What trainings see of images, kept beside the store: originals, draws and their label maps.

    previews/STORE/KEY.json          what was drawn, and when
    previews/STORE/KEY.photos.png    a row an image: the original, then its draws
    previews/STORE/KEY.labels.png    the class of each pixel of the same grid

The key is a hash of what was drawn, so that the same settings replace their preview.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import WorkFailedError
from core.structures import LabelMap

# systems that change their samples by Overlook's own augmentation
SYSTEMS = ("mask-rcnn", "retinanet", "unet-tf", "unet-torch", "unet-two-heads")
# settings that say how far a sample may be changed
SETTINGS = ("flip", "zoom", "shift", "brightness", "contrast", "shuffle_colours")
GAP = 6  # pixels between the cells of a grid


@dataclass(frozen=True)
class Preview:
    """What was drawn.

    Attributes:
        system: whose training.
        dataset: name of the data set.
        split: that is learnt from.
        settings: of the training, as JSON keeps them.
        seed: of all that is random.
        images: names of the images, one a row of the grid.
        draws: of each.
        side: of a cell, in pixels.
        classes: what the values of the label maps are called.
        background: value that means "nothing", or None.
        trained: whether a training of these settings kept it.
        drawn: when, ISO 8601 with the zone.
    """

    system: str
    dataset: str
    split: str
    settings: Mapping[str, object]
    seed: int
    images: tuple[str, ...]
    draws: int
    side: int
    classes: tuple[str, ...]
    background: int | None
    trained: bool
    drawn: str = ""

    @property
    def key(self) -> str:
        """Return the hash of all but the time."""
        fields = {name: value for name, value in asdict(self).items() if name != "drawn"}
        text = json.dumps(fields, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def previews_folder(store: Path) -> Path:
    """Return the folder of the previews that belong to a store."""
    return store.parent / "previews" / store.name


def preview_job(store: Path) -> Path:
    """Return the folder of the job that draws a preview for a store."""
    return store.parent / "previews" / f"{store.name}.job"


def write_preview(
    folder: Path, preview: Preview, photos: NDArray[np.uint8], labels: LabelMap
) -> Preview:
    """Write a preview in place of what was drawn with the same settings; return it with its time.

    Args:
        folder: of `previews_folder`.
        preview: what was drawn.
        photos: (H, W, 4) red, green, blue, alpha, the grid.
        labels: (H, W) class indices of the same grid, void between the cells.

    Raises:
        WorkFailedError: the folder cannot be written.
    """
    dated = Preview(**{**asdict(preview), "drawn": datetime.now(UTC).isoformat()})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, pixels in (("photos", photos), ("labels", labels)):
            aside = folder / f"{preview.key}.{kind}.tmp"
            Image.fromarray(pixels).save(aside, format="PNG")
            aside.replace(grid_path(folder, preview, kind))
        # last: a preview without it is not there
        aside = folder / f"{preview.key}.tmp"
        aside.write_text(json.dumps(asdict(dated)), encoding="utf-8")
        aside.replace(folder / f"{preview.key}.json")
    except OSError as error:
        raise WorkFailedError(f"{folder} cannot be written ({error.strerror}).") from error
    return dated


def read_previews(folder: Path, dataset: str, split: str) -> list[Preview]:
    """Return the previews of a split, newest first; files of something else are passed over."""
    found = [_read(path) for path in folder.glob("*.json")]
    own = [each for each in found if each and (each.dataset, each.split) == (dataset, split)]
    return sorted(own, key=lambda each: each.drawn, reverse=True)


def grid_path(folder: Path, preview: Preview, kind: str) -> Path:
    """Return where a grid is: of the "photos", or of the "labels"."""
    return folder / f"{preview.key}.{kind}.png"


def _read(path: Path) -> Preview | None:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(fields[name]) for name in ("images", "classes")}
        preview = Preview(**{**fields, **lists})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return preview if path.stem == preview.key else None
