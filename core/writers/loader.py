"""Load this folder into FiftyOne or LightlyStudio; run it where one of them is installed.

python load.py [--images FOLDER] [--name NAME] [--run RUN] [--no-app] [--embed]

Every run becomes a field (FiftyOne) or an
annotation source (LightlyStudio) of its own, beside the annotations.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ANNOTATION = "annotation"
Entry = dict[str, Any]
Sets = list[tuple[str, str, dict[int, list[Entry]]]]


def parser(contents: dict[str, Any]) -> argparse.ArgumentParser:
    """Return the options; what is not given is as `contents.json` says."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    made.add_argument("--into", choices=("fiftyone", "lightly"), default=contents["program"])
    made.add_argument(
        "--images", type=Path, default=contents["images_folder"], help="folder of the photographs"
    )
    made.add_argument(
        "--name", default=f"{contents['dataset']} {contents['split']}", help="of the new data set"
    )
    made.add_argument("--run", action="append", help="only this run; may be given several times")
    made.add_argument("--no-app", action="store_true", help="load only, open no window")
    made.add_argument(
        "--embed",
        action="store_true",
        help="have LightlyStudio embed the images, for search by words; it downloads a network",
    )
    return made


def main(arguments: Sequence[str] | None = None, folder: Path | None = None) -> None:
    """Load the folder of this script."""
    folder = folder or Path(__file__).resolve().parent
    contents = json.loads((folder / "contents.json").read_text(encoding="utf-8"))
    options = parser(contents).parse_args(arguments)
    names = [each["run"] for each in contents["runs"]]
    strange = [name for name in options.run or [] if name not in names]
    if strange:
        raise SystemExit(f"There is no run {strange[0]!r} here. Runs: {', '.join(names)}.")
    truth = json.loads((folder / contents["annotations"]).read_text(encoding="utf-8"))
    require_photographs(truth["images"], Path(options.images))
    sets: Sets = [(ANNOTATION, ANNOTATION, by_image(truth["annotations"]))]
    for each in contents["runs"]:
        if not options.run or each["run"] in options.run:
            entries = json.loads((folder / each["file"]).read_text(encoding="utf-8"))
            sets.append((each["run"], each["field"], by_image(entries)))
    load = into_fiftyone if options.into == "fiftyone" else into_lightly
    load(truth, sets, options, folder / contents["images"])


def require_photographs(images: Sequence[Entry], folder: Path) -> None:
    """Refuse a folder that lacks photographs: they would be blank, or left out without a word."""
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder. Say where the photographs are: --images.")
    names = [image["file_name"] for image in images]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise SystemExit(
            f"{folder} lacks {len(missing)} of the photographs, of {len(names)} in all; the first "
            f"is {missing[0]}. Say where they are: --images."
        )


def by_image(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return COCO's entries by the id of their image, in their order."""
    found: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry["image_id"]].append(entry)
    return found


def unpacked(entry: Entry) -> NDArray[np.bool_] | None:
    """Return the (height, width) mask of an entry; None if it has none or an empty one."""
    if "segmentation" not in entry:
        return None
    height, width = entry["segmentation"]["size"]
    runs = run_lengths(entry["segmentation"]["counts"])
    mask = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T
    return mask if mask.any() else None


def run_lengths(text: str) -> list[int]:
    """Return the run lengths of COCO's compressed string, as pycocotools writes it.

    A number has five bits a letter, the lowest first; from the fourth on it is the difference from
    the last but one.
    """
    lengths: list[int] = []
    number = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        number |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            number -= 1 << shift
        lengths.append(number + (lengths[-2] if len(lengths) > 2 else 0))
        number = shift = 0
    return lengths


def extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return x, y, width and height of the least box around a mask that is not empty."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y


def require_new(name: str, *, there: bool) -> None:
    """Refuse the name of a data set that the program has."""
    if there:
        raise SystemExit(f"There is a data set {name!r} already. Give this one another --name.")


