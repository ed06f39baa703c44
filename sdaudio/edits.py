"""What can be done to a region of a grid: each edit is a function that describes its changes.

Nothing is changed here; `Grid.apply` carries a `Change` out. What leaves a gap says what is left in
it, and what is placed says how much of it did not fit. This module knows no sound and no client.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.grid import Change, Codes, Grid, Region, differences
from sdaudio.rests import Rests

_STORED = np.dtype("<u2")

Gap = Rests | Literal["hold"]
"""What stands where codes were taken away: silence, or the column before goes on."""
Room = Rests | Literal["hold", "wrap"]
"""What stands where codes moved inside their region: silence, the column before going on, or what
left at the other side."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Codes (level, column) taken from a grid, with the model and the first level they belong to.

    ``identity`` is the model's, see `ModelHeader`; empty where it has none.
    """

    model: str
    identity: str
    codebook_size: int
    level: int
    codes: Codes

    def check_model(self, model: str, identity: str, grid: Grid) -> None:
        """Check that the codes mean the same in a grid of some model.

        Raises:
            StateError: they do not.
        """
        knows_both = bool(identity and self.identity)
        is_same = identity == self.identity if knows_both else model == self.model
        if not is_same or self.codebook_size != grid.codebook_size:
            raise StateError(
                f"The codes come from model '{self.model}' ({self.codebook_size} codes a level), "
                f"the grid belongs to '{model}' ({grid.codebook_size}): they mean other sounds "
                "there. Take a grid of the same model."
            )

    @property
    def record(self) -> str:
        """The clip as a text to be kept, for `read_clip`."""
        codes = base64.b64encode(self.codes.astype(_STORED).tobytes()).decode("ascii")
        return json.dumps(
            {
                "model": self.model,
                "identity": self.identity,
                "codebook_size": self.codebook_size,
                "level": self.level,
                "levels": len(self.codes),
                "codes": codes,
            }
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Changes that place codes, how much was placed, and how much did not fit into the grid."""

    changes: tuple[Change, ...]
    levels: int
    columns: int
    levels_left_out: int
    columns_left_out: int


