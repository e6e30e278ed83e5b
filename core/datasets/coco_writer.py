"""Scenes as files: images, and one COCO instances file a split."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2

from core.datasets.compose import Scene
from core.datasets.photos import Photo
from core.datasets.segments import segment
from core.errors import UsageError
from core.geometry import rle
from core.structures import Category

MOST_IMAGES = 999_999
QUALITIES = (75, 95)  # of JPEG, the best not included


def write_dataset(
    folder: Path,
    images: Mapping[str, int],
    seed: int,
    categories: Sequence[Category],
    scenes: Callable[[str, int, int], tuple[Scene, int]],
    description: str,
    on_image: Callable[[], object],
) -> None:
    """Write a data set to a new folder: SPLIT/SPLIT-000001.jpg … and SPLIT.json.

    The folder appears when all of it is written, or not at all.

    Args:
        folder: must not exist, or be empty.
        images: number of images of each split.
        seed: 0 or more.
        categories: in the order of their class indices.
        scenes: gives the scene of an image, by split, index from 0 and seed, and the quality of
            its JPEG.
        description: goes into the JSON files.
        on_image: is called after each image.

    Raises:
        UsageError: the seed or a number of images is out of range, or the folder is not empty or
            cannot be written.
    """
    _check(folder, images, seed)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
            unfinished = Path(name) / folder.name
            for split, count in images.items():
                (unfinished / split).mkdir(parents=True)
                document = _empty_document(categories, description)
                for index in range(count):
                    scene, quality = scenes(split, index, seed)
                    path = unfinished / split / f"{split}-{index + 1:06d}.jpg"
                    _write_jpeg(path, scene.pixels, quality)
                    _add_scene(document, path.name, scene)
                    on_image()
                (unfinished / f"{split}.json").write_text(json.dumps(document), encoding="utf-8")
            unfinished.replace(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error}). Name another folder.") from error


def _check(folder: Path, images: Mapping[str, int], seed: int) -> None:
    if seed < 0:
        raise UsageError(f"The seed is {seed}; expected a whole number, 0 or more.")
    for split, count in images.items():
        if not 1 <= count <= MOST_IMAGES:
            raise UsageError(
                f"{count} images are asked for the split {split}; "
                f"expected a number from 1 to {MOST_IMAGES}."
            )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is there already and is no empty folder. Name a new folder, or remove it."
        )


def _empty_document(categories: Sequence[Category], description: str) -> dict[str, Any]:
    return {
        "info": {"description": description},
        "images": [],
        "annotations": [],
        "categories": [
            {"id": each.source_id, "name": each.name, "supercategory": each.supercategory}
            for each in categories
        ],
    }


def _write_jpeg(path: Path, pixels: Photo, quality: int) -> None:
    written, encoded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise OSError(f"{path.name} could not be encoded as JPEG")
    path.write_bytes(encoded.tobytes())


def _add_scene(document: dict[str, Any], file_name: str, scene: Scene) -> None:
    """Add an image and its annotations; areas and boxes are those of the mask as written."""
    height, width = scene.pixels.shape[:2]
    image_id = len(document["images"]) + 1
    names = [category["name"] for category in document["categories"]]
    document["images"].append(
        {
            "id": image_id,
            "file_name": file_name,
            "height": height,
            "width": width,
            "tags": list(scene.tags),
            "labels": [names[label] for label in sorted({o.category for o in scene.objects})],
        }
    )
    for scene_object in scene.objects:
        segmentation, mask = segment(scene_object.mask)
        document["annotations"].append(
            {
                "id": len(document["annotations"]) + 1,
                "image_id": image_id,
                "category_id": document["categories"][scene_object.category]["id"],
                "segmentation": segmentation,
                "area": rle.area(mask),
                "bbox": [float(number) for number in rle.box(mask)],
                "iscrowd": 0,
                "attributes": {
                    "colour": scene_object.colour,
                    "visible": round(scene_object.visible, 3),
                },
            }
        )
