"""How heat maps name their rows and columns."""

from __future__ import annotations

from typing import Final

# none is dropped for lack of room, none pushed inwards from the picture's edge
EACH_LABEL: Final = {"labelOverlap": False, "labelFlush": False}
