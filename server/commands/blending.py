"""/sda/blend: move a region of a grid towards another sound, live, and commit it or not."""

from typing import Annotated

import numpy as np

from sdaudio.grid import Region

from ..context import Context
from ..registry import Results, Spec, command
from .parameters import GridName, GridRegion

Amount = Annotated[float, Spec("0 keeps the grid, 1 gives the other", 0.0, 1.0)]


@command("/sda/blend/set", returns="revision mean_distance distance ...")
def set_blend(
    context: Context,
    grid: GridName,
    other: GridName,
    region: GridRegion,
    amount: Amount,
    other_column: Annotated[int, Spec("where in the other; -1 is the same column", -1)] = -1,
) -> Results:
    """Blend a region of a grid with the same levels of another; the grid follows live.

    The summed embeddings of the columns are mixed and quantised down the levels again. Answers how
    far the columns land from their codes, relative to the distance of the two sounds: the mean,
    then each (256 at the most). Nothing is a step to undo before ``/sda/blend/commit``.
    """
    session = context.sessions[grid]
    source = context.sessions.of_model(other, session.model)
    start = region.column if other_column < 0 else other_column
    whole = Region(0, source.grid.n_levels, start, region.columns)
    session.grid.check_region(region)
    goal = source.grid.read(whole)
    distance = context.sessions.set_blend(session, goal, region, amount)
    each = (float(value) for value in distance[:256])
    return session.grid.revision, float(np.mean(distance)), *each


@command("/sda/blend/commit", returns="revision")
def commit(context: Context, grid: GridName) -> Results:
    """Keep what is blended, as one step to undo."""
    session = context.sessions[grid]
    context.sessions.commit_blend(session)
    return (session.grid.revision,)


@command("/sda/blend/cancel", returns="revision")
def cancel(context: Context, grid: GridName) -> Results:
    """Give the region back what it held before blending."""
    session = context.sessions[grid]
    context.sessions.cancel_blend(session)
    return (session.grid.revision,)
