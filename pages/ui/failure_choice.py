"""Which failures are looked for: what the page Failures lets people choose, as one value.

The value travels to the page Masks in the address, so that "next" there means the next failure.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from urllib.parse import parse_qs, urlencode

from core.metrics.errors import Kind
from core.metrics.image_labels import LEAST_PIXELS
from core.metrics.pixel_errors import KINDS as PIXEL_KINDS
from core.scoring import SIZES
from core.store.queries.image_labels import FOUND_ALONE, SAID_ALONE
from pages.ui.language import mark
from pages.ui.subset import IOUS

BOXES, MASKS, PIXELS, LABELS = WAYS = ("boxes", "masks", "pixels", "labels")
DIFFERENCES = (SAID_ALONE, FOUND_ALONE)
KINDS = (
    Kind.MISSED,
    Kind.CLASSIFICATION,
    Kind.LOCALISATION,
    Kind.BOTH,
    Kind.DUPLICATE,
    Kind.BACKGROUND,
)
MOST_PIXELS = 100_000
MOST_ERRORS, SUREST = RANKS = (mark("most errors first"), mark("surest error first"))


@dataclass(frozen=True)
class FailureChoice:
    """What counts as a failure, and which comes first.

    Attributes:
        by: one of `WAYS`: whether boxes, masks or pixels are judged, or a label head is held
            against what the same run found.
        kinds: kinds of error that count; none stands for all.
        size: one of `core.scoring.SIZES`.
        score: predictions with a lower score, and labels of a lower probability, count as not
            made; a fraction.
        below: greatest IoU of an image, per cent; where pixels are judged.
        rank: one of `RANKS`; where boxes or masks are judged.
        sides: those of `DIFFERENCES` that count; none stands for both. Where labels are judged.
        pixels: from how many pixels on a label map shows a class; where labels are judged.
        wrong: of `core.metrics.pixel_errors.KINDS`: which wrong pixels count; none stands for
            all. Where pixels are judged.
        truth: names of annotated classes, whatever they were taken for; none stands for any.
        predicted: names of predicted classes, whatever was annotated; none stands for any.
        overlap: one of `IOUS`, from which on a prediction takes an object of any class; where
            truth or predicted are chosen.
        answered_by: runs that must have answered the images too.
    """

    by: str = BOXES
    kinds: tuple[str, ...] = ()
    size: str = "all"
    score: float = 0.5
    below: int = 100
    rank: str = MOST_ERRORS
    sides: tuple[str, ...] = ()
    pixels: int = LEAST_PIXELS
    wrong: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    overlap: str = IOUS[0]
    answered_by: tuple[str, ...] = ()

    @property
    def by_pair(self) -> bool:
        """Return whether objects or pixels are meant by what they were taken for."""
        return bool(self.truth or self.predicted)

    @property
    def order(self) -> str:
        """Return by which rule the worst come first, for `say`."""
        by_pixels = (
            mark("most such pixels first")
            if self.by_pair or self.wrong
            else mark("lowest IoU first")
        )
        own = {PIXELS: by_pixels, LABELS: mark("most differences first")}
        return own.get(self.by, self.rank)

    def parameters(self) -> dict[str, object]:
        """Return the query parameters by which the page Failures makes this choice."""
        standard = asdict(FailureChoice())
        return {k: v for k, v in asdict(self).items() if k == "by" or v != standard[k]}

    def as_text(self) -> str:
        """Return the choice as one value of an address."""
        return urlencode(self.parameters(), doseq=True)


def from_text(text: str) -> FailureChoice:
    """Return the choice that `as_text` wrote; what cannot be read takes its standard value."""
    given = parse_qs(text)
    read = {each.name: given[each.name] for each in fields(FailureChoice) if each.name in given}
    parts: dict[str, object] = {}
    for name, known in (("by", WAYS), ("size", SIZES), ("rank", RANKS), ("overlap", IOUS)):
        if read.get(name, [""])[0] in known:
            parts[name] = read[name][0]
    parts["kinds"] = tuple(kind for kind in KINDS if kind in read.get("kinds", []))
    parts["wrong"] = tuple(kind for kind in PIXEL_KINDS if kind in read.get("wrong", []))
    parts["sides"] = tuple(side for side in DIFFERENCES if side in read.get("sides", []))
    for name in ("truth", "predicted", "answered_by"):
        parts[name] = tuple(read.get(name, []))
    limits = (("score", 1, float), ("below", 100, int), ("pixels", MOST_PIXELS, int))
    for name, most, number in limits:
        try:
            value = number(read.get(name, [""])[0])
        except ValueError:
            continue
        if 0 <= value <= most:
            parts[name] = value
    return FailureChoice(**parts)
