"""Colours with a meaning: classes, runs and outcomes look the same wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence

# Chosen once by search over the sRGB cube for the largest distance between the closest two: in
# OKLab, the smallest of normal, protan, deutan and tritan vision as Machado et al. 2009 model
# them; first the best 12, then the best 8, 60 and 53 beside those, so that few classes are the
# easiest to tell apart. Behind the first 12 each stands far from the few before it, because data
# sets list kindred classes one after the other. Greys are left to background and unlabelled
# pixels, what is nearly white or as dark as the dark theme to the page.
# fmt: off
CLASS_COLOURS = (
    "#b46cfc", "#6c0030", "#6cfcd8", "#e4540c", "#3c00e4", "#24a89c", "#480084", "#fcf054",
    "#a82400", "#845490", "#b4b4fc", "#f0a800", "#30d890", "#004860", "#7884c0", "#b45460",
    "#8400a8", "#e4786c", "#6060cc", "#9c9cd8", "#c0fc9c", "#840000", "#e49054", "#0000c0",
    "#6c84e4", "#9cf0fc", "#904860", "#b4c054", "#00189c", "#5478d8", "#601848", "#90600c",
    "#f0d884", "#b4a884", "#1848cc", "#540c6c", "#906c90", "#b4d8fc", "#e4b484", "#3c6000",
    "#3c9000", "#cc0cfc", "#902478", "#cce4b4", "#3c3c00", "#309c3c", "#e43ce4", "#60603c",
    "#d8e400", "#90c0c0", "#602478", "#b46ca8", "#8430e4", "#b484fc", "#90e4d8", "#840c60",
    "#d86c54", "#cccc60", "#846cc0", "#78b4c0", "#6c303c", "#544890", "#c06c6c", "#b4d800",
    "#9090c0", "#6c483c", "#6054a8", "#cc90fc", "#84d8c0", "#cc7884", "#90a830", "#543090",
    "#6c6c48", "#e4c0a8", "#a854a8", "#fc609c", "#a8cce4", "#c01878", "#cc4884", "#a824b4",
    "#780024", "#d8f078", "#e49ca8", "#909c30", "#2418cc", "#903030", "#a8fcc0", "#fc78d8",
    "#6ccc0c", "#6c00fc", "#9c4830", "#482460", "#e454b4", "#b4e460", "#90b46c", "#78783c",
    "#6c1854", "#f03cd8", "#b4f09c", "#90c06c", "#487860", "#603048", "#cc18d8", "#78f0cc",
    "#a8a8e4", "#609054", "#6c3c48", "#a83cc0", "#60f078", "#c0b4e4", "#609c84", "#3c5424",
    "#9c249c", "#a87800", "#ccd89c", "#6ca8f0", "#7860fc", "#306054", "#a8843c", "#9000c0",
    "#c0c0fc", "#60c0a8", "#0c7878", "#8478cc", "#545490", "#9c48e4", "#90cccc", "#fc5484",
    "#6ca8c0", "#cc2478", "#6c6c9c", "#789c60", "#b490a8", "#d8fc78", "#900018", "#5400a8",
    "#9030f0", "#6ca86c", "#90fcfc", "#0c6c48", "#a8d884", "#840cd8", "#5490d8", "#483084",
    "#d8306c", "#a8e4f0", "#54cc90", "#0090b4", "#243c6c", "#cc0054", "#f0cce4", "#0ce460",
    "#90789c", "#6c3c84", "#e430c0", "#24546c", "#60e4b4", "#90cc6c", "#3c4878", "#d830b4",
)
# fmt: on

# Okabe and Ito (2008), Color Universal Design, without black, which a dark theme swallows, and
# with a darker yellow, as a light theme swallows theirs; then 17 more, each the one farthest from
# all before it by the distance of the class colours, of those with a contrast of 2.2 to both pages.
# fmt: off
RUN_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#a89b00", "#883333",
    "#aa33ff", "#115577", "#995555", "#7700cc", "#9977dd", "#88bb77", "#bb4400", "#886688",
    "#bb33bb", "#cc99bb", "#aa0088", "#aa88ff", "#778844", "#8811aa", "#3300ff", "#66aa66",
)
# fmt: on
RUN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
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

# Of what the union of true and predicted pixels is made; apart as those above.
PIXEL_PART_COLOURS = {
    "correct": "#c3c9ce",
    "boundary": "#2f8fd0",
    "extent": "#e69f00",
    "segment": "#8f0d5a",
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

    Colour and marker together are different for the first 168 runs.
    """
    return {run: RUN_MARKERS[i % len(RUN_MARKERS)] for i, run in enumerate(runs)}


def run_dashes(runs: Sequence[str]) -> dict[str, str]:
    """Return how the line of each run is drawn in plotly, so that colour is never alone.

    Colour and dashes together are different for the first 144 runs.
    """
    count, colours = len(RUN_DASHES), len(RUN_COLOURS)
    return {run: RUN_DASHES[(i + i // colours) % count] for i, run in enumerate(runs)}
