"""What the visitor ticked in galleries: kept from page to page, image to image and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

_LISTS = "overlook_ticked"


@dataclass
class Ticked:
    """The cells of one list that are ticked, on all its pages.

    Attributes:
        scope: names the list.
        ids: of the ticked cells, in the order they were ticked.
        turn: drawn anew whenever the app changes the choice itself; the browser keeps its own as
            long as the turn stays, so that no answer of the server undoes a later click.
        sent: what was ticked when the turn began.
    """

    scope: str
    ids: tuple[str, ...] = ()
    turn: str = field(default_factory=lambda: uuid4().hex)
    sent: tuple[str, ...] = ()

    def header(self) -> dict[str, object]:
        """Return what `payload.pack_gallery` packs of it; it stays as long as the turn."""
        return {"scope": self.scope, "turn": self.turn, "ids": list(self.sent)}

    def report(self, ids: Sequence[object]) -> None:
        """Keep what the browser says is ticked."""
        self.ids = tuple(map(str, ids))


def of_list(*names: str) -> Ticked:
    """Return what this visitor ticked in a list.

    Args:
        names: by which the list is known, such as what it lists, data set and split.
    """
    scope = "\n".join(names)
    return st.session_state.setdefault(_LISTS, {}).setdefault(scope, Ticked(scope))
