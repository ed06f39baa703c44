"""/sda/blend: move a region of a grid towards another sound, live, and commit it or not."""

from typing import Annotated

import numpy as np

from sdaudio.grid import Region

from ..context import Context
from ..journal import BlendFacts
from ..registry import Results, Spec, command
from ..sessions import Session, blend_state, holds
from ..wire import Peer
from .parameters import GridName, GridRegion

AtLevel = Annotated[int, Spec("a level inside the blend; -1 is any", -1, 3)]
AtColumn = Annotated[int, Spec("a column inside the blend; -1 is any", -1)]
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
    then each (256 at the most). The same region again moves its blend. Several may stand in a grid,
    each with its own amount, as long as they share no cell; one that another blend or an edit
    touches is kept. Nothing is a step to undo before ``/sda/blend/commit``.
    """
    session = context.sessions[grid]
    source = context.sessions.of_model(other, session.model)
    start = region.column if other_column < 0 else other_column
    whole = Region(0, source.grid.n_levels, start, region.columns)
    session.grid.check_region(region)
    goal = source.grid.read(whole)
    distance = context.sessions.blends.set(session, goal, region, amount)
    each = (float(value) for value in distance[:256])
    return session.grid.revision, float(np.mean(distance)), *each


@command("/sda/blend/commit", returns="revision blends")
def commit(context: Context, grid: GridName, level: AtLevel = -1, column: AtColumn = -1) -> Results:
    """Keep what is blended: each blend becomes a step to undo.

    Without a level and column all blends of the grid; else the one that holds this cell. Answers
    how many there were.
    """
    session = context.sessions[grid]
    n_blends = context.sessions.blends.commit(session, _chosen(session, level, column))
    return session.grid.revision, n_blends


@command("/sda/blend/cancel", returns="revision blends")
def cancel(context: Context, grid: GridName, level: AtLevel = -1, column: AtColumn = -1) -> Results:
    """Give regions back what they held before blending.

    Without a level and column those of all blends of the grid; else of the one that holds this
    cell. Answers how many there were.
    """
    session = context.sessions[grid]
    n_blends = context.sessions.blends.cancel(session, _chosen(session, level, column))
    return session.grid.revision, n_blends


@command("/sda/blend/list", returns="blends")
def list_blends(context: Context, peer: Peer, grid: GridName) -> Results:
    """List the blends of a grid that can still be moved.

    One ``/sda/blend/state <grid> <level> <levels> <column> <columns> <amount>`` for each, the
    latest moved last, then their number. Subscribers get the same when one begins or is moved, and
    ``/sda/blend/ended <grid> <level> <levels> <column> <columns>`` when it is kept or given up.
    """
    session = context.sessions[grid]
    for blend in session.blends:
        context.clients.tell(peer, "/sda/blend/state", *blend_state(session, blend))
    return (len(session.blends),)


def _chosen(session: Session, level: int, column: int) -> list[BlendFacts]:
    if level < 0 and column < 0:
        return list(session.blends)
    session.grid.check_region(Region(level, 1, column, 1))
    return [blend for blend in session.blends if holds(blend.region, level, column)]
