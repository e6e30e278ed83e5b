"""Which attribute of a region is its class: VIA lets annotators invent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError
from core.readers.faults import shown
from core.readers.json_file import is_writable

Attributes = Mapping[str, object]
SHOWN_ATTRIBUTES, SHOWN_CLASSES = 8, 5


@dataclass(frozen=True)
class ClassRule:
    """How regions tell their class.

    Attributes:
        attribute: whose value is the class, or None if all are of one class.
        one_class: that one.
    """

    attribute: str | None
    one_class: str = ""

    def class_of(self, attributes: Attributes) -> str:
        """Return the class of a region.

        Raises:
            UsageError: its attribute is missing or empty, or chooses several.
        """
        if self.attribute is None:
            return self.one_class
        value = attributes.get(self.attribute)
        found = _chosen(value)
        if found is None:
            came = shown(value) if self.attribute in attributes else "missing"
            raise UsageError(
                f"the attribute {shown(self.attribute)} is {came}; expected the name of one class"
            )
        return found


def class_rule(
    path: Path, regions: Sequence[Attributes], attribute: str | None, one_class: str | None
) -> ClassRule:
    """Return how the regions of a file tell their class.

    Args:
        path: of the file, for messages.
        regions: the attributes of each region.
        attribute: as the user names it, or None.
        one_class: what the user says all regions are, or None.

    Raises:
        UsageError: the user did not say it, said it twice, or named an attribute that no region
            has; it tells which there are.
    """
    if attribute is not None and one_class is not None:
        raise UsageError("--class-attribute and --one-class contradict each other; give one.")
    if one_class is not None or not regions:
        return ClassRule(None, one_class or "")
    counts = Counter(key for attributes in regions for key in attributes)
    if attribute is not None and attribute in counts:
        return ClassRule(attribute)
    if not counts:
        raise UsageError(
            f"{path}: none of the {len(regions)} regions has an attribute that could be its class. "
            "If all are of one class, name it: --one-class balloon."
        )
    wrong = "" if attribute is None else f"no region has the attribute {shown(attribute)}. "
    raise UsageError(
        f"{path}: {wrong}Which attribute is the class of a region? Of {len(regions)} regions, "
        f"{_choices(regions, counts)}. Name one, such as --class-attribute "
        f"{shown(counts.most_common(1)[0][0])}; or name the class of all by --one-class."
    )


def _choices(regions: Sequence[Attributes], counts: Counter[str]) -> str:
    told = []
    for key, count in counts.most_common(SHOWN_ATTRIBUTES):
        values = Counter(_chosen(each[key]) or "nothing" for each in regions if key in each)
        names = ", ".join(f"{shown(word)} {own}" for word, own in values.most_common(SHOWN_CLASSES))
        more = ", …" if len(values) > SHOWN_CLASSES else ""
        told.append(f"{count} have {shown(key)} ({names}{more})")
    return "; ".join(told)


def _chosen(value: object) -> str | None:
    """Return the one text that a value is: as written, or of several boxes the one ticked."""
    if isinstance(value, dict):
        ticked = [option for option, on in value.items() if on is True]
        value = ticked[0] if len(ticked) == 1 else None
    if not isinstance(value, str) or not value.strip() or not is_writable(value):
        return None
    return value.strip()
