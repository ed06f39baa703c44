"""The code grid: codes (level, column), and changes of them that can be undone.

An edit is a `Change`: what stood in a place and what stands there now. Setting a cell, swapping,
blending, inserting columns and prior output all undo by the same code, and the place that changed
is what must be rendered again. What edits there are is in `sdaudio.edits`. This module knows no
sound, no file and no client.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.codebooks import embed, quantise
from sdaudio.errors import UsageError

Codes = NDArray[np.uint16]

MAX_PLACES = 32
"""Changes that `differences` makes of one edit: subscribers hear of each by a datagram a level."""
_NEAR_COLUMNS = 8
"""What lies nearer than a code is heard is rendered again together anyway."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells: ``levels`` rows from ``level`` and ``columns`` from ``column``."""

    level: int
    levels: int
    column: int
    columns: int

    @property
    def level_slice(self) -> slice:
        """The rows as a slice."""
        return slice(self.level, self.level + self.levels)

    @property
    def column_slice(self) -> slice:
        """The columns as a slice."""
        return slice(self.column, self.column + self.columns)


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` stood at (level, column), ``after`` stands there now; both (level, column).

    Where the two differ in width, columns were inserted or deleted, and all levels take part.
    """

    level: int
    column: int
    before: Codes
    after: Codes

    @property
    def resizes(self) -> bool:
        """Whether the change alters the number of columns."""
        return bool(self.before.shape[1] != self.after.shape[1])

    def inverted(self) -> "Change":
        """The change that undoes this one."""
        return Change(self.level, self.column, self.after, self.before)


class Grid:
    """Codes and a revision that counts every change.

    Args:
        codes: (level, column), each below ``codebook_size``; copied.
        codebook_size: codes per level.

    Raises:
        UsageError: a code is out of range or the shape is not (level, column).
    """

    def __init__(self, codes: NDArray[np.integer], codebook_size: int) -> None:
        if codes.ndim != 2:
            raise UsageError(f"Codes have {codes.ndim} axes; a grid is (level, column).")
        self.codebook_size = codebook_size
        self.revision = 0
        self._codes = _checked(codes, codebook_size)

    @property
    def codes(self) -> Codes:
        """The codes (level, column); a view that must not be written."""
        view = self._codes.view()
        view.flags.writeable = False
        return view

    @property
    def n_levels(self) -> int:
        """Number of rows."""
        return int(self._codes.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self._codes.shape[1])

    def read(self, region: Region) -> Codes:
        """Return a copy of the codes in a region.

        Raises:
            UsageError: the region does not lie inside the grid.
        """
        self.check_region(region)
        return self._codes[region.level_slice, region.column_slice].copy()

    def check_region(self, region: Region) -> None:
        """Check that a region lies inside the grid.

        Raises:
            UsageError: it does not, or it is empty.
        """
        _check_span("level", region.level, region.levels, self.n_levels)
        _check_span("column", region.column, region.columns, self.n_columns)

    def apply(self, change: Change) -> None:
        """Carry out a change and count the revision up."""
        start, width = change.column, change.before.shape[1]
        if change.resizes:
            parts = (self._codes[:, :start], change.after, self._codes[:, start + width :])
            self._codes = np.concatenate(parts, axis=1)
        else:
            rows = slice(change.level, change.level + change.after.shape[0])
            self._codes[rows, start : start + width] = change.after
        self.revision += 1

    def change_to(self, level: int, column: int, after: NDArray[np.integer]) -> Change:
        """Describe writing ``after`` (level, column) at a place, without doing it.

        Raises:
            UsageError: it does not fit inside the grid, or a code is out of range.
        """
        after = _checked(after, self.codebook_size)
        before = self.read(Region(level, after.shape[0], column, after.shape[1]))
        return Change(level, column, before, after)

    def replacement(self, column: int, columns: int, after: NDArray[np.integer]) -> Change:
        """Describe replacing ``columns`` whole columns by ``after``, of any width.

        Raises:
            UsageError: the place is outside the grid, or ``after`` has other levels.
        """
        after = _checked(after, self.codebook_size)
        if after.shape[0] != self.n_levels:
            raise UsageError(f"The new columns have {after.shape[0]} levels, not {self.n_levels}.")
        if not (0 <= column <= column + columns <= self.n_columns):
            raise UsageError(
                f"Columns {column} to {column + columns - 1} are outside the grid, "
                f"which has {self.n_columns}."
            )
        before = self._codes[:, column : column + columns].copy()
        return Change(0, column, before, after)


def blend(
    target: Grid,
    base: Codes,
    other: Codes,
    region: Region,
    amount: float,
    codebooks: NDArray[np.float32],
    *,
    structure_dims: int = 0,
) -> tuple[Change, NDArray[np.float32]]:
    """Describe blending a region between two sounds in the summed embeddings.

    The latents of every column are mixed and quantised down the levels again; blending level by
    level would break what a residual means. Levels outside the region keep their codes, and the
    levels inside quantise what those leave.

    Args:
        target: the grid that changes.
        base: (level, column) of all levels, what the region held before blending.
        other: (level, column) of all levels, what to blend towards.
        region: where the result is written; ``base`` and ``other`` are ``region.columns`` wide.
        amount: 0 keeps ``base``, 1 gives ``other``.
        codebooks: (level, code, latent_dim).
        structure_dims: as `quantise` wants it.

    Returns:
        The change, and how far every column lies from its codes, (column,), relative to the
        distance between the two sounds there (0 exact, about 0.5 is far).

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    target.check_region(region)
    inside = tuple(range(region.level, region.level + region.levels))
    start, goal = (embed(codes, codebooks, active=inside) for codes in (base, other))
    mixed = start + np.float32(amount) * (goal - start)
    codes, distance = quantise(
        mixed, codebooks[region.level_slice], structure_dims=structure_dims * (region.level == 0)
    )
    # an end of the slider is the sound itself, which greedy quantisation need not find again
    if amount <= 0.0:
        codes, distance = base[region.level_slice], np.zeros_like(distance)
    elif amount >= 1.0:
        codes, distance = other[region.level_slice], np.zeros_like(distance)
    span = np.linalg.norm(goal - start, axis=1)
    relative = np.divide(distance, span, out=np.zeros_like(distance), where=span > 1e-6)
    return target.change_to(region.level, region.column, codes), relative


def changed_runs(change: Change) -> Iterable[tuple[int, int, Codes]]:
    """Yield (level, first column, codes) for each row of a change, cut to what really differs."""
    for row in range(change.after.shape[0]):
        after = change.after[row]
        if change.resizes:
            if after.size:
                yield change.level + row, change.column, after
            continue
        different = np.flatnonzero(after != change.before[row])
        if different.size:
            start, stop = int(different[0]), int(different[-1]) + 1
            yield change.level + row, change.column + start, after[start:stop]


def changed_columns(changes: Sequence[Change]) -> tuple[int, int] | None:
    """The columns [start, stop) that hold every difference of changes of equal size, or None."""
    runs = [run for change in changes for run in changed_runs(change)]
    if not runs:
        return None
    return min(start for _, start, _ in runs), max(start + len(codes) for _, start, codes in runs)


def differences(grid: Grid, after: NDArray[np.integer]) -> tuple[Change, ...]:
    """Describe turning a grid into ``after`` by changes of the places that differ.

    Places that lie far apart become changes of their own, so that only they are told and rendered
    again; of more than `MAX_PLACES` all together become one.

    Args:
        grid: what is to change.
        after: (level, column) as wide as the grid.

    Returns:
        One change or more, none of which overlap; where nothing differs, one that changes nothing.

    Raises:
        UsageError: a code is out of range.
    """
    after = _checked(after, grid.codebook_size)
    different = np.flatnonzero((after != grid.codes).any(axis=0))
    if not different.size:
        return (grid.change_to(0, 0, after[:, :1]),)
    breaks = np.flatnonzero(np.diff(different) > _NEAR_COLUMNS)
    if breaks.size >= MAX_PLACES:
        breaks = breaks[:0]
    starts = different[np.concatenate(([0], breaks + 1))]
    stops = different[np.concatenate((breaks, [-1]))] + 1
    changes = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        part = after[:, start:stop]
        rows = np.flatnonzero((part != grid.codes[:, start:stop]).any(axis=1))
        first, last = int(rows[0]), int(rows[-1]) + 1
        changes.append(grid.change_to(first, start, part[first:last]))
    return tuple(changes)


def _check_span(name: str, start: int, count: int, size: int) -> None:
    if size == 0:
        raise UsageError(f"The grid has no {name}s yet.")
    if not 0 <= start < size:
        raise UsageError(f"{name} is {start}; allowed are 0 to {size - 1}.")
    if not 1 <= count <= size - start:
        raise UsageError(
            f"{name}s is {count} from {name} {start}; allowed are 1 to {size - start}."
        )


def _checked(codes: NDArray[np.integer], codebook_size: int) -> Codes:
    if codes.size and not (int(codes.min()) >= 0 and int(codes.max()) < codebook_size):
        bad = int(codes.min()) if int(codes.min()) < 0 else int(codes.max())
        raise UsageError(f"code is {bad}; allowed are 0 to {codebook_size - 1}.")
    return codes.astype(np.uint16, copy=True)
