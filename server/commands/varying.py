"""/sda/grid: go from codes to their neighbours, by chance or by ear."""

from collections.abc import Awaitable
from typing import Annotated, Literal

import numpy as np

from sdaudio import neighbours
from sdaudio.errors import UsageError

from ..context import Context
from ..registry import Results, Spec, command
from ..wire import Peer
from .parameters import GridName, GridRegion, Seed, drawn, one_of

MAX_STEPPED = 512
"""Columns times steps of one command by ear: a second of work, at worst some three."""
_DIRECTIONS: tuple[Literal["near"] | neighbours.Direction, ...] = ("near", *neighbours.DIRECTIONS)


@command("/sda/grid/randomise", returns="revision seed")
def randomise(
    context: Context,
    grid: GridName,
    region: GridRegion,
    amount: Annotated[
        float, Spec("0 the nearest code only, 1 any code, as a share of the codes", 0.0, 1.0)
    ] = 0.1,
    nearest: Annotated[
        int, Spec("draw from so many nearest codes instead; 0 goes by the amount", 0, 255)
    ] = 0,
    share: Annotated[float, Spec("how likely a cell changes", 0.0, 1.0)] = 1.0,
    seed: Seed = -1,
) -> Results:
    """Replace codes of a region by others that are near to them, drawn by chance.

    The seed used is answered; the same seed gives the same codes.
    """
    session = context.sessions[grid]
    seed = drawn(seed)
    change = neighbours.randomise(
        session.grid,
        region,
        session.model.codebooks,
        count=nearest or max(1, round(amount * (session.grid.codebook_size - 1))),
        share=share,
        generator=np.random.default_rng(seed),
    )
    context.sessions.edit((session, change))
    return session.grid.revision, seed


@command("/sda/grid/step", returns="revision columns_changed")
def step(
    context: Context,
    peer: Peer,
    grid: GridName,
    region: GridRegion,
    direction: Annotated[str, Spec("near, brighter, darker, louder or softer")] = "near",
    steps: Annotated[int, Spec("how many steps; near takes the nth nearest code", 1, 64)] = 1,
) -> Results | Awaitable[Results]:
    """Take a step from code to code: to a near one, or one that sounds brighter, darker, ...

    ``near`` takes every cell of the region to the code nearest to it. The others change one code in
    each column: of all codes of the region's levels that make the column brighter (or darker,
    louder, softer), as a worker hears it in its place, the nearest. A column in which no code does
    stays as it is; answers how many changed. Columns times steps are 512 at the most.
    """
    word = one_of("direction", direction, _DIRECTIONS)
    if word == "near":
        session = context.sessions[grid]
        change = neighbours.step_near(session.grid, region, session.model.codebooks, steps)
        context.sessions.edit((session, change))
        return session.grid.revision, int((change.after != change.before).any(axis=0).sum())
    if region.columns * steps > MAX_STEPPED:
        raise UsageError(
            f"{steps} steps of {region.columns} columns are {region.columns * steps} times to "
            f"listen; {MAX_STEPPED} are allowed in one command. Take fewer columns or steps."
        )
    return context.descriptors.step(grid, region, word, steps=steps, hand=peer)
