"""Which formats a folder could be in: what its files look like, and where the images lie."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.errors import UsageError
from core.readers import json_file
from core.readers.images import ENDINGS
from core.readers.via import PROJECT

MOST_BYTES = 200_000_000  # of a JSON file that is looked into
HEAD_BYTES = 4096
SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
          "test": "test", "testing": "test"}  # fmt: skip
PARTS = re.compile(r"[^a-z]+")
LABEL_WORDS = re.compile("label|mask|annot|truth|seg")
CLASS_FILES = ("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "names.txt", "obj.names")
LEAST_NUMBERS = 5  # of a row of YOLO: a class and a box


@dataclass(frozen=True)
class Found:
    """One way to read the files of a folder.

    Attributes:
        format: as `--format` names it.
        annotations: the file or folder.
        images: folder of the photographs, or None where it was not found (runs need none).
        is_run: they are predictions, not annotations.
        options: options of the format that follow from what lies there, by the readers' names.
    """

    format: str
    annotations: Path
    images: Path | None
    is_run: bool = False
    options: Mapping[str, Path] = field(default_factory=dict)

    def split(self, root: Path) -> str:
        """Return the split that the names of files and folders speak of, or "val".

        Args:
            root: the folder that was looked into; names above it play no part.
        """
        names = self.annotations.relative_to(root).parts
        beside = () if self.images is None else self.images.relative_to(root).parts[-1:]
        for word in (*names[-1:], *beside, *reversed(names[:-1])):
            for part in PARTS.split(word.lower()):
                if part in SPLITS:
                    return SPLITS[part]
        return "val"


class _Folder:
    """All files below a folder, by what they end in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[Path] = []
        top = root.resolve()
        for folder, names, files in os.walk(root):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                path = Path(folder) / name
                hidden = name.startswith(".")
                if not hidden and (not path.is_symlink() or path.resolve().is_relative_to(top)):
                    self.files.append(path)
        self.images = [path for path in self.files if path.suffix.lower() in ENDINGS]
        self._of_name: dict[str, list[Path]] = defaultdict(list)
        self._of_stem: dict[str, set[Path]] = defaultdict(set)
        for path in self.images:
            self._of_name[path.name].append(path)
            self._of_stem[path.stem].add(path.parent)

    def ending(self, *endings: str) -> list[Path]:
        return [path for path in self.files if path.name.lower().endswith(endings)]

    def start_of(self, names: Iterable[str]) -> Path | None:
        """Return the folder from which most of the names lead to an image."""
        votes: Counter[Path] = Counter()
        for name in names:
            steps = PurePosixPath(name).parts
            for path in self._of_name.get(steps[-1], ()) if steps else ():
                if path.parts[-len(steps) :] == steps:
                    votes[path.parents[len(steps) - 1]] += 1
        return votes.most_common(1)[0][0] if votes else None

    def of_stems(self, stems: Iterable[str], but: Path | None = None) -> Path | None:
        """Return the folder with most images of these names without endings."""
        votes = Counter(
            folder for stem in stems for folder in self._of_stem.get(stem, ()) if folder != but
        )
        return votes.most_common(1)[0][0] if votes else None


def find_formats(root: Path) -> list[Found]:
    """Return the ways in which the files below a folder can be read, the likeliest first.

    Files are looked into, not checked: that is what the readers do.
    """
    folder = _Folder(root)
    found = [each for look in LOOKS for each in look(folder)]
    # ways that lack their images come last, and of two grey folders the one that is called so first
    return sorted(
        found,
        key=lambda each: (
            each.images is None and not each.is_run,
            each.format == "label-png" and not LABEL_WORDS.search(each.annotations.name),
        ),
    )


def _of_json(folder: _Folder) -> Iterator[Found]:
    labelme: dict[Path, list[str]] = defaultdict(list)
    for path in folder.ending(".json"):
        document = _document(path)
        if isinstance(document, list):
            if document and isinstance(document[0], dict) and "image_id" in document[0]:
                yield Found("coco-results", path, None, is_run=True)
        elif isinstance(document, dict) and isinstance(document.get("shapes"), list):
            name = str(document.get("imagePath")).replace("\\", "/")
            labelme[path.parent].append(PurePosixPath(name).name)
        elif isinstance(document, dict):
            yield from _of_one_json(folder, path, document)
    for parent, names in labelme.items():
        yield Found("labelme", parent, folder.start_of(names))


def _of_one_json(folder: _Folder, path: Path, document: dict[str, object]) -> Iterator[Found]:
    images = document.get("images")
    if isinstance(images, list) and isinstance(document.get("annotations"), list):
        start = folder.start_of(_texts(images, "file_name"))
        segmented = _texts(document["annotations"], "file_name")
        if segmented:
            pngs = folder.start_of(segmented)
            options = {"png_folder": pngs} if pngs else {}
            yield Found("coco-panoptic", path, start, options=options)
        else:
            yield Found("coco", path, start)
        return
    painted = document.get("annotations")
    if isinstance(painted, list) and _texts(painted, "file_name"):
        yield Found("coco-panoptic", path, None, is_run=True)
        return
    held = document.get(PROJECT, document)
    entries = list(held.values()) if isinstance(held, dict) else []
    if entries and all(isinstance(each, dict) and "regions" in each for each in entries):
        near = [f"{path.parent.name}/{name}" for name in _texts(entries, "filename")]
        beside = folder.start_of(near)
        start = beside / path.parent.name if beside else None
        yield Found("via", path, start or folder.start_of(_texts(entries, "filename")))


