"""Where codes come from, and how that sounds: grid/source, code/source, play/source."""

from typing import Annotated

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio.tasks.sounds import FindSource, FindUsers, ReadSource, SoundRead, Source, Sources

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from ..sessions import Session
from ..wire import Argument
from .parameters import Code, Column, Columns, GridName, Level, ModelName

MAX_PLACES = 8
"""Places in one answer: their names may be long, and a datagram must hold them."""

Count = Annotated[int, Spec("how many places", 1, MAX_PLACES)]


@command("/sda/grid/source", returns="places file second distance ...", job=True)
async def grid_source(
    context: Context,
    job: Job,
    grid: GridName,
    column: Column,
    columns: Columns = 1,
    count: Count = 3,
) -> Results:
    """Ask where in the training sounds a column or a region comes from.

    All training sounds are searched for the places that are most like it, on all levels. Answers
    how many were found and, for each, the file, where it begins there in seconds, and its distance:
    0 is the very same codes. It is measured as by ``/sda/blend/set``. No two places share a moment.
    A region may begin before its file (then the second is negative) or go on behind it. 512 columns
    at the most.
    """
    session = context.sessions[grid]
    request = _search(session, column, columns, count)
    found = await job.run(request)
    if not isinstance(found, Sources):
        raise TypeError(f"a search was answered with {found!r}")
    return _told(found)


@command("/sda/code/source", returns="places file second distance ...")
async def code_source(
    context: Context, model: ModelName, level: Level, code: Code, count: Count = 3
) -> Results:
    """Ask which moments of the training sounds a code is most typical of.

    Of all columns that have the code on this level, these are nearest to their mean. Answers how
    many there are and, for each, the file, the second, and its distance from the mean; no place
    means that no training sound uses the code.
    """
    loaded = context.library.model(model)
    loaded.check_level(level)
    loaded.check_code(code)
    found = await context.lanes.run(FindUsers(loaded.path, level, code, count))
    if not isinstance(found, Sources):
        raise TypeError(f"a search was answered with {found!r}")
    return _told(found)


@command("/sda/play/source", returns="file second distance")
async def play_source(
    context: Context,
    grid: GridName,
    column: Column,
    columns: Columns = 1,
    which: Annotated[int, Spec("0 is the most alike, 1 the next", 0, MAX_PLACES - 1)] = 0,
    seconds: Annotated[float, Spec("how long; 0 is as long as the region", 0.0, 60.0, "s")] = 0.0,
) -> Results:
    """Hear where a column or a region comes from: that part of the training file itself.

    Answers what ``/sda/grid/source`` tells of it. The file must be where it was when the model was
    trained, and as it was.
    """
    session = context.sessions[grid]
    header, model = session.model.header, session.model.path
    found = await context.lanes.run(_search(session, column, columns, which + 1))
    if not isinstance(found, Sources):
        raise TypeError(f"a search was answered with {found!r}")
    if which >= len(found.places):
        raise UsageError(f"which is {which}, but there are only {len(found.places)} places.")
    place = found.places[which]
    if place.path:
        context.settings.folders.readable(str(place.path))
    rate = header.codec.sample_rate
    length = round(seconds * rate) or columns * header.codec.column_length
    read = await context.lanes.run(
        ReadSource(model, place.file, round(place.second * rate), length)
    )
    if not isinstance(read, SoundRead):
        raise TypeError(f"reading a sound was answered with {read!r}")
    await context.transport.play_once(read.audio, rate)
    return place.name, place.second, place.distance


def _search(session: Session, column: int, columns: int, count: int) -> FindSource:
    codes = session.grid.read(Region(0, session.grid.n_levels, column, columns))
    return FindSource(session.model.path, codes, count)


def _told(found: Sources) -> Results:
    def facts(place: Source) -> tuple[Argument, ...]:
        return place.name, place.second, place.distance

    return len(found.places), *(fact for place in found.places for fact in facts(place))
