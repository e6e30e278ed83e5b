"""Compiled loops that tell the kinds of wrong pixels apart, run by run."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.metrics.kernels.joint_runs import VOID, Lengths, Numbers

BOUNDARY, EXTENT, SEGMENT = 1, 2, 3
_NEAR_TRUE, _NEAR_NEITHER, _NEAR_BOTH = 1, 2, 3
_CELL = 16
Kinds = NDArray[np.uint8]
Runs = tuple[Numbers, Numbers, Numbers, Numbers, Lengths]


@njit(cache=True, nogil=True)
def side_kinds(runs: Runs, owners: Numbers, reach: Numbers, kinds: Kinds) -> None:
    """Write the kind of each wrong pixel, as an error of its true or of its predicted class.

    Args:
        runs: truth, prediction (R,), class indices or -1; first column, column after the last
            (R,), and (H + 1,) the run at which each row begins.
        owners: (R,) truth or prediction: of which class the pixels are errors.
        reach: (d + 1,) columns that the disc spans to each side, by the rows from its centre.
        kinds: (H, W) zeros.
    """
    truth, predicted, starts, ends, rows = runs
    connected = _segments(owners, starts, ends, rows)
    hit = np.zeros(owners.size, dtype=np.bool_)
    wrong = owners.copy()
    for run in range(owners.size):
        if truth[run] == predicted[run]:
            wrong[run] = VOID
            hit[connected[run]] = True
    near = _in_reach(wrong, runs, runs, (_NEAR_TRUE, _NEAR_NEITHER), reach)
    parts = (near[0], *near)
    classes, begins, stops, part_rows = _in_reach(wrong, runs, parts, (_NEAR_BOTH, 0), reach)
    kept = _touching_both(runs, classes, begins, stops, part_rows)
    for row in range(rows.size - 1):
        for run in range(rows[row], rows[row + 1]):
            if wrong[run] != VOID and truth[run] != VOID:
                kinds[row, starts[run] : ends[run]] = EXTENT if hit[connected[run]] else SEGMENT
        for part in range(part_rows[row], part_rows[row + 1]):
            if kept[part]:
                _overwrite(kinds[row, begins[part] : stops[part]])


@njit(cache=True, nogil=True)
def count_kinds(runs: Runs, missed: Kinds, added: Kinds, class_count: int) -> NDArray[np.int64]:
    """Count the wrong pixels by kind.

    Returns:
        (C, 3, 3) pixels by class, kind, and as what: missed by the class, added to it, and both
        together, by the true class and the greater kind.
    """
    truth, predicted, starts, ends, rows = runs
    counts = np.zeros((class_count, 3, 3), dtype=np.int64)
    for row in range(rows.size - 1):
        for run in range(rows[row], rows[row + 1]):
            true, seen = truth[run], predicted[run]
            if true == seen or true == VOID:  # noqa: SIM109 - numba cannot look into this tuple
                continue
            for column in range(starts[run], ends[run]):
                miss, add = missed[row, column], added[row, column]
                counts[true, miss - 1, 0] += 1
                counts[true, max(miss, add) - 1, 2] += 1
                if seen != VOID:
                    counts[seen, add - 1, 1] += 1
    return counts


@njit(cache=True, nogil=True)
def _overwrite(kinds: Kinds) -> None:
    """Write boundary where there is a kind: void truth has none."""
    for place in range(kinds.size):
        if kinds[place]:
            kinds[place] = BOUNDARY


@njit(cache=True, nogil=True)
def _root(parents: Lengths, place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


@njit(cache=True, nogil=True)
def _segments(labels: Numbers, starts: Numbers, ends: Numbers, rows: Lengths) -> Lengths:
    """Return a number for each run, the same for runs of one label that touch, also at corners."""
    parents = np.arange(labels.size)
    for row in range(rows.size - 1):
        above, last = rows[max(row - 1, 0)], rows[row]
        for run in range(rows[row], rows[row + 1]):
            if run > rows[row] and labels[run - 1] == labels[run] and ends[run - 1] == starts[run]:
                parents[_root(parents, run)] = _root(parents, run - 1)
            while above < last and ends[above] < starts[run]:
                above += 1
            other = above
            while other < last and starts[other] <= ends[run]:
                if labels[other] == labels[run]:
                    parents[_root(parents, run)] = _root(parents, other)
                other += 1
    for run in range(labels.size):
        parents[run] = _root(parents, run)
    return parents


@njit(cache=True, nogil=True)
def _first_beyond(ends: Numbers, first: int, stop: int, column: int) -> int:
    """Return the first of some runs in a row that ends beyond a column."""
    while first < stop:
        middle = (first + stop) // 2
        if ends[middle] > column:
            stop = middle
        else:
            first = middle + 1
    return first


@njit(cache=True, nogil=True)
def _mark(marks: Kinds, begin: int, stop: int, bit: np.uint8) -> None:
    """Add a bit to some marks."""
    if stop > 0:
        chosen = marks[max(begin, 0) : stop]  # from 0 on, so that it is vectorised
        for place in range(chosen.size):
            chosen[place] |= bit


@njit(cache=True, nogil=True)
def _are_complete(marks: Kinds) -> bool:
    complete = np.uint8(_NEAR_BOTH)
    for place in range(marks.size):
        complete &= marks[place]
    return bool(complete == _NEAR_BOTH)


@njit(cache=True, nogil=True)
def _cells(sources: Runs) -> NDArray[np.uint64]:
    """Return for each square of `_CELL` pixels which classes its hits may have: bits modulo 64."""
    first, second, starts, ends, rows = sources
    width = 0
    for run in range(ends.size):
        width = max(width, ends[run])
    cells = np.zeros(((rows.size - 2) // _CELL + 1, width // _CELL + 1), dtype=np.uint64)
    for row in range(rows.size - 1):
        for run in range(rows[row], rows[row + 1]):
            if first[run] == second[run] != VOID:
                bit = np.uint64(1) << np.uint64(first[run] % 64)
                for column in range(starts[run] // _CELL, (ends[run] - 1) // _CELL + 1):
                    cells[row // _CELL, column] |= bit
    return cells


@njit(cache=True, nogil=True)
def _may_reach(
    cells: NDArray[np.uint64], row: int, start: int, end: int, owner: int, distance: int
) -> bool:
    """Return whether hits of a class may be near a run: False spares the search for them."""
    bit = np.uint64(1) << np.uint64(owner % 64)
    last_row = min((row + distance) // _CELL + 1, cells.shape[0])
    last_column = min((end + distance) // _CELL + 1, cells.shape[1])
    for down in range(max(row - distance, 0) // _CELL, last_row):
        for right in range(max(start - distance, 0) // _CELL, last_column):
            if cells[down, right] & bit:
                return True
    return False


@njit(cache=True, nogil=True)
def _add_parts(
    marks: Kinds, start: int, owner: int, count: int, parts: tuple[Numbers, Numbers, Numbers]
) -> int:
    """Append the stretches of complete marks; return how many parts there are."""
    classes, begins, stops = parts
    place = 0
    while place < marks.size:
        if marks[place] != _NEAR_BOTH:
            place += 1
            continue
        begins[count] = start + place
        while place < marks.size and marks[place] == _NEAR_BOTH:
            place += 1
        stops[count] = start + place
        classes[count] = owner
        count += 1
    return count


@njit(cache=True, nogil=True)
def _in_reach(
    wrong: Numbers, runs: Runs, sources: Runs, bits: tuple[int, int], reach: Numbers
) -> tuple[Numbers, Numbers, Numbers, Lengths]:
    """Return the parts of wrong runs from where all bits of sources are in reach.

    Args:
        wrong: (R,) the class that a run is an error of, or -1.
        runs: truth, prediction, first column, column after the last, and the run of each row.
        sources: as `runs`; those whose labels both are the class have the one bit, those neither
            of whose labels is have the other.
        bits: the two.
        reach: see `side_kinds`.

    Returns:
        Class, first column and column after the last, all (P,), and (H + 1,) the part at which
        each row begins.
    """
    starts, ends, rows = runs[2:]
    room = 1
    for run in range(wrong.size):
        if wrong[run] != VOID:
            room += (ends[run] - starts[run] + 1) // 2
    parts = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    part_rows = np.zeros(rows.size, dtype=np.int64)
    buffer = np.empty(ends[-1], dtype=np.uint8)
    cells = _cells(sources)
    count = 0
    places = np.empty(2 * reach.size - 1, dtype=np.int64)
    for row in range(rows.size - 1):
        for step in range(places.size):
            other = row + step - reach.size + 1
            places[step] = sources[4][min(max(other, 0), rows.size - 2)]
        for run in range(rows[row], rows[row + 1]):
            if wrong[run] != VOID and _may_reach(
                cells, row, starts[run], ends[run], wrong[run], reach.size - 1
            ):
                marks = buffer[: ends[run] - starts[run]]
                _mark_reached(marks, row, starts[run], wrong[run], sources, bits, reach, places)
                count = _add_parts(marks, starts[run], wrong[run], count, parts)
        part_rows[row + 1] = count
    return parts[0][:count], parts[1][:count], parts[2][:count], part_rows


@njit(cache=True, nogil=True)
def _mark_reached(
    marks: Kinds,
    row: int,
    start: int,
    owner: int,
    sources: Runs,
    bits: tuple[int, int],
    reach: Numbers,
    places: Lengths,
) -> None:
    """Write which bits of sources are in reach of each column of a run, nearest rows first."""
    first, second, starts, ends, rows = sources
    marks[:] = 0
    end = start + marks.size
    for step in range(2 * reach.size - 1):
        down = (step + 1) // 2 * (1 if step % 2 else -1)
        other = row + down
        if other < 0 or other >= rows.size - 1:
            continue
        span = reach[abs(down)]
        near = places[down + reach.size - 1]
        while near < rows[other + 1] and ends[near] <= start - span:
            near += 1
        places[down + reach.size - 1] = near
        while near < rows[other + 1] and starts[near] < end + span:
            true, seen = first[near] == owner, second[near] == owner
            if true == seen:
                bit = np.uint8(bits[0] if true else bits[1])
                _mark(marks, starts[near] - span - start, ends[near] + span - start, bit)
            near += 1
        if _are_complete(marks):
            return


@njit(cache=True, nogil=True)
def _touching_both(
    runs: Runs, classes: Numbers, begins: Numbers, stops: Numbers, part_rows: Lengths
) -> NDArray[np.bool_]:
    """Return of each part whether its segment of parts touches a hit and a neither-nor."""
    truth, predicted, starts, ends, rows = runs
    segments = _segments(classes, begins, stops, part_rows)
    touched = np.zeros(classes.size, dtype=np.uint8)
    for row in range(rows.size - 1):
        for part in range(part_rows[row], part_rows[row + 1]):
            for other in range(max(row - 1, 0), min(row + 2, rows.size - 1)):
                near = _first_beyond(ends, rows[other], rows[other + 1], begins[part] - 1)
                while near < rows[other + 1] and starts[near] < stops[part] + 1:
                    true, seen = truth[near] == classes[part], predicted[near] == classes[part]
                    if true == seen:
                        touched[segments[part]] |= _NEAR_TRUE if true else _NEAR_NEITHER
                    near += 1
    kept = np.zeros(classes.size, dtype=np.bool_)
    for part in range(classes.size):
        kept[part] = touched[segments[part]] == _NEAR_BOTH
    return kept