def _of_xml(folder: _Folder) -> Iterator[Found]:
    of: dict[Path, list[str]] = defaultdict(list)
    for path in folder.ending(".xml"):
        if b"<annotation" in _head(path):
            of[path.parent].append(path.stem)
    for parent, stems in of.items():
        classes = next((p for p in folder.files if p.parent.name == "SegmentationClass"), None)
        objects = next((p for p in folder.files if p.parent.name == "SegmentationObject"), None)
        pngs = {"png_folder": classes, "object_folder": objects}
        options = {name: path.parent for name, path in pngs.items() if path is not None}
        yield Found("pascal-voc", parent, folder.of_stems(stems), options=options)


def _of_yolo(folder: _Folder) -> Iterator[Found]:
    names = [path for path in folder.files if path.name in CLASS_FILES]
    of: dict[Path, list[str]] = defaultdict(list)
    rows: set[Path] = set()
    for path in folder.ending(".txt"):
        if path.name in CLASS_FILES:
            continue
        head = _head(path)
        if not head.strip():
            of[path.parent].append(path.stem)
        elif _is_row(head.splitlines()[0]):
            of[path.parent].append(path.stem)
            rows.add(path.parent)
    for parent in rows:
        options = {"class_names": names[0]} if names else {}
        yield Found("yolo", parent, folder.of_stems(of[parent]), options=options)
        yield Found("yolo", parent, None, is_run=True)


def _of_pngs(folder: _Folder) -> Iterator[Found]:
    """Folders of PNGs that other images share their names with."""
    stems: dict[Path, list[str]] = defaultdict(list)
    pngs: Counter[Path] = Counter()
    for path in folder.images:
        stems[path.parent].append(path.stem)
        pngs[path.parent] += path.suffix.lower() == ".png" and _has_one_channel(path)
    cities = [path for path in folder.images if path.name.endswith("_gtFine_labelIds.png")]
    if cities:
        names = [path.name.replace("_gtFine_labelIds", "_leftImg8bit") for path in cities]
        start = folder.start_of(names)
        yield Found("cityscapes", cities[0].parents[1], start.parent if start else None)
        return
    for parent, count in pngs.items():
        if count and count == len(stems[parent]):
            images = folder.of_stems(stems[parent], but=parent)
            if images is not None:
                yield Found("label-png", parent, images)
            yield Found("label-png", parent, None, is_run=True)


def _of_rest(folder: _Folder) -> Iterator[Found]:
    masks = folder.ending("_mask.gif")
    if masks:
        stems = [path.stem.removesuffix("_mask") for path in masks]
        yield Found("carvana", masks[0].parent, folder.of_stems(stems))
    for path in folder.ending("digitstruct.mat"):
        yield Found("svhn", path, path.parent)
    for path in folder.ending("-idx1-ubyte", "-idx1-ubyte.gz"):
        images = path.with_name(path.name.replace("labels-idx1", "images-idx3"))
        if images in folder.files:
            yield Found("mnist", path, images)
    for path in folder.ending(".csv"):
        header = [word.strip() for word in _head(path).decode("utf-8-sig", "replace").split("\n")[0]
                  .split(",")]  # fmt: skip
        if "file" in header and "label" in header:
            at = header.index("file")
            lines = _head(path).decode("utf-8-sig", "replace").split("\n")[1:-1]
            names = [line.split(",")[at] for line in lines if line.count(",") >= at]
            yield Found("csv", path, folder.start_of(names))


LOOKS: tuple[Callable[[_Folder], Iterator[Found]], ...] = (
    *(_of_json, _of_xml, _of_yolo, _of_pngs, _of_rest),
)


def _document(path: Path) -> object:
    try:
        return None if path.stat().st_size > MOST_BYTES else json_file.load(path).document
    except (UsageError, OSError):
        return None


def _texts(entries: object, key: str) -> list[str]:
    each = entries if isinstance(entries, list) else []
    found = (fields.get(key) for fields in each if isinstance(fields, dict))
    return [text for text in found if isinstance(text, str)]


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _is_row(line: bytes) -> bool:
    words = line.split()
    try:
        return len(words) >= LEAST_NUMBERS and all(float(word) >= 0 for word in words)
    except ValueError:
        return False


def _has_one_channel(path: Path) -> bool:
    """Tell it by the colour type of the PNG's header: grey, or a palette."""
    head = _head(path)
    return head[:4] == b"\x89PNG" and len(head) > 25 and head[25] in (0, 3)
