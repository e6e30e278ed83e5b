"""What the page Explore data says about a split."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.metrics.balance import Balance
from core.store.queries import explore
from core.structures import BACKGROUND_NAME
from pages.ui import store
from pages.ui.language import mark, say
from pages.ui.selection import Selection
from pages.ui.words import NO_VALUE, ago, counted, literal

MOST_PAIRED = 30


_LOCATED = {
    (True, True): mark("{objects} with masks"),
    (True, False): mark("{objects} with boxes"),
    (False, True): mark("{objects} of known class, at unknown places"),
    (False, False): mark("{objects} of known class, at unknown places"),
}


def split_of(choice: Selection) -> pd.Series:
    """Return the row of the chosen split, as `catalogue.datasets` describes it."""
    splits = store.datasets()
    chosen = (splits["dataset"] == choice.dataset) & (splits["split"] == choice.split)
    return splits[chosen].iloc[0]


def frequency(split: pd.Series) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return how often each class occurs, and what can be counted.

    Columns: class, name, supercategory and those of the second value: objects and images where
    objects are annotated, else labelled pixels and images.
    """
    classes = store.ask(
        explore.class_frequency, dataset=int(split["dataset_id"]), split=split["split"]
    )
    if not counts_pixels(split):
        return classes, {"objects": mark("objects"), "images": mark("images with the class")}
    pixels = store.ask(
        explore.pixel_frequency, dataset=int(split["dataset_id"]), split=split["split"]
    )
    if pixels.empty:
        return classes, {}
    filled = (
        classes.drop(columns="images")
        .merge(pixels, on="class", how="left")
        .fillna({"pixels": 0, "images": 0})
    )
    return (
        filled.astype({"pixels": "int64", "images": "int64"}),
        {"pixels": mark("labelled pixels"), "images": mark("images with the class")},
    )


def counts_pixels(split: pd.Series) -> bool:
    """Return whether classes are counted by pixels: label maps were given, not painted.

    A panoptic data set has objects of some classes only; its label maps hold all of them.
    """
    return bool(split["has_label_maps"] and not split["maps_painted"])


def summary(split: pd.Series, classes: pd.DataFrame) -> str:
    """Return one line about the split."""
    parts = [
        counted(int(split["images"]), "image"),
        counted(int(split["classes"]), "class", "classes"),
    ]
    if split["has_objects"]:
        objects = counted(int(classes["objects"].sum()), "object")
        parts.append(
            say(_LOCATED[bool(split["located"]), bool(split["has_masks"])], objects=objects)
        )
        parts.append(counted(int(classes["crowd_regions"].sum()), "crowd region"))
    if split["has_label_maps"]:
        parts.append(
            say("label maps") if counts_pixels(split) else say("label maps painted from masks")
        )
    parts.append(
        say("read from {format} {ago}", format=split["format"], ago=ago(split["imported"]))
    )
    return " · ".join(parts)


def nothing_to_count(choice: Selection) -> None:
    """Say how the pixels of label maps come to be counted."""
    st.info(
        say(
            "Nothing is annotated on {dataset}, split {split}: there are no classes to count.",
            dataset=literal(choice.dataset),
            split=literal(choice.split),
        ),
        icon=":material/hourglass_empty:",
    )


def balance_figures(balance: Balance, noun: str, few: int) -> None:
    """Show how evenly the classes occur."""
    ratio = NO_VALUE if balance.ratio != balance.ratio else f"{balance.ratio:,.0f} : 1"
    even = NO_VALUE if balance.evenness != balance.evenness else f"{balance.evenness:.2f}"
    st.metric(
        say("Imbalance"),
        ratio,
        help=say(
            "The most frequent class against the least frequent one that occurs, by {noun}.",
            noun=say(noun),
        ),
    )
    st.metric(
        say("Evenness"),
        even,
        help=say(
            "Entropy of the classes' shares over its largest possible value "
            "(Pielou): 1 where all classes occur equally often, 0 where only one "
            "occurs."
        ),
    )
    st.metric(
        say("Rare classes"),
        balance.few,
        help=say("Classes that occur, with under {few} {noun}.", few=few, noun=say(noun)),
    )
    st.metric(
        say("Absent classes"), balance.absent, help=say("Classes that never occur in this split.")
    )


def pairs(split: pd.Series, classes: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return which classes share images, and the names of those shown.

    Columns: class, other (names), images, share (of the images that hold `class`).
    """
    shown = classes[classes["images"] > 0].nlargest(MOST_PAIRED, "images")
    keys = tuple(int(index) for index in shown["class"])
    place = {"dataset": int(split["dataset_id"]), "split": split["split"]}
    question = explore.pixel_pairs if counts_pixels(split) else explore.object_pairs
    both = store.ask(question, **place, classes=keys)
    names = dict(zip(shown["class"], shown["name"], strict=True))
    images = dict(zip(shown["class"], shown["images"], strict=True))
    named = both.assign(
        share=both["images"] / both["class"].map(images),
        other=both["other"].map(names),
        **{"class": both["class"].map(names)},
    )
    return named, list(shown["name"])


def shown_of(order: list[str], classes: pd.DataFrame) -> str:
    """Say how many of the classes are shown."""
    present = int((classes["images"] > 0).sum())
    if len(order) == present:
        return say("All {classes} that occur.", classes=counted(present, "class", "classes"))
    return say(
        "The {shown} classes on most images, of {present} that occur.",
        shown=len(order),
        present=present,
    )


def class_index(choice: Selection) -> int | None:
    """Return the index of the class chosen in the sidebar, or None for all."""
    if choice.class_name is None:
        return None
    classes = store.classes(choice.dataset)
    return int(classes.loc[classes["name"] == choice.class_name, "class"].iloc[0])


def size_summary(sizes: pd.DataFrame) -> str:
    """Return the commonest size, and between which limits the others lie."""
    most = sizes.iloc[0]
    return say(
        "{sizes}; the commonest is {width} by {height} pixels ({images}). Widths "
        "{narrowest} to {widest}, heights {lowest} to {highest}.",
        sizes=counted(len(sizes), "size"),
        width=most["width"],
        height=most["height"],
        images=counted(int(most["images"]), "image"),
        narrowest=sizes["width"].min(),
        widest=sizes["width"].max(),
        lowest=sizes["height"].min(),
        highest=sizes["height"].max(),
    )


def background_name(choice: Selection) -> str:
    """Return what the class is called that means "nothing here"."""
    index = split_of(choice)["background"]
    if pd.isna(index):
        return BACKGROUND_NAME
    classes = store.classes(choice.dataset)
    return str(classes.loc[classes["class"] == index, "name"].iloc[0])
