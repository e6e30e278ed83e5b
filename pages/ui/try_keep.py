"""Answers to take along: as a run of the store, or as files of COCO results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import join
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.structures import Category
from core.writers.coco import write_results
from core.writers.contents import RunContents
from pages.ui import background, store
from pages.ui.answering.pool import Answer, Listed
from pages.ui.language import say
from pages.ui.paragraphs import retell
from pages.ui.try_images import Tried
from pages.ui.words import counted, literal


def show(
    split: pd.Series,
    images: Sequence[Tried],
    chosen: Sequence[Listed],
    answers: Sequence[Sequence[Answer]],
    words: Sequence[str],
) -> None:
    """Offer the answers to all images: a run of one system, and a file a system.

    Args:
        split: row of `catalogue.datasets`.
        images: all that were asked about.
        chosen: the systems.
        answers: of each system, one an image.
        words: the visitor's own, which some systems looked for instead of the classes.
    """
    with st.expander(say("Take the answers along")):
        known = all(image.stored is not None for image in images)
        if known:
            _offer_run(split, images, [e for e in chosen if not (e.any_words and words)])
        else:
            st.caption(
                say("Answers to your own images cannot be kept as a run: no data set has them.")
            )
        _offer_files(split, images, chosen, answers, words)


def predict_command(
    split: pd.Series, images: Sequence[Tried], listed: Listed, run: str
) -> list[str]:
    """Return the command that keeps the answers to some images as a run, after `python`."""
    given = [
        ("--dataset", split["dataset"]),
        ("--split", split["split"]),
        ("--run", run),
    ]
    given += [("--weights", f"{stage}={name}") for stage, name in listed.weights.items()]
    given += [("--image", str(image.record.id)) for image in images]
    words = [word for pair in given for word in pair]
    for name, value in listed.settings.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}={value}"]
    place = ["--store", str(store.current().path)]
    return ["-m", "training", "predict", listed.system, *words, *place]


def _offer_run(split: pd.Series, images: Sequence[Tried], chosen: Sequence[Listed]) -> None:
    if not chosen:
        st.caption(
            say("Answers to your own words cannot be kept as a run: they speak of other classes.")
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        listed = st.selectbox(say("System"), chosen, format_func=lambda each: each.name, width=260)
        run = st.text_input(
            say("Name of the run"), f"{listed.system} tried", width=260, max_chars=120
        )
        begin = st.button(say("Keep as a run"), icon=":material/save:")
    command = predict_command(split, images, listed, run)
    st.caption(
        say(
            "It answers {images} of {dataset}, split {split}, as `training predict` "
            "does; Runs shows how far it is. The same command without `--image` goes "
            "on with the rest of the split:",
            images=counted(len(images), "image"),
            dataset=literal(split["dataset"]),
            split=literal(split["split"]),
        )
    )
    st.code("python " + join(command), language="bash", wrap_lines=True)
    folder = store.current().path.parent / "tried" / f"{store.current().path.name}.job"
    if begin:
        _begin(folder, command)
    _tell(folder)


def _begin(folder: Path, command: list[str]) -> None:
    try:
        background.start(folder, command)
    except UsageError as error:
        st.error(retell(str(error)), icon=":material/warning:")


@st.fragment(run_every="2s")
def _tell(folder: Path) -> None:
    """Show what became of the run that was kept last."""
    status = background.status(folder)
    if background.is_busy(folder):
        st.info(say("It is being kept …"), icon=":material/hourglass_empty:")
    elif status == 0:
        st.success(say("It is kept: see the page Runs."), icon=":material/check:")
    elif status is not None:
        st.error(literal(background.tail(folder, 1)), icon=":material/warning:")


def _offer_files(
    split: pd.Series,
    images: Sequence[Tried],
    chosen: Sequence[Listed],
    answers: Sequence[Sequence[Answer]],
    words: Sequence[str],
) -> None:
    """Offer COCO results of each system that found objects, of classes of the data set."""
    ids = ", ".join(f"{image.record.id} = {literal(image.record.name)}" for image in images)
    st.caption(say("COCO results, with the data set's category ids; image ids: {ids}.", ids=ids))
    with st.container(horizontal=True):
        for listed, given in zip(chosen, answers, strict=True):
            predictions = [each.prediction for each in given if each.prediction is not None]
            own_words = listed.any_words and bool(words)
            if own_words or not any(each.objects is not None for each in predictions):
                continue
            st.download_button(
                say("Results of {name}", name=literal(listed.name)),
                lambda listed=listed, given=given: coco_results(split, listed, given),
                file_name=f"{listed.system}.json",
                mime="application/json",
                key=f"results {listed.name}",
                on_click="ignore",
                icon=":material/download:",
            )


def coco_results(split: pd.Series, listed: Listed, answers: Sequence[Answer]) -> bytes:
    """Return the objects of a system as a file of COCO results.

    Args:
        split: row of `catalogue.datasets`, whose category ids are used.
        listed: the system.
        answers: one an image.
    """
    predictions = sorted(
        (each.prediction for each in answers if each.prediction is not None),
        key=lambda prediction: prediction.image.id,
    )
    classes = store.classes(split["dataset"]).itertuples(index=False)
    contents = RunContents(
        run=listed.name,
        dataset=split["dataset"],
        split=split["split"],
        categories=tuple(Category(e.name, e.supercategory, int(e.source_id)) for e in classes),
        background=None,
        images=tuple(each.image for each in predictions),
        has_masks=all(e.objects is None or e.objects.masks is not None for e in predictions),
        predictions=lambda: iter(predictions),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "results.json")
        write_results(contents, path)
        return path.read_bytes()
