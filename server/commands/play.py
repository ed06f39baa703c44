"""/sda/play: hear grids, single moments and single codes."""

from typing import Annotated

from ..context import Context
from ..registry import Results, Spec, command
from ..transport import PREVIEW_COLUMNS
from .parameters import Code, Column, GainDb, GridName, Level, ModelName, OptionalColumns

Held = Annotated[int, Spec("how many columns it is held", 1, 480)]


@command("/sda/play/grid", returns="grid start columns")
async def play_grid(
    context: Context,
    grid: GridName,
    start: Column = 0,
    columns: OptionalColumns = 0,
    gain: GainDb = 0.0,
) -> Results:
    """Play a grid, or some columns of it, once.

    While it plays, subscribers get ``/sda/play/head <grid> <column>``; ``/sda/play/state <grid>
    <playing>`` says when it begins and ends.
    """
    session = context.sessions[grid]
    played = await context.transport.play(
        session, start=start, columns=columns, loop=False, gain_db=gain
    )
    return grid, *played


@command("/sda/play/loop", returns="grid start columns")
async def loop(
    context: Context,
    grid: GridName,
    start: Column = 0,
    columns: OptionalColumns = 0,
    gain: GainDb = 0.0,
) -> Results:
    """Play a grid, or some columns of it, round and round. Edits are heard at the next pass."""
    session = context.sessions[grid]
    played = await context.transport.play(
        session, start=start, columns=columns, loop=True, gain_db=gain
    )
    return grid, *played


@command("/sda/play/stop", returns="")
def stop(
    context: Context, grid: Annotated[str, Spec("name of a grid; empty is all")] = ""
) -> Results:
    """Fade a grid out, or everything."""
    if grid:
        context.transport.stop(context.sessions[grid])
    else:
        context.transport.stop_all()
    return ()


@command("/sda/play/silence", returns="")
def silence(context: Context) -> Results:
    """Fade everything out at once: grids, previews, all."""
    context.transport.stop_all()
    return ()


@command("/sda/play/gain", returns="gain")
def gain(context: Context, gain: GainDb) -> Results:
    """Set the level of everything that is played."""
    context.transport.set_gain(gain)
    return (gain,)


@command("/sda/play/column", returns="samples")
async def column(
    context: Context, grid: GridName, column: Column, columns: Held = PREVIEW_COLUMNS
) -> Results:
    """Hold one moment of a grid."""
    session = context.sessions[grid]
    return (await context.transport.preview_column(session, column, columns),)


@command("/sda/play/row", returns="samples")
async def row(
    context: Context,
    grid: GridName,
    level: Level,
    start: Column = 0,
    columns: OptionalColumns = 0,
) -> Results:
    """Play one level of a grid alone, the others absent."""
    session = context.sessions[grid]
    return (await context.transport.preview_row(session, level, start, columns),)


@command("/sda/play/code", returns="samples")
async def code(
    context: Context,
    model: ModelName,
    level: Level,
    code: Code,
    columns: Held = PREVIEW_COLUMNS,
) -> Results:
    """Hear one code of a model alone, the other levels absent."""
    loaded = context.library.model(model)
    return (await context.transport.preview_code(loaded, level, code, columns),)