def into_fiftyone(
    truth: dict[str, Any], sets: Sets, options: argparse.Namespace, _images: Path
) -> None:
    """Make a FiftyOne data set; a mask fills the least box around it, pixel by pixel."""
    import fiftyone as fo

    classes = {each["id"]: each["name"] for each in truth["categories"]}

    def detection(entry: Entry, width: int, height: int) -> Any:  # noqa: ANN401 - of FiftyOne
        mask, box, cut = unpacked(entry), entry.get("bbox", [0, 0, 0, 0]), {}
        kept = {"coco_bbox": box, "iscrowd": bool(entry.get("iscrowd", 0))}
        if mask is not None:
            box = x, y, columns, rows = extent(mask)
            cut = {"mask": mask[y : y + rows, x : x + columns]}
        relative = [box[0] / width, box[1] / height, box[2] / width, box[3] / height]
        return fo.Detection(
            label=classes[entry["category_id"]],
            bounding_box=relative,
            confidence=entry.get("score"),
            **cut,
            **kept,
        )

    require_new(options.name, there=fo.dataset_exists(options.name))
    samples = []
    for image in truth["images"]:
        width, height = image["width"], image["height"]
        sample = fo.Sample(
            filepath=str(Path(options.images).resolve() / image["file_name"]),
            tags=image.get("tags", []),
            metadata=fo.ImageMetadata(width=width, height=height),
            coco_id=image["id"],
        )
        for _, field, entries in sets:
            found = [detection(each, width, height) for each in entries.get(image["id"], [])]
            sample[field] = fo.Detections(detections=found)
        samples.append(sample)
    dataset = fo.Dataset(options.name, persistent=True)
    dataset.add_samples(samples)
    print(f"Loaded as the FiftyOne data set {options.name!r}: images {len(samples)}.")
    if not options.no_app:
        fo.launch_app(dataset).wait()


def is_known(datasets: Any, name: str) -> bool:  # noqa: ANN401 - of LightlyStudio
    """Return whether LightlyStudio has a data set of a name; it tells by an error."""
    try:
        datasets.load(name=name)
    except ValueError:
        return False
    return True


def into_lightly(
    truth: dict[str, Any], sets: Sets, options: argparse.Namespace, images: Path
) -> None:
    """Make a LightlyStudio data set; it keeps boxes in whole pixels."""
    import lightly_studio as ls
    from lightly_studio.core.annotation import CreateObjectDetection, CreateSegmentationMask

    classes = {each["id"]: each["name"] for each in truth["categories"]}
    root = Path(options.images).resolve()
    of_paths = {str(root / image["file_name"]): image for image in truth["images"]}

    def created(entry: Entry) -> Any:  # noqa: ANN401 - of LightlyStudio
        named = {"class_name": classes[entry["category_id"]], "confidence": entry.get("score")}
        mask = unpacked(entry)
        if mask is not None:
            return CreateSegmentationMask.from_binary_mask(binary_mask=mask.astype(int), **named)
        left, top, width, height = entry.get("bbox", [0, 0, 0, 0])
        x, y = round(left), round(top)
        right, bottom = round(left + width), round(top + height)
        return CreateObjectDetection(x=x, y=y, width=right - x, height=bottom - y, **named)

    require_new(options.name, there=is_known(ls.ImageDataset, options.name))
    dataset = ls.ImageDataset.create(name=options.name)
    dataset.add_samples_from_coco(
        annotations_json=images, images_path=root, embed=options.embed, embed_annotations=False
    )
    count = 0
    for sample in dataset:
        image = of_paths[sample.file_path_abs]
        count += 1
        sample.metadata["coco_id"] = image["id"]
        for tag in image.get("tags", []):
            sample.add_tag(tag)
        for source, _, entries in sets:
            objects = [created(entry) for entry in entries.get(image["id"], [])]
            sample.add_annotations(objects, annotation_source=source)
    print(f"Loaded as the LightlyStudio data set {options.name!r}: images {count}.")
    if not options.no_app:
        ls.start_gui()


if __name__ == "__main__":
    main()
