"""The report as one HTML file: no script, no network, whatever names the data holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from core import __version__
from core.charts.palette import class_colours
from core.report.answers import Case
from core.report.cases import PIXELS, RULES
from core.report.gather import Comparison
from core.report.markup import Markup, element, joined, named
from core.report.pictures import (
    classes_of,
    jpeg_address,
    painted,
    side_of,
    small_photograph,
)
from core.report.scores_part import class_part, headline_part, rules_part
from core.words import counted

STYLE = Path(__file__).with_name("style.css")
NOTHING_ALIKE = (
    "None are shown: these runs have neither masks nor boxes nor label maps in common, by which "
    "images could be judged alike. Make a report of runs of one kind to see them."
)
# the browser itself refuses whatever is not in the file
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_report(comparison: Comparison) -> str:
    """Return the report; its intervals and p values are of what has been drawn so far."""
    runs = [one.run for one in comparison.scores]
    title = f"{', '.join(runs)} on {comparison.split['dataset']} · {comparison.split['split']}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = element(
        "body",
        element("h1", *_listed(runs)),
        element("p", *_subject(comparison), class_="quiet"),
        headline_part(comparison),
        class_part(comparison),
        _case_part(comparison),
        rules_part(comparison),
        _run_part(comparison),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _listed(names: list[str]) -> list[Markup]:
    parts = [named(names[0])]
    for name in names[1:]:
        parts += [Markup(", "), named(name)]
    return parts


def _subject(comparison: Comparison) -> list[str]:
    split, choice = comparison.split, comparison.choice
    names = comparison.names
    asked = f": {comparison.asked}" if comparison.asked else ""
    told = [
        f"{comparison.images:,} of the split's {counted(int(split['images']), 'image')}, "
        "those that all runs have answered"
        + (f" and that were asked for{asked}" if comparison.narrowed else ""),
        "all classes"
        if choice.classes is None
        else f"classes {', '.join(names[index] for index in choice.classes)}",
        "objects of all sizes" if choice.size == "all" else f"{choice.size} objects",
        f"mIoU by the rule {choice.protocol}",
        *([] if choice.with_background else ["background not averaged"]),
        f"made {comparison.made:%Y-%m-%d %H:%M} UTC by Overlook {__version__}",
    ]
    return [
        named(str(split["dataset"])),
        " · ",
        named(str(split["split"])),
        f" · {' · '.join(told)}",
    ]


def _case_part(comparison: Comparison) -> Markup:
    if comparison.way is None:
        return joined([element("h2", "Telling images"), element("p", NOTHING_ALIKE)])
    if not comparison.cases:
        return Markup("")
    side = side_of(len(comparison.cases) * (len(comparison.scores) + 2))
    about = (
        "The images on which the runs differ most, then those that are hardest for all of them, by "
        f"{RULES[comparison.way]}. Colours are classes."
    )
    shown = [_case(comparison, case, side) for case in comparison.cases]
    return joined([element("h2", "Telling images"), element("p", about, class_="quiet"), *shown])


def _case(comparison: Comparison, case: Case, side: int) -> Markup:
    image = case.image
    colours = class_colours(len(comparison.names), comparison.background)
    photograph, found = small_photograph(case.file, image.height, image.width, side)
    lost = "" if found else ": not found where the data set was read from"
    pictures = [_figure(jpeg_address(photograph), f"photograph{lost}")]
    for answer in case.answers:
        drawn = painted(photograph, answer, image.height, image.width, colours)
        said = _loss(comparison, case.telling.losses.get(answer.name))
        pictures.append(_figure(jpeg_address(drawn), f"{answer.name}{said}"))
    seen = sorted(set().union(*(classes_of(answer, colours) for answer in case.answers)))
    chips = [
        element(
            "span",
            element("span", class_="chip", style=f"background:{colours[index]}"),
            named(comparison.names[index]),
        )
        for index in seen
    ]
    return element(
        "div",
        element("h3", named(image.name), f" (id {image.id}): {case.telling.reason}"),
        element("div", *pictures, class_="pictures"),
        element("div", *chips, class_="legend"),
        class_="case",
    )


def _figure(address: str, said: str) -> Markup:
    return element(
        "figure", element("img", src=address, alt=said), element("figcaption", named(said))
    )


def _loss(comparison: Comparison, loss: float | None) -> str:
    if loss is None:
        return ""
    if comparison.way == PIXELS:
        return f": IoU {100 * (1 - loss):.1f} %"
    return f": {loss:.0f} error{'' if loss == 1 else 's'}"


def _run_part(comparison: Comparison) -> Markup:
    split = comparison.split
    data = {
        "read from": f"{split['source']} ({split['format']})",
        "SHA-256": split["source_sha256"],
        "images": f"{split['images']:,}",
        "classes": f"{split['classes']:,}",
    }
    parts = [
        element("h2", "What was compared"),
        element("h3", named(f"{split['dataset']} · {split['split']}")),
        _facts(data),
    ]
    for run in comparison.runs.itertuples(index=False):
        parts += [element("h3", named(str(run.run))), _facts(_run_facts(run))]
    return joined(parts)


def _run_facts(run: Any) -> dict[str, object]:  # noqa: ANN401 - a row of `catalogue.runs`
    settings, versions = json.loads(run.settings), json.loads(run.versions)
    return {
        "system": run.system,
        "images answered": f"{run.images:,} of {run.expected_images:,}"
        + (f", {run.rejected:,} rejected" if run.rejected else ""),
        "status": run.status,
        "settings": _pairs(settings),
        "weights": run.weights,
        "weights' SHA-256": run.weights_sha256,
        "versions": _pairs(versions),
        "device": run.device,
        "made": _moment(run.created),
        "evaluated": _moment(run.evaluated),
    }


def _pairs(mapping: dict[str, object]) -> str:
    return ", ".join(
        f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(mapping.items())
    )


def _moment(moment: pd.Timestamp) -> str:
    return "" if pd.isna(moment) else f"{moment.tz_convert('UTC'):%Y-%m-%d %H:%M} UTC"


def _facts(facts: dict[str, object]) -> Markup:
    told = [(name, str(value)) for name, value in facts.items() if str(value)]
    return element(
        "dl", *(part for name, text in told for part in (element("dt", name), element("dd", text)))
    )
