"""Points and boxes: what SAM takes them for, in systems of which it is a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.geometry import rle
from core.structures import ImageRecord
from pages.ui.answering.pool import Answer, Listed, Question
from pages.ui.language import say
from pages.ui.paragraphs import retell
from pages.ui.prompter import prompt_of, prompter
from pages.ui.try_answers import gather
from pages.ui.try_images import Tried
from pages.ui.words import literal, percent

KEY = "prompter"


def show(image: Tried, chosen: Sequence[Listed], asked: Sequence[Question]) -> None:
    """Let the visitor point at the image, and show the mask of what is meant.

    Args:
        image: the one to point at.
        chosen: the systems; those with SAM among their stages can be asked.
        asked: what each was asked about the image.
    """
    able = [place for place, each in enumerate(chosen) if each.segments_prompts]
    if not able:
        return
    st.header(say("Ask SAM about a point or a box"))
    place = able[0]
    if len(able) > 1:
        place = st.segmented_control(
            say("SAM of"),
            able,
            format_func=lambda place: chosen[place].name,
            required=True,
            default=able[0],
            key="prompted system",
        )
    record = image.record
    prompt = prompt_of(KEY, image.key, record.width, record.height)
    prompted = replace(asked[place], points=prompt.points, box=prompt.box)
    answers = gather([] if prompt.is_empty else [prompted])
    mask = answers[0].mask if answers else None
    prompter(image.shown, image.key, record.width, record.height, mask, KEY)
    with st.container():
        for answer in answers:
            _tell(answer, record)


def _tell(answer: Answer, record: ImageRecord) -> None:
    if answer.mask is None:
        st.warning(literal(retell(answer.refused)), icon=":material/block:")
        return
    area = rle.area(answer.mask)
    share = percent(area / (record.width * record.height))
    st.markdown(
        say(
            "Mask: {area:,} pixels, {share} of the image. SAM expects an IoU of "
            "{quality} with what is meant.",
            area=area,
            share=share,
            quality=percent(answer.quality),
        )
    )