def read_clip(record: str) -> Clip:
    """Read what `Clip.record` wrote.

    Raises:
        FileError: it is damaged.
    """
    try:
        facts = json.loads(record)
        codes = np.frombuffer(base64.b64decode(facts["codes"]), _STORED)
        return Clip(
            str(facts["model"]),
            str(facts["identity"]),
            int(facts["codebook_size"]),
            int(facts["level"]),
            codes.reshape(facts["levels"], -1).astype(np.uint16),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise FileError(f"What was copied once cannot be read again: {error!r}.") from error


def copy(grid: Grid, region: Region, *, model: str, identity: str) -> Clip:
    """Take a copy of a region of a grid that belongs to ``model``, whose ``identity`` may be empty.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    return Clip(model, identity, grid.codebook_size, region.level, grid.read(region))


def fill(grid: Grid, region: Region, code: int) -> Change:
    """Describe writing one code into every cell of a region.

    Raises:
        UsageError: the region or the code is out of range.
    """
    grid.check_region(region)
    after = np.full((region.levels, region.columns), code, np.int64)
    return grid.change_to(region.level, region.column, after)


def clear(grid: Grid, region: Region, gap: Gap) -> Change:
    """Describe leaving a gap where a region was.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    grid.check_region(region)
    return grid.change_to(region.level, region.column, _gap(grid, region, gap))


def delete(grid: Grid, column: int, columns: int) -> Change:
    """Describe taking columns out of all levels; later ones move up.

    Raises:
        UsageError: they are not in the grid, or they are all there are.
    """
    grid.check_region(Region(0, grid.n_levels, column, columns))
    if columns == grid.n_columns:
        raise UsageError(
            f"The grid has {columns} columns and must keep one. Clear them, or close the grid."
        )
    return grid.replacement(column, columns, grid.codes[:, :0])


def insert(
    grid: Grid, column: int, columns: int, *, content: Rests | Literal["before", "after"]
) -> Change:
    """Describe putting columns before a column; later ones move on.

    Args:
        grid: the grid.
        column: 0 to the number of columns, which adds at the end.
        columns: how many.
        content: silence, or copies of the column before or after; at an end of the grid the only
            neighbour is both.

    Raises:
        UsageError: the place is outside the grid.
    """
    _check_insertion(grid, column)
    if isinstance(content, Rests):
        after = content.fill(Region(0, grid.n_levels, column, columns))
    else:
        neighbour = column if content == "after" else column - 1
        source = min(max(neighbour, 0), grid.n_columns - 1)
        after = np.repeat(grid.codes[:, source : source + 1], columns, axis=1)
    return grid.replacement(column, 0, after)


def paste(grid: Grid, clip: Clip, *, level: int, column: int, columns: int = 0) -> Placed:
    """Describe writing a clip over what stands at a place; what does not fit is left out.

    Args:
        grid: the grid.
        clip: what was copied.
        level: where its first level goes.
        column: where its first column goes.
        columns: repeats or cuts the clip to this width; 0 is its own.

    Raises:
        UsageError: the place is outside the grid.
    """
    grid.check_region(Region(level, 1, column, 1))
    codes = _as_wide(clip.codes, columns)
    fitting = codes[: grid.n_levels - level, : grid.n_columns - column]
    change = grid.change_to(level, column, fitting)
    return _placed((change,), codes, fitting.shape)


def paste_between(grid: Grid, clip: Clip, *, level: int, column: int, columns: int = 0) -> Placed:
    """Describe inserting a clip as new columns; in levels that it lacks the column before goes on.

    Arguments and errors as `paste`; ``column`` may be the number of columns, which adds at the end.
    """
    _check_insertion(grid, column)
    grid.check_region(Region(level, 1, 0, 1))
    codes = _as_wide(clip.codes, columns)
    fitting = codes[: grid.n_levels - level]
    source = max(column - 1, 0)
    after = np.repeat(grid.codes[:, source : source + 1], codes.shape[1], axis=1)
    after[level : level + len(fitting)] = fitting
    return _placed((grid.replacement(column, 0, after),), codes, fitting.shape)


def move(
    grid: Grid,
    region: Region,
    *,
    level: int,
    column: int,
    gap: Gap | Literal["keep"],
) -> Placed:
    """Describe taking a region to another place, over what stands there.

    Args:
        grid: the grid.
        region: what is moved.
        level: where its first level goes.
        column: where its first column goes; what would lie outside the grid is left out.
        gap: what stands where it was; ``keep`` leaves it there as well.

    Raises:
        UsageError: the region or the place is outside the grid.
    """
    grid.check_region(Region(level, 1, column, 1))
    codes = grid.read(region)
    after = grid.codes.copy()
    if gap != "keep":
        after[region.level_slice, region.column_slice] = _gap(grid, region, gap)
    fitting = codes[: grid.n_levels - level, : grid.n_columns - column]
    rows, width = fitting.shape
    after[level : level + rows, column : column + width] = fitting
    return _placed(differences(grid, after), codes, fitting.shape)


def place(grid: Grid, codes: Codes, *, level: int, columns: Sequence[int]) -> Placed:
    """Describe writing the same codes at several columns; later ones lie over earlier ones.

    Args:
        grid: the grid.
        codes: (level, column).
        level: where the first level goes.
        columns: where the first column goes, each time, inside the grid.

    Returns:
        ``columns_left_out`` counts what did not fit of all of them together.

    Raises:
        UsageError: a place is outside the grid.
    """
    after, written, left_out = grid.codes.copy(), 0, 0
    for column in columns:
        grid.check_region(Region(level, 1, column, 1))
        fitting = codes[: grid.n_levels - level, : grid.n_columns - column]
        rows, width = fitting.shape
        after[level : level + rows, column : column + width] = fitting
        written += width
        left_out += codes.shape[1] - width
    rows = min(len(codes), grid.n_levels - level)
    return Placed(differences(grid, after), rows, written, len(codes) - rows, left_out)


def rotate(grid: Grid, region: Region, columns: int, *, levels: int = 0) -> Change:
    """Describe moving a region's codes by columns and levels; what leaves one side enters another.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    turned = np.roll(grid.read(region), (levels, columns), axis=(0, 1))
    return grid.change_to(region.level, region.column, turned)


def shift(grid: Grid, region: Region, columns: int, room: Room) -> Change:
    """Describe moving codes inside a region, later or (negative) earlier; none leaves it.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    if room == "wrap":
        return rotate(grid, region, columns)
    codes, first = grid.read(region), region.column
    by = max(-region.columns, min(columns, region.columns))
    if by > 0:
        hole = Region(region.level, region.levels, first, by)
        kept, before = codes[:, :-by], grid.codes[region.level_slice, max(first - 1, 0), None]
    else:
        hole = Region(region.level, region.levels, first + region.columns + by, -by)
        kept, before = codes[:, -by:], codes[:, -1:]
    filling = np.repeat(before, hole.columns, axis=1) if room == "hold" else room.fill(hole)
    after = np.concatenate((filling, kept) if by > 0 else (kept, filling), axis=1)
    return grid.change_to(region.level, region.column, after)


def reverse(grid: Grid, region: Region) -> Change:
    """Describe turning a region's columns round.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    return grid.change_to(region.level, region.column, grid.read(region)[:, ::-1])


def shuffle(grid: Grid, region: Region, *, size: int, generator: np.random.Generator) -> Change:
    """Describe putting the columns of a region in another order, in pieces of ``size``.

    The last piece is shorter where ``size`` does not divide the width.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    codes = grid.read(region)
    pieces = np.arange(region.columns) // size
    order = np.argsort(generator.permutation(pieces[-1] + 1)[pieces], kind="stable")
    return grid.change_to(region.level, region.column, codes[:, order])


def stretch(grid: Grid, region: Region, columns: int, room: Room) -> Change:
    """Describe playing a region's codes in another number of columns, inside its own width.

    Each column takes the nearest of the region's. What becomes too long is cut off; what becomes
    shorter leaves room, which repeats it (``wrap``), holds its last column or is silent.

    Raises:
        UsageError: the region does not lie inside the grid.
    """
    content = _resampled(grid.read(region), columns)[:, : region.columns]
    width = content.shape[1]
    rest = Region(region.level, region.levels, region.column, region.columns - width)
    if room == "wrap":
        after = _as_wide(content, region.columns)
    elif room == "hold":
        after = np.concatenate((content, np.repeat(content[:, -1:], rest.columns, axis=1)), axis=1)
    else:
        after = np.concatenate((content, room.fill(rest)), axis=1)
    return grid.change_to(region.level, region.column, after)


def resize(grid: Grid, column: int, columns: int, width: int) -> Change:
    """Describe playing columns in another number of columns; later ones move.

    Raises:
        UsageError: the columns are not in the grid.
    """
    codes = grid.read(Region(0, grid.n_levels, column, columns))
    return grid.replacement(column, columns, _resampled(codes, width))


def swap(first: Grid, second: Grid, region: Region, *, second_column: int) -> tuple[Change, Change]:
    """Describe exchanging a region of one grid with the same levels of another, or of itself.

    Args:
        first: the grid that ``region`` belongs to.
        second: the other grid; may be the same one when the two places do not overlap.
        region: levels and columns in ``first``.
        second_column: where the exchanged columns start in ``second``.

    Raises:
        UsageError: a region lies outside its grid, codebooks differ in size, or the two places
            overlap in one grid.
    """
    if first.codebook_size != second.codebook_size:
        raise UsageError(
            f"Codes of {first.codebook_size} and {second.codebook_size} entries a level cannot be "
            "swapped: the grids belong to different models."
        )
    if first is second and abs(region.column - second_column) < region.columns:
        raise UsageError("The two regions overlap; choose columns further apart.")
    other = Region(region.level, region.levels, second_column, region.columns)
    return (
        first.change_to(region.level, region.column, second.read(other)),
        second.change_to(region.level, second_column, first.read(region)),
    )


def _gap(grid: Grid, region: Region, gap: Gap) -> Codes:
    if isinstance(gap, Rests):
        return gap.fill(region)
    return np.repeat(_before(grid, region), region.columns, axis=1)


def _before(grid: Grid, region: Region) -> Codes:
    """The column that goes on in a gap: the one before it, at the grid's start the one after."""
    source = region.column - 1 if region.column else min(region.columns, grid.n_columns - 1)
    return grid.codes[region.level_slice, source : source + 1]


def _as_wide(codes: Codes, columns: int) -> Codes:
    """Repeat or cut codes to a number of columns; 0 leaves them."""
    if not columns:
        return codes
    return codes[:, np.arange(columns) % codes.shape[1]]


def _resampled(codes: Codes, columns: int) -> Codes:
    """Take the nearest column for each of another number of columns."""
    middles = (2 * np.arange(columns) + 1) * codes.shape[1] // (2 * columns)
    return codes[:, middles]


def _placed(changes: tuple[Change, ...], codes: Codes, fitting: tuple[int, ...]) -> Placed:
    levels, columns = fitting
    return Placed(changes, levels, columns, len(codes) - levels, codes.shape[1] - columns)


def _check_insertion(grid: Grid, column: int) -> None:
    if not 0 <= column <= grid.n_columns:
        raise UsageError(
            f"column is {column}; allowed are 0 to {grid.n_columns}, which adds at the end."
        )
