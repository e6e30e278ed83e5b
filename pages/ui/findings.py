"""Where to look first: what stands out in the store, each with the page that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from core import scoring
from core.metrics import METRICS
from core.scoring.transfer import oracle_of
from pages.ui import class_table, run_state, store
from pages.ui.language import say
from pages.ui.words import counted, percent

HEADLINES = ("miou", "box_ap", "mask_ap")
MOST_SPLITS = 6


@dataclass(frozen=True)
class Finding:
    """One sentence, and where it leads.

    Attributes:
        kind: of finding, in a word or two.
        sentence: what stands out.
        page: the page's file name without number and ending.
        chosen: query parameters of the page: what it is to show.
    """

    kind: str
    sentence: str
    page: str
    chosen: dict[str, str | list[str]] = field(default_factory=dict)


def findings(runs: pd.DataFrame) -> list[Finding]:
    """Return what stands out, what needs a hand first.

    Args:
        runs: rows of `catalogue.runs`, oldest first.
    """
    found = [*_unfinished(runs), *_left_out(runs), *_unevaluated(runs)]
    honest = runs["settings"].map(oracle_of).isna()
    ready = runs[runs["evaluated"].notna() & honest].iloc[::-1]
    for dataset, split in list(dict.fromkeys(zip(ready["dataset"], ready["split"], strict=True)))[
        :MOST_SPLITS
    ]:
        of_split = ready[(ready["dataset"] == dataset) & (ready["split"] == split)]
        found += _of_split(dataset, split, tuple(of_split["run"]))
    return found


def best_run(
    scores: Sequence[scoring.RunScores], metric: str
) -> tuple[scoring.RunScores, int] | None:
    """Return the run with the highest score and how many have one; None if none has."""
    scored = [run for run in scores if run.scores[metric] is not None]
    if not scored:
        return None
    return max(scored, key=lambda run: run.scores[metric] or 0.0), len(scored)


def widest_gap(
    scores: Sequence[scoring.RunScores], metric: str
) -> tuple[str, str, str, float] | None:
    """Return class, best run, worst run and the gap between them, where it is widest.

    Classes on few images and runs without the score are left out; None if nothing is left.
    """
    rows = class_table.long(scores, metric, None)
    rows = rows[~rows["few"] & rows["score"].notna()]
    table = class_table.wide(rows).set_index("name")[list(rows["run"].unique())]
    if table.shape[1] < 2 or table.empty:
        return None
    gaps = table.max(axis=1) - table.min(axis=1)
    name = str(gaps.idxmax())
    line = table.loc[name]
    return name, str(line.idxmax()), str(line.idxmin()), float(gaps[name])


def _of_split(dataset: str, split: str, runs: tuple[str, ...]) -> Iterator[Finding]:
    place: dict[str, str | list[str]] = {"dataset": dataset, "split": split}
    covered = store.ask(scoring.coverage, runs=runs)
    if not covered.same_images:
        sentence = say(
            "{dataset} · {split}: the runs answered different images; compare them on the "
            "{images} that all answered",
            dataset=dataset,
            split=split,
            images=counted(len(covered.common), "image"),
        )
        yield Finding(say("Coverage"), sentence, "Compare_systems", place)
        return
    scores = store.ask(scoring.score_runs, runs=runs)
    for metric in HEADLINES:
        best = best_run(scores, metric)
        if best is None:
            continue
        run, of = best
        rank = say("best of {of}", of=of) if of > 1 else say("the only run")
        yield Finding(
            say("Best run"),
            say(
                "{dataset} · {split}: {run} with {title} {score}, {rank}",
                dataset=dataset,
                split=split,
                run=run.run,
                title=say(METRICS[metric].title),
                score=percent(run.scores[metric]),
                rank=rank,
            ),
            "Compare_systems",
            {**place, "metric": METRICS[metric].title},
        )
        yield from _gap(scores, metric, place)


def _gap(
    scores: Sequence[scoring.RunScores], metric: str, place: dict[str, str | list[str]]
) -> Iterator[Finding]:
    gap = widest_gap(scores, metric)
    if gap is None:
        return
    name, best, worst, width = gap
    yield Finding(
        say("Widest gap"),
        say(
            "{dataset} · {split}: on the class {name} {best} is {width:.1f} points "
            "of {title} ahead of {worst}",
            dataset=place["dataset"],
            split=place["split"],
            name=name,
            best=best,
            width=100 * width,
            title=say(class_table.METRIC_TITLES[metric]),
            worst=worst,
        ),
        "Class_IoU",
        {
            **place,
            "class_score": class_table.METRIC_TITLES[metric],
            "from": worst,
            "to": best,
        },
    )


def _unfinished(runs: pd.DataFrame) -> Iterator[Finding]:
    for _, run in runs.iterrows():
        stands = run_state.state(run)
        if stands not in ("done", "done_with_rejects"):
            sentence = say(
                "{run}: {state}, {answered:,} of {images}",
                run=run["run"],
                state=say(run_state.WORDS[stands]),
                answered=run["images"],
                images=counted(int(run["expected_images"]), "image"),
            )
            kind = say("At work") if stands == "running" else say("Unfinished")
            yield Finding(kind, sentence, "Runs", {"run": run["run"]})


def _left_out(runs: pd.DataFrame) -> Iterator[Finding]:
    for _, run in runs[runs["rejected"] > 0].iterrows():
        sentence = say(
            "{run}: {entries} left out",
            run=run["run"],
            entries=counted(int(run["rejected"]), "entry", "entries"),
        )
        yield Finding(say("Left out"), sentence, "Runs", {"run": run["run"]})


def _unevaluated(runs: pd.DataFrame) -> Iterator[Finding]:
    finished = runs["status"].isin(["done", "done_with_rejects"])
    for name in runs.loc[finished & runs["evaluated"].isna(), "run"]:
        yield Finding(
            say("To evaluate"), say("{name}: not evaluated yet", name=name), "Runs", {"run": name}
        )
