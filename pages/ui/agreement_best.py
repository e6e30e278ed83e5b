"""The best run of each image and class, and what taking it every time would score."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.metrics import METRICS, agreement
from core.scoring import score_runs
from core.scoring.picking import class_wins
from pages.ui import class_table, store
from pages.ui.agreement_pairs import masks_link
from pages.ui.agreement_view import AgreementView
from pages.ui.download import csv_button
from pages.ui.failure_choice import PIXELS
from pages.ui.image_layers import stored_images
from pages.ui.language import say
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, counted, percent


def show(view: AgreementView) -> None:
    """Show who wins where, and the score of the winners taken together."""
    picking, title = view.picking, say(METRICS[view.metric].title)
    classes = _class_wins(view)
    wins = picking.wins().assign(classes=_won(view, classes))
    if view.hits is not None:
        wins["only"] = agreement.only_one(view.hits.found)
    best = wins["score"].max()
    with st.container(horizontal=True):
        st.metric(say("Best single run, {title}", title=title), percent(best), width="content")
        st.metric(
            say("Best run of each image, {title}", title=title),
            percent(picking.pooled),
            say("{points:+.1f} points", points=100 * (picking.pooled - best))
            if best == best
            else None,
            width="content",
        )
    st.caption(_told(view))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("**What each run adds**; click a heading to sort"))
        csv_button(wins, view.file_name("what each run adds"))
    _wins_table(wins, title)
    with st.expander(say("Image by image, class by class")):
        _images(view, title)
        _classes(classes, view, title)


def _told(view: AgreementView) -> str:
    rule = {
        True: say("from the summed pixel counts of what was taken"),
        False: say("anew by COCO's rules from the predictions of what was taken"),
    }[view.by == PIXELS]
    order = (
        ""
        if view.by == PIXELS
        else say(
            " Scores of different systems are on different scales, so that taken "
            "together they may also rank worse than those of one run."
        )
    )
    return say(
        "An upper bound in spirit and no system: nobody knows before which run "
        "will be best on an image. On each image the run with the best score "
        "there is taken (of several equal ones the better overall), and the "
        "score of all images is made {rule}.{order}",
        rule=rule,
        order=order,
    )


def _wins_table(wins: pd.DataFrame, title: str) -> None:
    draw_table(
        wins.assign(score=100 * wins["score"]),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            "score": st.column_config.NumberColumn(title, format="%.1f", help=say("In per cent.")),
            "best": st.column_config.NumberColumn(
                say("best on images"), help=say("Images on which no other run scores as much.")
            ),
            "tied": st.column_config.NumberColumn(
                say("tied on images"), help=say("Images on which it is best together with others.")
            ),
            "classes": st.column_config.NumberColumn(
                say("best on classes"), help=say("Ties count for each of those that tie.")
            ),
            "only": st.column_config.NumberColumn(
                say("objects only it finds"),
                help=say(
                    "At the score and IoU chosen above: what an ensemble would lose without it."
                ),
            ),
        },
        alt=say("What each run adds"),
    )


def _images(view: AgreementView, title: str) -> None:
    picking = view.picking
    table = _image_table(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "**{title} of each image by itself**, {images} with a score",
                title=title,
                images=counted(picking.scored, "image"),
            )
        )
        csv_button(table.drop(columns="link"), view.file_name("images"))
    figures = {
        name: st.column_config.NumberColumn(format="%.1f")
        for name in [*view.names, "spread of runs"]
    }
    shown = table.assign(**{name: 100 * table[name] for name in figures})
    draw_table(
        shown,
        hide_index=True,
        height=380,
        placeholder=NO_VALUE,
        column_order=["link", "best run", "spread of runs", *view.names],
        column_config={
            "link": st.column_config.LinkColumn(say("image"), pinned=True, display_text=r"#(.+)$"),
            "best run": st.column_config.TextColumn(help=say("Several where they tie.")),
            **figures,
        },
        alt=say("{title} of each image for each run", title=title),
    )


def _image_table(view: AgreementView) -> pd.DataFrame:
    """Return a row an image: image, image_id, link, best, spread and each run's score.

    The widest spread comes first: there it matters most whom one asks.
    """
    picking = view.picking
    images = stored_images(picking.images)
    best = agreement.best_of(picking.scores)
    scores = pd.DataFrame(picking.scores.T, columns=list(view.names))
    spread = scores.max(axis=1) - scores.min(axis=1)
    named = pd.DataFrame(
        {
            "image": [image.name for image in images],
            "image_id": [image.id for image in images],
            "link": [masks_link(view, image.id, image.name) for image in images],
            "best run": [_names(view, column) for column in best.T],
            "spread of runs": spread,
        }
    )
    whole = pd.concat([named, scores], axis=1)
    return whole.sort_values("spread of runs", ascending=False, kind="stable", ignore_index=True)


def _names(view: AgreementView, chosen: object) -> str:
    return ", ".join(run for run, own in zip(view.names, chosen, strict=True) if own)


def _class_wins(view: AgreementView) -> pd.DataFrame:
    scores = store.ask(score_runs, runs=view.names, images=view.images.keys)
    return class_wins([each.classes for each in scores], view.names, view.metric)


def _won(view: AgreementView, classes: pd.DataFrame) -> list[int]:
    return [sum(run in best for best in classes["best"]) for run in view.names]


def _classes(classes: pd.DataFrame, view: AgreementView, title: str) -> None:
    table = classes.drop(columns="class").assign(
        best=classes["best"].map(", ".join), lead=classes["score"] - classes["others"]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "**{title} of each class**",
                title=say(class_table.METRIC_TITLES.get(view.metric, title)),
            )
        )
        csv_button(table, view.file_name("classes"))
    figures = ("score", "others", "lead")
    draw_table(
        table.assign(**{name: 100 * table[name] for name in figures}),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "name": st.column_config.TextColumn(say("class"), pinned=True),
            "score": st.column_config.NumberColumn(say("its score"), format="%.1f"),
            "others": st.column_config.NumberColumn(say("best of the others"), format="%.1f"),
            "lead": st.column_config.NumberColumn(format="%.1f"),
        },
        alt=say("The best run of each class"),
    )
