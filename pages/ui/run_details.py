"""Everything the store knows about one run."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from core.store.queries import catalogue, counts, explore
from pages.ui import run_state, store
from pages.ui.download import csv_button
from pages.ui.language import say
from pages.ui.score_table import painted_at
from pages.ui.tables import draw_table
from pages.ui.words import NO_VALUE, ago, counted, literal


def overview(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row a run, as the list on the page shows it."""
    return pd.DataFrame(
        {
            "run": runs["run"],
            "system": runs["system"],
            "data set": runs["dataset"] + " · " + runs["split"],
            "state": [run_state.WORDS[run_state.state(run)] for _, run in runs.iterrows()],
            "answered": 100 * runs["images"] / runs["expected_images"].clip(lower=1),
            "images": runs["images"],
            "left out": runs["rejected"],
            "begun": [ago(moment) for moment in runs["created"]],
            "evaluated": [ago(moment) for moment in runs["evaluated"]],
            "seconds per image": runs["seconds_per_image"],
        }
    )


def show_overview(runs: pd.DataFrame) -> None:
    """Show the list of runs."""
    shown = overview(runs)
    draw_table(
        shown.assign(state=shown["state"].map(say)),
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "run": st.column_config.TextColumn(pinned=True),
            "answered": st.column_config.ProgressColumn(
                width="small",  # so that all columns are seen on a laptop
                format="%.0f %%",
                min_value=0,
                max_value=100,
                help=say("Images answered, of the split's"),
            ),
            "seconds per image": st.column_config.NumberColumn(format="%.3f"),
        },
        alt=say("All runs and how they stand"),
    )


def show_facts(run: pd.Series) -> None:
    """Show where the run comes from and how it was evaluated."""
    facts = {
        say("System"): run["system"],
        say("Data set"): f"{run['dataset']} · {run['split']}",
        say("Predicts"): _predicts(run),
        say("Weights"): run["weights"] or say("not recorded"),
        say("Device"): run["device"] or say("not recorded"),
        say("Begun"): _moment(run["created"]),
        say("Finished"): _moment(run["finished"]),
        say("Seconds per image"): _seconds(run),
        say("Evaluated"): _moment(run["evaluated"]),
        say("Semantic map"): _semantic_map(run),
    }
    st.table(pd.DataFrame({"value": facts}), border="horizontal", hide_header=True)
    if run["weights_sha256"]:
        st.caption(say("SHA-256 of the weights"))
        st.code(run["weights_sha256"], language=None, wrap_lines=True)


def show_settings(run: pd.Series) -> None:
    """Show all that changes the predictions, and the versions of the software."""
    for title, text in ((say("Settings"), run["settings"]), (say("Versions"), run["versions"])):
        values = json.loads(text)
        st.markdown(f"**{title}**")
        if values:
            texts = {literal(name): literal(_as_text(value)) for name, value in values.items()}
            st.table(pd.DataFrame({"value": texts}), border="horizontal", hide_header=True)
        else:
            st.caption(say("None recorded."))


def show_attempts(run: pd.Series) -> None:
    """Show the processes that worked on the run, where there were any."""
    attempts = store.ask(explore.attempts, run=int(run["run_id"]))
    if attempts.empty:
        st.caption(say("No batch job: the predictions were imported."))
        return
    shown = attempts.assign(
        **{name: [ago(moment) for moment in attempts[name]] for name in ("started", "heartbeat")},
        ended=[ago(moment) for moment in attempts["ended"]],
    )
    draw_table(
        shown,
        hide_index=True,
        placeholder=NO_VALUE,
        column_config={
            "attempt": st.column_config.Column(say("attempt")),
            "reason": st.column_config.Column(say("reason")),
        },
        alt=say("Processes that worked on the run"),
    )


def show_rejected(run: pd.Series) -> None:
    """Show what was left out and why."""
    left_out = store.ask(catalogue.rejected, run_id=int(run["run_id"]))
    if left_out.empty:
        st.caption(say("Nothing was left out."))
        return
    st.markdown(
        say(
            "{entries}, with the reason for each:",
            entries=counted(len(left_out), "entry", "entries"),
        )
    )
    kept = left_out[["place", "stage", "message", "attempts", "rejected_at"]]
    draw_table(kept, hide_index=True, placeholder=NO_VALUE, alt=say("What was left out, and why"))
    csv_button(kept, f"{run['run']} left out")


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _predicts(run: pd.Series) -> str:
    kinds = {
        "has_boxes": say("boxes"),
        "has_masks": say("masks"),
        "has_label_maps": say("label maps"),
        "has_labels": say("image labels"),
    }
    return ", ".join(word for column, word in kinds.items() if run[column]) or say("nothing")


def _seconds(run: pd.Series) -> str:
    """Return the mean time of an image, and what each stage has of it."""
    if pd.isna(run["seconds_per_image"]):
        return say("not recorded")
    stages = store.ask(counts.stage_seconds, runs=(int(run["run_id"]),))
    parts = ", ".join(f"{row.stage} {row.seconds:.3f}" for row in stages.itertuples())
    return f"{run['seconds_per_image']:.3f}" + (f": {parts}" if parts else "")


def _semantic_map(run: pd.Series) -> str:
    if pd.isna(run["pixel_source"]):
        return say("none: pixels cannot be counted")
    at = painted_at(run)
    return say("painted from masks with score {at}", at=at) if at else say("as predicted")


def _moment(moment: pd.Timestamp) -> str:
    return say("not yet") if pd.isna(moment) else f"{ago(moment)} ({moment:%Y-%m-%d %H:%M})"
