"""/sda/prior: draw places of a grid anew, try candidates and variations, lock what stays."""

from typing import Annotated

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio.tasks.takes import Fill, Filled, Sampled, Vary

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from .drawing import DRAWN_AS_LEARNED, DrawingOptions, novelty_facts, with_prior
from .parameters import GridName, GridRegion, Level

MAX_FILLED = 1500
"""Columns of a place that is drawn anew at once (32 s)."""
TRIES_FOR_CANDIDATES = 4

Tries = Annotated[int, Spec("how many are made, of which the best is taken", 1, 64)]


@command("/sda/prior/infill", returns="revision likelihood seed", job=True)
async def infill(
    context: Context,
    job: Job,
    grid: GridName,
    region: GridRegion,
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
    tries: Tries = 8,
) -> Results:
    """Fill a region so that it follows from what is before it and leads to what is after it.

    Levels that are not in the region stay as they are, and locked cells of it too; of several
    fillings the one is taken that fits best to all that stays. Answers how likely that is beside
    it, in nats per code: 0 at best, to be compared with other fillings of the same place. One step
    to undo. ``/sda/prior/novelty`` tells how new the region is.
    """
    session = context.sessions[grid]
    loaded = with_prior(session.model)
    _check_width(region)
    place = context.takes.place(session, region)
    seed = drawing.drawn_seed()
    options, files = drawing.options(loaded, seed), drawing.file_numbers(loaded)
    filled = await job.run(Fill(loaded.path, place, options, 1, tries, files))
    if not isinstance(filled, Filled):
        raise TypeError(f"filling was answered with {filled!r}")
    [best] = filled.candidates
    context.takes.write(session, region, place, best.codes)
    facts = novelty_facts(loaded, grid, region.column, region.columns, best.novelty)
    job.tell("/sda/prior/novelty", *facts)
    return session.grid.revision, best.likelihood, seed


@command("/sda/prior/candidates", returns="grid candidates seed", job=True)
async def candidates(
    context: Context,
    job: Job,
    grid: GridName,
    region: GridRegion,
    count: Annotated[int, Spec("how many", 1, 16)] = 4,
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
) -> Results:
    """Make several fillings of a region, to be tried with ``/sda/prior/pick``.

    The grid stays as it is. One ``/sda/prior/candidate <grid> <number> <likelihood> <novelty>
    <usual novelty> <seconds copied> <file>`` for each, the one first that fits best to all that
    stays; see ``/sda/prior/infill`` and ``/sda/prior/novelty`` for what the numbers mean.
    """
    session = context.sessions[grid]
    loaded = with_prior(session.model)
    _check_width(region)
    place = context.takes.place(session, region, tried=True)
    seed = drawing.drawn_seed()
    options, files = drawing.options(loaded, seed), drawing.file_numbers(loaded)
    filled = await job.run(Fill(loaded.path, place, options, count, TRIES_FOR_CANDIDATES, files))
    if not isinstance(filled, Filled):
        raise TypeError(f"filling was answered with {filled!r}")
    context.takes.offer(session, region, place, filled.candidates)
    for number, candidate in enumerate(filled.candidates, start=1):
        facts = novelty_facts(loaded, grid, region.column, region.columns, candidate.novelty)
        share, usual, copied_s, _, file = facts[3:8]
        job.tell(
            "/sda/prior/candidate", grid, number, candidate.likelihood, share, usual, copied_s, file
        )
    return grid, len(filled.candidates), seed


@command("/sda/prior/pick", returns="revision candidate")
def pick(
    context: Context,
    grid: GridName,
    candidate: Annotated[int, Spec("its number; 0 is what stood there before", 0, 16)],
) -> Results:
    """Put a candidate into the grid, to hear it at its next pass; 0 brings back what stood there.

    Another one takes its place. However many are tried, it is one step to undo. Something else that
    is edited in the grid ends it.
    """
    session = context.sessions[grid]
    context.takes.pick(session, candidate)
    return session.grid.revision, candidate


@command("/sda/prior/vary", returns="revision cells_changed novelty seed")
async def vary(
    context: Context,
    grid: GridName,
    region: GridRegion,
    amount: Annotated[float, Spec("0 keeps the region, 1 draws all of it anew", 0.0, 1.0)],
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
) -> Results:
    """Vary a region by an amount; the same region again moves on, like a slider.

    What 1 gives is drawn once, as by ``/sda/prior/infill``; on the way there every cell changes
    over at an amount of its own: more only adds, less brings the old codes back. Neighbours in time
    change over together, and finer levels first, so that little changes detail and much changes
    structure. Locked cells stay. As long as nothing else is edited in the grid, the amount counts
    from what stood there at first, the seed is that of the last time, and all of it is one step to
    undo. One that a later one of the grid overtakes is not carried out and answers -1 for cells,
    novelty and seed.
    """
    session = context.sessions[grid]
    loaded = with_prior(session.model)
    _check_width(region)
    async with context.takes.turn_of(session) as is_overtaken:
        if is_overtaken:
            return session.grid.revision, -1, -1.0, -1
        seed = drawing.seed
        if seed < 0:
            tried = context.takes.seed_of(session, region)
            seed = drawing.drawn_seed() if tried is None else tried
        place = context.takes.place(session, region, tried=True)
        options, files = drawing.options(loaded, seed), drawing.file_numbers(loaded)
        varied = await context.lanes.run(Vary(loaded.path, place, options, amount, files))
        if not isinstance(varied, Sampled):
            raise TypeError(f"varying was answered with {varied!r}")
        context.takes.put_in(session, region, place, varied.codes, seed=seed)
    before = place.codes[:, place.start : place.stop]
    n_changed = int((varied.codes != before).sum())
    return session.grid.revision, n_changed, varied.novelty.share, seed


@command("/sda/prior/lock", returns="grid level locked")
def lock(
    context: Context,
    grid: GridName,
    level: Level,
    on: Annotated[bool, Spec("1 locks, 0 frees")],
    column: Annotated[int, Spec("first column; -1 is the whole level", -1)] = -1,
    columns: Annotated[int, Spec("how many columns from there on", 1)] = 1,
) -> Results:
    """Let a level, or some cells of it, stay as they are in everything that the prior draws anew.

    They can still be edited, and what replaces whole columns (``/sda/prior/sample``, ``continue``,
    ``morph``) does not heed them. Locks of cells move with their columns. They last as long as the
    grid is open. Answers how many cells of the level are locked. Subscribers hear
    ``/sda/prior/locked <grid> <level> <on> <column> <columns>``.
    """
    session = context.sessions[grid]
    session.model.check_level(level)
    if column < 0:
        columns = session.grid.n_columns
        context.takes.lock_level(session, level, on=on)
    else:
        context.takes.lock(session, Region(level, 1, column, columns), on=on)
    context.clients.announce("/sda/prior/locked", grid, level, int(on), column, columns)
    return grid, level, int(context.takes.locked(session)[level].sum())


def _check_width(region: Region) -> None:
    if region.columns > MAX_FILLED:
        raise UsageError(
            f"columns is {region.columns}; the prior draws {MAX_FILLED} at once at the most. Take "
            "them in parts."
        )
