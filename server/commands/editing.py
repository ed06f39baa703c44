"""/sda/grid: edit cells, regions and columns of a grid. Every command is one step to undo."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np

from sdaudio import edits
from sdaudio.errors import StateError, UsageError
from sdaudio.grid import Change, Region

from ..context import Context
from ..registry import Results, Spec, command
from ..sessions import Session
from .parameters import (
    Code,
    Column,
    Columns,
    GridName,
    GridRegion,
    Level,
    Levels,
    Seed,
    drawn,
    one_of,
)

_CLEARED: tuple[Literal["silence", "hold"], ...] = ("silence", "hold")
_CUT: tuple[Literal["silence", "hold", "close"], ...] = ("silence", "hold", "close")
_MOVED: tuple[Literal["silence", "hold", "keep"], ...] = ("silence", "hold", "keep")
_SHIFTED: tuple[Literal["wrap", "hold", "silence"], ...] = ("wrap", "hold", "silence")
_INSERTED: tuple[Literal["silence", "before", "after"], ...] = ("silence", "before", "after")

By = Annotated[int, Spec("columns to move, negative is earlier", -1_000_000, 1_000_000)]
GapWord = Annotated[
    str, Spec("what is left there: silence, or hold, by which the column before goes on")
]
RepeatTo = Annotated[int, Spec("repeated or cut to so many columns, 0 is as it was copied", 0)]


@command("/sda/grid/set", returns="revision")
def set_codes(
    context: Context, grid: GridName, level: Level, column: Column, code: Code, *codes: Code
) -> Results:
    """Set one code, or several of a level from a column on."""
    session = context.sessions[grid]
    after = np.array([[code, *codes]], np.int64)
    return _edit(context, session, session.grid.change_to(level, column, after))


@command("/sda/grid/fill", returns="revision")
def fill(context: Context, grid: GridName, region: GridRegion, code: Code) -> Results:
    """Write one code into every cell of a region."""
    session = context.sessions[grid]
    return _edit(context, session, edits.fill(session.grid, region, code))


@command("/sda/grid/clear", returns="revision")
def clear(
    context: Context, grid: GridName, region: GridRegion, leave: GapWord = "silence"
) -> Results:
    """Take a region away and leave a gap; nothing else moves.

    In a gap without level 0 ``silence`` takes the codes that add least to what the other levels
    say, because how loud it is goes on there.
    """
    session = context.sessions[grid]
    word = one_of("leave", leave, _CLEARED)
    gap = context.library.rests(session.model) if word == "silence" else word
    return _edit(context, session, edits.clear(session.grid, region, gap))


@command("/sda/grid/copy", returns="levels columns")
def copy(context: Context, grid: GridName, region: GridRegion) -> Results:
    """Copy a region, to be pasted anywhere in grids of the same model."""
    session = context.sessions[grid]
    context.sessions.clipboard = copied(session, region)
    return region.levels, region.columns


@command("/sda/grid/cut", returns="revision levels columns")
def cut(
    context: Context,
    grid: GridName,
    region: GridRegion,
    leave: Annotated[
        str, Spec("silence or hold leave a gap, close takes the columns out of all levels")
    ] = "silence",
) -> Results:
    """Copy a region and take it away, with a gap or without.

    ``leave silence`` and ``leave hold`` (the column before goes on) keep all times as they are.
    ``leave close`` lets later columns move up and needs a region of all levels.
    """
    session = context.sessions[grid]
    word = one_of("leave", leave, _CUT)
    clip = copied(session, region)
    if word == "close":
        _check_all_levels(session, region, "leave close")
        change = edits.delete(session.grid, region.column, region.columns)
    else:
        gap = context.library.rests(session.model) if word == "silence" else word
        change = edits.clear(session.grid, region, gap)
    context.sessions.edit((session, change))
    context.sessions.clipboard = clip
    return session.grid.revision, region.levels, region.columns


@command("/sda/grid/paste", returns="revision levels columns levels_left_out columns_left_out")
def paste(
    context: Context,
    grid: GridName,
    level: Level,
    column: Column,
    mode: Annotated[str, Spec("replace what is there, or insert new columns")] = "replace",
    columns: RepeatTo = 0,
) -> Results:
    """Paste what was copied, with its upper left corner at a level and column.

    The level may be another than it was copied from, the grid another one of the same model. With
    ``columns`` it is repeated to fill so many. What does not fit at the end of the grid or below
    its last level is left out: answers how much was pasted, and how much was not. With ``mode
    insert`` later columns move on, a column behind the last adds at the end, and levels that were
    not copied hold the column before.
    """
    session, clip = context.sessions[grid], context.sessions.clipboard
    if clip is None:
        raise StateError("Nothing was copied yet; /sda/grid/copy or /sda/grid/cut comes first.")
    clip.check_model(session.model.name, session.model.header.identity, session.grid)
    if one_of("mode", mode, ("replace", "insert")) == "insert":
        context.sessions.check_length(session.grid.n_columns + (columns or clip.codes.shape[1]))
        placed = edits.paste_between(
            session.grid, clip, level=level, column=column, columns=columns
        )
    else:
        placed = edits.paste(session.grid, clip, level=level, column=column, columns=columns)
    return _edit_placed(context, session, placed)


@command("/sda/grid/move", returns="revision levels columns levels_left_out columns_left_out")
def move(
    context: Context,
    grid: GridName,
    region: GridRegion,
    to_level: Annotated[int, Spec("where its first level goes", 0, 3)],
    to_column: Annotated[int, Spec("where its first column goes", 0)],
    leave: Annotated[
        str, Spec("silence, hold (the column before goes on), or keep what was moved there too")
    ] = "silence",
) -> Results:
    """Take a region to another place, over what is there.

    What would lie outside the grid is left out, which is answered. ``leave keep`` makes a second
    one.
    """
    session = context.sessions[grid]
    word = one_of("leave", leave, _MOVED)
    gap = context.library.rests(session.model) if word == "silence" else word
    placed = edits.move(session.grid, region, level=to_level, column=to_column, gap=gap)
    return _edit_placed(context, session, placed)


@command("/sda/grid/shift", returns="revision")
def shift(
    context: Context,
    grid: GridName,
    region: GridRegion,
    by: By,
    leave: Annotated[
        str, Spec("wrap, hold (what is before goes on) or silence where codes moved away")
    ] = "wrap",
) -> Results:
    """Move the codes of a region in time, inside it.

    With ``leave wrap`` what leaves one side enters at the other. With ``hold`` or ``silence`` it is
    lost, and the room it makes is filled so.
    """
    session = context.sessions[grid]
    word = one_of("leave", leave, _SHIFTED)
    room = context.library.rests(session.model) if word == "silence" else word
    return _edit(context, session, edits.shift(session.grid, region, by, room))


@command("/sda/grid/rotate", returns="revision")
def rotate(
    context: Context,
    grid: GridName,
    region: GridRegion,
    by: By,
    by_levels: Annotated[int, Spec("levels to move, negative is coarser", -4, 4)] = 0,
) -> Results:
    """Turn the codes of a region round, in time and across its levels.

    What leaves one side enters at the other. A region of two levels, turned by 0 columns and 1
    level, exchanges their codes.
    """
    session = context.sessions[grid]
    return _edit(context, session, edits.rotate(session.grid, region, by, levels=by_levels))


@command("/sda/grid/reverse", returns="revision")
def reverse(context: Context, grid: GridName, region: GridRegion) -> Results:
    """Turn the columns of a region round."""
    session = context.sessions[grid]
    return _edit(context, session, edits.reverse(session.grid, region))


@command("/sda/grid/shuffle", returns="revision seed")
def shuffle(
    context: Context,
    grid: GridName,
    region: GridRegion,
    size: Annotated[int, Spec("how many columns stay together", 1)] = 1,
    seed: Seed = -1,
) -> Results:
    """Put the columns of a region in another order, in pieces of some columns.

    All levels of the region move together. The seed used is answered; the same seed gives the same
    order.
    """
    session = context.sessions[grid]
    seed = drawn(seed)
    generator = np.random.default_rng(seed)
    change = edits.shuffle(session.grid, region, size=size, generator=generator)
    return (*_edit(context, session, change), seed)


@command("/sda/grid/stretch", returns="revision columns")
def stretch(
    context: Context,
    grid: GridName,
    region: GridRegion,
    to: Annotated[int, Spec("so many columns it lasts then", 1)],
    leave: Annotated[
        str, Spec("hold, silence or wrap (it begins again) where it got shorter")
    ] = "hold",
    resize: Annotated[bool, Spec("1 lets the grid grow or shrink with it")] = False,
) -> Results:
    """Make a region faster or slower: each new column takes the nearest one.

    It stays in its own columns: what gets too long is cut off. With ``resize 1``, which needs all
    levels, it gets exactly as long as you say, and later columns move. Answers how many columns of
    the grid it fills now.
    """
    session = context.sessions[grid]
    if resize:
        _check_all_levels(session, region, "resize 1")
        session.grid.check_region(region)
        context.sessions.check_length(session.grid.n_columns + to - region.columns)
        change = edits.resize(session.grid, region.column, region.columns, to)
        return (*_edit(context, session, change), to)
    word = one_of("leave", leave, _SHIFTED)
    room = context.library.rests(session.model) if word == "silence" else word
    change = edits.stretch(session.grid, region, to, room)
    return (*_edit(context, session, change), min(to, region.columns))


@command("/sda/grid/insert", returns="revision")
def insert(
    context: Context,
    grid: GridName,
    column: Column,
    columns: Columns,
    of: Annotated[str, Spec("silence, or copies of the column before or after")] = "silence",
) -> Results:
    """Insert columns before a column; later ones move on.

    A column behind the last one adds at the end.
    """
    session = context.sessions[grid]
    context.sessions.check_length(session.grid.n_columns + columns)
    word = one_of("of", of, _INSERTED)
    content = context.library.rests(session.model) if word == "silence" else word
    return _edit(context, session, edits.insert(session.grid, column, columns, content=content))


@command("/sda/grid/delete", returns="revision")
def delete(context: Context, grid: GridName, column: Column, columns: Columns) -> Results:
    """Delete columns; later ones move up."""
    session = context.sessions[grid]
    return _edit(context, session, edits.delete(session.grid, column, columns))


@command("/sda/grid/swap", returns="revision_a revision_b")
def swap(
    context: Context,
    grid_a: GridName,
    grid_b: GridName,
    level: Level,
    levels: Levels,
    column_a: Column,
    column_b: Column,
    columns: Columns,
) -> Results:
    """Exchange a region between two grids of one model: one step to undo, in both.

    The same grid twice exchanges two places of it.
    """
    first, second = context.sessions[grid_a], context.sessions[grid_b]
    context.sessions.of_model(grid_b, first.model)
    region = Region(level, levels, column_a, columns)
    changes = edits.swap(first.grid, second.grid, region, second_column=column_b)
    context.sessions.edit((first, changes[0]), (second, changes[1]))
    return first.grid.revision, second.grid.revision


def copied(session: Session, region: Region) -> edits.Clip:
    """Take a copy of a region.

    Raises:
        UsageError: it does not lie inside the grid.
    """
    model = session.model
    return edits.copy(session.grid, region, model=model.name, identity=model.header.identity)


def edit_in_places(context: Context, session: Session, changes: Sequence[Change]) -> int:
    """Carry out changes of one grid as one step and return its revision."""
    context.sessions.edit(*((session, change) for change in changes))
    return session.grid.revision


def _edit(context: Context, session: Session, change: Change) -> Results:
    return (edit_in_places(context, session, (change,)),)


def _edit_placed(context: Context, session: Session, placed: edits.Placed) -> Results:
    revision = edit_in_places(context, session, placed.changes)
    return (
        revision, placed.levels, placed.columns, placed.levels_left_out, placed.columns_left_out,
    )  # fmt: skip


def _check_all_levels(session: Session, region: Region, option: str) -> None:
    if region.levels != session.grid.n_levels:
        raise UsageError(
            f"'{option}' moves whole columns, and this region has {region.levels} of "
            f"{session.grid.n_levels} levels. Give level 0 and levels {session.grid.n_levels}."
        )
