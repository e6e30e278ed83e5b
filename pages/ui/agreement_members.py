"""What each run adds to an ensemble: the score of all fused, and without each."""

from __future__ import annotations

import shlex
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from core.metrics import METRICS
from core.metrics.significance import LEVEL
from core.scoring.label_errors import fused
from core.scoring.members import MemberTrial, additions, begin_members, rule, together
from core.scoring.recipes import recipe_text
from pages.ui import growing, store
from pages.ui.agreement_view import AgreementView
from pages.ui.certainty import CORRECTIONS, chosen_correction
from pages.ui.download import csv_button
from pages.ui.language import mark, say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, counted, percent

RECIPE: Final = "recipe.json"
FIGURES: Final = {
    "alone": (mark("alone"), "%.1f", mark("Its own score on these images, in per cent.")),
    "without": (mark("without it"), "%.1f", mark("Score of all others fused, in per cent.")),
    "adds": (
        mark("adds"),
        "%+.1f",
        mark("How much higher the score is with it, in points of per cent."),
    ),
    "low": (mark("from"), "%+.1f", mark("Lower end of the 95 % interval of what it adds.")),
    "high": (mark("to"), "%+.1f", mark("Upper end of the 95 % interval of what it adds.")),
}


def show(view: AgreementView) -> None:
    """Draw the section: the switch, and what each run adds as soon as that is known."""
    members = single_runs(view)
    if len(members) < 2:
        st.caption(
            say("Fusing needs two runs that are no ensembles themselves. Choose another one.")
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        on = st.toggle(
            say("Fuse them, with and without each"),
            key="fuse",
            bind="query-params",
            help=say(
                "Works through all images beside the page. Switched off, it stops within "
                "ten seconds; switched on again, it goes on."
            ),
        )
        correction = chosen_correction() if on else next(iter(CORRECTIONS))
    if on:
        growing.watch(
            partial(_draw, view=view, correction=correction),
            begin_members,
            _progress,
            runs=members,
            metric=view.metric,
            store=store.current().path,
            images=view.images.keys,
        )
    _offer_recipe(view, members)


def single_runs(view: AgreementView) -> tuple[str, ...]:
    """Return the runs that are not fused from others."""
    return tuple(view.runs.loc[~view.runs["settings"].map(fused), "run"])


def _progress(trial: MemberTrial) -> str:
    if trial.study is None:
        return say(
            "Fusing: {fused:,} of {images}",
            fused=trial.fused,
            images=counted(len(trial.images), "image"),
        )
    return say(
        "Drawing the images anew: {drawn:,} of {enough:,} times",
        drawn=trial.resamples,
        enough=trial.enough - trial.fused,
    )


def _draw(trial: MemberTrial, view: AgreementView, correction: str) -> None:
    if trial.study is None:
        return
    added = additions(trial, CORRECTIONS[correction])
    score, low, high = together(trial)
    title = say(METRICS[trial.metric].title)
    sure = (
        ""
        if low != low
        else say(" (95 % interval {low:.1f} to {high:.1f})", low=100 * low, high=100 * high)
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "**{title} of all {runs} fused: {score}**{sure}",
                title=title,
                runs=counted(len(added), "run"),
                score=percent(score),
                sure=sure,
            )
        )
        csv_button(added, view.file_name("what each run adds to an ensemble"))
    _table(added)
    st.caption(f"{_findings(trial, added, correction)}{rule(trial)}.")


def _findings(trial: MemberTrial, added: pd.DataFrame, correction: str) -> str:
    if not trial.complete:
        return ""
    sure = int((added["p_adjusted"] < LEVEL).sum())
    return say(
        "{sure} of {runs} change the score by more than chance: p below {level} "
        "after {correction}'s correction. ",
        sure=sure,
        runs=counted(len(added), "run"),
        level=LEVEL,
        correction=correction,
    )


def _table(added: pd.DataFrame) -> None:
    number = st.column_config.NumberColumn
    p_help = say("How often chance alone makes as large a difference; corrected over the runs.")
    draw_table(
        added.assign(**{name: 100 * added[name] for name in FIGURES}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_order=["run", *FIGURES, "p_adjusted"],
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            "p_adjusted": number("p", format="%.4f", help=p_help),
            **{
                name: number(say(title), format=form, help=say(told))
                for name, (title, form, told) in FIGURES.items()
            },
        },
        alt=say("What each run adds to an ensemble"),
    )


def _offer_recipe(view: AgreementView, members: tuple[str, ...]) -> None:
    """Offer the recipe of all these runs with equal shares, and the command that predicts it."""
    st.markdown(say("**Exactly these runs, every one with the same share**"))
    st.download_button(
        say("Download the recipe"),
        store.ask(recipe_text, runs=members),
        RECIPE,
        "application/json",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
    st.code(
        f"python -m training predict ensemble --weights {RECIPE} "
        f"--dataset {shlex.quote(view.choice.dataset)} --split SPLIT",
        language="bash",
        wrap_lines=True,
    )
    st.caption(say("SPLIT: another one, on which the same systems have runs too."))
