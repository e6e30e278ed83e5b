"""What an import is told: name, format, folders and the options of the format."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from pathlib import Path

import streamlit as st

from core.commands.format_options import FLAGS
from core.commands.import_dataset import ARRAY_FORMATS, LABEL_FOLDERS
from core.commands.import_run import RUN_FOLDERS
from core.errors import UsageError
from core.readers import DATASET_FORMATS, RUN_FORMATS, dataset_reader
from core.readers.box_forms import FORMS
from core.readers.find_format import CLASS_FILES, Found
from core.readers.via import region_attributes
from pages.ui import selection, store
from pages.ui.import_files import Place
from pages.ui.language import mark, say
from pages.ui.words import literal

OTHER = mark("something else")
NOT_GIVEN = mark("not given")
MOST_CHOICES = 2_000
FOLDERS = ("png_folder", "object_folder")
FILES = {"only": (".txt",), "class_names": (".txt", ".yaml", ".yml", ".names"), "boxes": (".npy",)}
TITLES = {
    "png_folder": mark("Folder of PNGs"),
    "object_folder": mark("Folder of object PNGs"),
    "only": mark("List of the split's images"),
    "class_names": mark("File of class names"),
    "boxes": mark("File of boxes"),
    "class_attribute": mark("Attribute that is the class"),
    "one_class": mark("Class of all objects"),
    "shape": mark("Shape of an image"),
    "void": mark("Value of pixels without a label"),
    "box_form": mark("What the numbers of a box mean"),
    "zero_based": mark("Boxes count from 0"),
    "require_images": mark("Photographs may be missing"),
}


def ask_format(found: Sequence[Found], place: Place, *, is_run: bool) -> Found | None:
    """Ask in which of the found ways the files are read, or in another; None while it is open."""
    ways = [each for each in found if each.is_run == is_run]
    labels = {_label(each, place): each for each in ways}
    chosen = st.selectbox(
        say("Read as"),
        [*labels, OTHER],
        key="as",
        bind="query-params",
        format_func=lambda label: _shown(labels.get(label), place),
        help=say(
            "Found by looking into the files. Choose something else to name format and folders."
        ),
    )
    if chosen in labels:
        return labels[chosen]
    if not ways:
        st.caption(say("None of the formats was found in these files; name it:"))
    return _ask_other(place, is_run=is_run)


def ask_options(way: Found, place: Place) -> list[str]:
    """Ask for the options that the format has; return those given as arguments."""
    takes = signature(dataset_reader(way.format)).parameters
    asked = [name for name in FLAGS if name in takes]
    given: dict[str, str] = {}
    if not asked:
        return []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in asked:
            value = _ask(name, way, place)
            if value:
                given[name] = value
    switches = ("zero_based", "require_images")
    return [
        FLAGS[name] if name in switches else f"{FLAGS[name]}={value}"
        for name, value in given.items()
    ]


def dataset_arguments(way: Found, place: Place) -> tuple[list[str], dict[str, str]] | None:
    """Ask what else `python -m core import` needs; return its arguments, and what they bring."""
    with st.container(horizontal=True):
        name = st.text_input(
            say("Name of the data set"), place.name, key="name", bind="query-params"
        )
        split = st.text_input(
            say("Split"), way.split(place.root), key=f"split of {way.annotations}", width=140
        )
    options = ask_options(way, place)
    if not name.strip() or not split.strip():
        st.info(say("Name the data set and its split."))
        return None
    if way.images is None:
        st.info(say("Choose something else above and name the folder of the photographs."))
        return None
    known = store.datasets()
    if ((known["dataset"] == name) & (known["split"] == split)).any():
        st.info(
            say(
                "The store has {name} · {split}. To import it anew choose another name "
                "or split, or take the old one out: `python -m core remove --help`.",
                name=literal(name),
                split=literal(split),
            ),
            icon=":material/inventory_2:",
        )
        return None
    places = [f"--annotations={way.annotations}", f"--images={way.images}"]
    arguments = [f"--format={way.format}", *places, f"--split={split}", *options]
    return ["import", *arguments, *_skip(), "--", name], {"dataset": name, "split": split}


def run_arguments(way: Found, place: Place) -> tuple[list[str], dict[str, str]] | None:
    """Ask what `python -m core import-run` needs; return its arguments, and what they bring."""
    known = store.datasets()
    if known.empty:
        st.info(say("A run needs the data set it speaks of: import that first."))
        return None
    splits = [f"{row.dataset} · {row.split}" for row in known.itertuples(index=False)]
    with st.container(horizontal=True):
        chosen = st.selectbox(
            say("Data set"), splits, _current(splits), key="of", bind="query-params"
        )
        row = known.iloc[splits.index(chosen)]
        name = st.text_input(say("Name of the run"), _run_name(way, place), key="run name")
        system = st.text_input(say("System"), "", placeholder=say("as the run"), key="system name")
    if not name.strip():
        st.info(say("Name the run."))
        return None
    dataset, split = str(row["dataset"]), str(row["split"])
    arguments = [f"--dataset={dataset}", f"--split={split}", f"--format={way.format}"]
    arguments += [f"--system={system.strip()}"] if system.strip() else []
    arguments += ["--evaluate", *_skip(), "--", name, str(way.annotations)]
    return ["import-run", *arguments], {"dataset": dataset, "split": split, "run": name}


def _current(splits: Sequence[str]) -> int:
    """Return the position of the split that the sidebar shows."""
    choice = selection.current()
    shown = "" if choice is None else f"{choice.dataset} · {choice.split}"
    return splits.index(shown) if shown in splits else 0


def _skip() -> list[str]:
    leave_out = st.toggle(
        say("Leave out what is faulty"),
        key="skip",
        bind="query-params",
        help=say("--skip-bad: the sound part comes in, the rest is listed."),
    )
    return ["--skip-bad"] if leave_out else []


def _run_name(way: Found, place: Place) -> str:
    own = way.annotations
    return place.name if own == place.root else own.stem


def _label(way: Found, place: Place) -> str:
    return f"{way.format} · {_inside(way.annotations, place)}"


def _shown(way: Found | None, place: Place) -> str:
    """Return a way to read the files, or None for others, in the visitor's language."""
    if way is None:
        return say(OTHER)
    return f"{way.format} · {say(_inside(way.annotations, place))}"


