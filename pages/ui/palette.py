"""Colours with a meaning: classes, runs and outcomes look the same wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence

# Chosen once by greedy search over the sRGB cube: each colour is the one farthest (in OKLab,
# smallest distance over normal, protan, deutan and tritan vision as Machado et al. 2009 model
# them) from all before it, starting from Okabe and Ito's seven; greys are left to background
# and unlabelled pixels. So the first colours are the easiest to tell apart.
# fmt: off
CLASS_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#78000c",
    "#90fcf0", "#003c78", "#785460", "#b4c0a8", "#9c6cfc", "#a83c00", "#780cf0", "#48d8f0",
    "#6c00b4", "#c0f0a8", "#543048", "#f0c06c", "#846c84", "#3c5490", "#84b478", "#cc18c0",
    "#783c30", "#9c6054", "#e4783c", "#b478cc", "#cc9cc0", "#9ce4cc", "#7860d8", "#48486c",
    "#8490f0", "#b4d89c", "#b45424", "#48009c", "#6c6090", "#c06c54", "#90483c", "#9c3cfc",
    "#4800d8", "#cccc00", "#90cccc", "#b46ca8", "#6c006c", "#9c0c00", "#604854", "#6ca860",
    "#9cfc78", "#cc84cc", "#605478", "#b4b454", "#fcb4fc", "#6c78d8", "#e490fc", "#2460a8",
    "#6cb49c", "#6c3030", "#9c189c", "#84606c", "#8430d8", "#fc8490", "#8424c0", "#d8d848",
    "#18906c", "#b424a8", "#7884e4", "#244884", "#a8609c", "#849c3c", "#a86cc0", "#d87884",
    "#fca8c0", "#d8d8fc", "#f090d8", "#c0c048", "#f0ccb4", "#d8f0cc", "#c0e490", "#d83048",
    "#d8b490", "#d86078", "#848400", "#cc6c90", "#ccc0e4", "#48f0e4", "#fc0cc0", "#544800",
    "#00e46c", "#9c2448", "#f03ce4", "#90b4d8", "#54783c", "#d89ca8", "#483c60", "#30c0fc",
    "#d83cfc", "#781854", "#e46cfc", "#d884b4", "#cc9c3c", "#3c7854", "#483090", "#84c06c",
    "#e43c3c", "#84e4b4", "#8448e4", "#f0f018", "#780c78", "#c0fc9c", "#9c3c24", "#0084f0",
    "#c09054", "#cc003c", "#a83078", "#e40c90", "#9018fc", "#486024", "#b4cca8", "#a8900c",
    "#6c183c", "#b45484", "#a8a854", "#540ca8", "#a848c0", "#6c00e4", "#cca8c0", "#9cd884",
    "#c00090", "#d8e460", "#549054", "#9cd8d8", "#d8b418", "#6c9ca8", "#3c5460", "#6c6ccc",
    "#3c846c", "#a80078", "#842484", "#900c18", "#84c0e4", "#7824b4", "#48d860", "#840084",
    "#0000c0", "#902454", "#244818", "#9cf0d8", "#a800cc", "#00fc60", "#e4900c", "#308400",
    "#d818cc", "#549cd8", "#906ca8", "#cc9c90", "#783024", "#840048", "#6c489c", "#b43cb4",
)
# fmt: on

# Okabe and Ito (2008), Color Universal Design, without black, which a dark theme swallows.
RUN_COLOURS = CLASS_COLOURS[:7]
RUN_MARKERS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "hexagon")

ANNOTATION_COLOUR = "#7a7a7a"

# What became of a pixel or an object, with the colour that error maps give it; the colours
# stay apart (0.11 in OKLab) under all three colour-vision deficiencies.
OUTCOME_COLOURS = {
    "right": "#4fc38a",
    "false positive": "#d1390f",
    "false negative": "#0058a8",
    "wrong class": "#f0e442",
    "ignored": "#777777",
}


def class_colours(count: int, background: int | None = None) -> list[str | None]:
    """Return one colour for each of `count` classes, by class index.

    Colours repeat after 160 classes; names in the readout and single-class view tell
    repeated ones apart.

    Args:
        count: C, the number of classes.
        background: class index that means "nothing"; it gets no colour (None).
    """
    colours: list[str | None] = [CLASS_COLOURS[i % len(CLASS_COLOURS)] for i in range(count)]
    if background is not None and background < count:
        colours[background] = None
    return colours


def run_colours(runs: Sequence[str]) -> dict[str, str]:
    """Return the colour of each run.

    Args:
        runs: all runs of the split in the order of the store, not only the chosen ones:
            else a run would change its colour with the selection.
    """
    return {run: RUN_COLOURS[i % len(RUN_COLOURS)] for i, run in enumerate(runs)}


def run_markers(runs: Sequence[str]) -> dict[str, str]:
    """Return the plotly marker symbol of each run, so that colour is never alone.

    Colour and marker together are different for the first 49 runs.
    """
    count = len(RUN_MARKERS)
    return {run: RUN_MARKERS[(i + i // count) % count] for i, run in enumerate(runs)}