def _inside(path: Path, place: Place) -> str:
    return mark("all files") if path == place.root else path.relative_to(place.root).as_posix()


def _ask_other(place: Place, *, is_run: bool) -> Found | None:
    formats = sorted(RUN_FORMATS if is_run else DATASET_FORMATS)
    with st.container(horizontal=True):
        form = st.selectbox(say("Format"), formats, index=None, key="format", bind="query-params")
        if form is None:
            return None
        in_folder = form in (RUN_FOLDERS if is_run else LABEL_FOLDERS)
        what = mark("Predictions") if is_run else mark("Annotations")
        read = _path(what, _folders(place) if in_folder else _files(place), place)
        if is_run or read is None:
            return None if read is None else Found(form, read, None, is_run=True)
        choices = _files(place) if form in ARRAY_FORMATS else _folders(place)
        images = _path(mark("Photographs"), choices, place)
    return None if images is None else Found(form, read, images)


def _ask(name: str, way: Found, place: Place) -> str:
    """Return what is given for an option as its argument, "" for nothing."""
    title, key = TITLES[name], f"{name} of {way.annotations}"
    told = say("{flags} of python -m core import.", flags=FLAGS[name])
    if name in FOLDERS or name in FILES:
        choices = _folders(place) if name in FOLDERS else _files(place, FILES[name])
        path = _path(title, choices, place, way.options.get(name), help_text=told, key=key)
        return "" if path is None else str(path)
    title = say(title)
    if name in ("zero_based", "require_images"):
        return "yes" if st.toggle(title, key=key, help=told) else ""
    if name == "class_attribute":
        attributes = _attributes(way)
        # of one alone it is certain; of several somebody has to say it
        only = 0 if len(attributes) == 1 else None
        return str(
            st.selectbox(title, attributes, only, key=key, placeholder=say(NOT_GIVEN), help=told)
            or ""
        )
    if name == "box_form":
        return str(
            st.selectbox(title, FORMS, None, key=key, placeholder=say(NOT_GIVEN), help=told) or ""
        )
    if name == "void":
        number = st.number_input(
            title, 0, 65535, None, key=key, placeholder=say(NOT_GIVEN), help=told, width=260
        )
        return "" if number is None else str(number)
    return st.text_input(title, key=key, placeholder=say(NOT_GIVEN), help=told).strip()


def _attributes(way: Found) -> list[str]:
    try:
        return region_attributes(way.annotations)
    except UsageError:  # the check says what is wrong
        return []


def _path(
    title: str,
    choices: Sequence[Path],
    place: Place,
    given: Path | None = None,
    help_text: str | None = None,
    key: str | None = None,
) -> Path | None:
    listed = list(choices)
    return st.selectbox(
        say(title),
        listed,
        listed.index(given) if given in listed else None,
        format_func=lambda path: say(_inside(path, place)),
        placeholder=say(NOT_GIVEN),
        key=key or f"{title} folder",
        help=help_text,
    )


def _folders(place: Place) -> list[Path]:
    below = sorted(path for path in place.root.rglob("*") if path.is_dir())
    return [place.root, *below][:MOST_CHOICES]


def _files(place: Place, endings: Sequence[str] = ()) -> list[Path]:
    files = sorted(path for path in place.root.rglob("*") if path.is_file())
    if endings:
        files = [p for p in files if p.suffix.lower() in endings or p.name in CLASS_FILES]
    return files[:MOST_CHOICES]
